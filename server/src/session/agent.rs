//! What a browser says it is, in two words for people.

/// A browser and its system, as far as they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Agent {
    /// The browser.
    pub(super) browser: Option<&'static str>,
    /// What it runs on.
    pub(super) system: Option<&'static str>,
}

/// What tells a browser. Most also call themselves what they want to be taken for, so the first that fits counts.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

impl Agent {
    /// Reads a `User-Agent` header (RFC 9110, section 10.1.5).
    pub(super) fn of(header: &str) -> Self {
        let first = |known: &[(&str, &'static str)]| {
            known.iter().find(|(mark, _)| header.contains(mark)).map(|(_, name)| *name)
        };
        Self { browser: first(&BROWSERS), system: first(&SYSTEMS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_though_they_imitate_each_other() {
        let told = |header| {
            let Agent { browser, system } = Agent::of(header);
            (browser.unwrap_or("?"), system.unwrap_or("?"))
        };
        for (header, wanted) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                ("Chrome", "Linux"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                ("Edge", "Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
                ("Safari", "macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                ("Chrome", "iPhone"),
            ),
            ("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", ("Firefox", "Android")),
            ("curl/8.14.1", ("curl", "?")),
            ("", ("?", "?")),
        ] {
            assert_eq!(told(header), wanted, "{header}");
        }
    }
}
