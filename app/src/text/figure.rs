//! Numbers, sizes, durations and instants, the same on the server and in the browser.

use transfer::wire::UnixMillis;

use super::Language;

/// A count with groups of three: `12,345`. Both languages write it so.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in decimal units, as disks and cameras count: `840 kB`, `3.2 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} B");
    };
    let tenths = bytes / (unit / 10);
    if name == "kB" || tenths >= 1_000 {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// A duration in its two largest units: `2 min 5 s`.
pub(crate) fn duration(language: Language, seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (language, hours, minutes) {
        (Language::English, 0, 0) => format!("{rest} s"),
        (Language::English, 0, _) => format!("{minutes} min {rest} s"),
        (Language::English, ..) => format!("{hours} h {minutes} min"),
        (Language::Japanese, 0, 0) => format!("{rest}秒"),
        (Language::Japanese, 0, _) => format!("{minutes}分{rest}秒"),
        (Language::Japanese, ..) => format!("{hours}時間{minutes}分"),
    }
}

/// An instant, on a clock that is so many minutes ahead of UTC; without that, in UTC, and saying so.
pub(crate) fn instant(language: Language, at: UnixMillis, offset: Option<i32>) -> String {
    let shifted = at.0.saturating_add_signed(i64::from(offset.unwrap_or_default()) * 60_000);
    let (year, month, day) = date(shifted / 86_400_000);
    let (hour, minute) = (shifted / 3_600_000 % 24, shifted / 60_000 % 60);
    let zone = if offset.is_none() { " UTC" } else { "" };
    match language {
        Language::English => {
            const MONTHS: [&str; 12] =
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let month = MONTHS[(month as usize + 11) % 12];
            format!("{day} {month} {year}, {hour:02}:{minute:02}{zone}")
        }
        Language::Japanese => format!("{year}年{month}月{day}日 {hour:02}:{minute:02}{zone}"),
    }
}

/// An instant as ISO 8601 in UTC, to the second.
pub(crate) fn iso(at: UnixMillis) -> String {
    let (year, month, day) = date(at.0 / 86_400_000);
    let (hour, minute, second) = (at.0 / 3_600_000 % 24, at.0 / 60_000 % 60, at.0 / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The Gregorian date of a day counted from 1 January 1970 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`, for days that are not before it).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(
            [count(0), count(999), count(1_000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [999, 1_000, 840_999, 3_249_999, 240_000_000, 5_000_000_000].map(bytes),
            ["999 B", "1 kB", "840 kB", "3.2 MB", "240 MB", "5.0 GB"]
        );
        assert_eq!(duration(Language::English, 125), "2 min 5 s");
        assert_eq!(duration(Language::Japanese, 7_260), "2時間1分");
    }

    #[test]
    fn dates_are_right_around_leap_days_and_zones() {
        // date -u -d '2024-02-29 23:30' +%s
        let leap = UnixMillis(1_709_249_400_000);
        assert_eq!(iso(leap), "2024-02-29T23:30:00Z");
        assert_eq!(instant(Language::English, leap, None), "29 Feb 2024, 23:30 UTC");
        assert_eq!(instant(Language::Japanese, leap, Some(540)), "2024年3月1日 08:30");
        assert_eq!(iso(UnixMillis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(iso(UnixMillis(4_107_542_399_000)), "2100-02-28T23:59:59Z");
    }
}
