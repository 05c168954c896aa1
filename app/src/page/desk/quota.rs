//! The fields of a quota, in all and a day, and what is used of it.

use leptos::prelude::*;

use crate::desk::{Quota, Used};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, Pick};
use crate::text::{figure, use_words};

const GIGABYTE: u64 = 1_000_000_000;

/// Two fields, for what is taken in all.
pub(super) fn in_all(quota: Quota) -> AnyView {
    view! {
        {whole("quota-files", |w| w.desk.quota_files, quota.files)}
        {size("quota-size", |w| w.desk.quota_size, quota.bytes)}
    }
    .erase()
}

/// Two fields, for what is taken a day.
pub(super) fn daily(quota: Quota) -> AnyView {
    view! {
        {whole("daily-files", |w| w.desk.daily_files, quota.files)}
        {size("daily-size", |w| w.desk.daily_size, quota.bytes)}
    }
    .erase()
}

/// What was entered to be taken in all.
pub(super) fn in_all_entered(entered: &Entered) -> Quota {
    Quota { files: entered.number("quota-files"), bytes: entered.amount("quota-size", GIGABYTE) }
}

/// What was entered to be taken a day.
pub(super) fn daily_entered(entered: &Entered) -> Quota {
    Quota { files: entered.number("daily-files"), bytes: entered.amount("daily-size", GIGABYTE) }
}

/// What was taken today, if anything was.
pub(super) fn today(used: Used) -> Option<AnyView> {
    let words = use_words();
    (used.files > 0).then(|| {
        let line = move || (words().desk.today_took)(used.files, &figure::bytes(used.bytes));
        view! { <span>{text(line)}</span> }.erase()
    })
}

fn whole(name: &'static str, label: Pick, files: Option<u64>) -> AnyView {
    field(name, label, files.map(|files| files.to_string()))
}

fn size(name: &'static str, label: Pick, bytes: Option<u64>) -> AnyView {
    field(name, label, bytes.map(|bytes| decimal(bytes, GIGABYTE)))
}

fn field(name: &'static str, label: Pick, value: Option<String>) -> AnyView {
    Field::text(name, label, value.unwrap_or_default()).of_kind("number").hint(|w| w.desk.no_limit).draw()
}

/// So many of a unit, as a number field takes it.
pub(super) fn decimal(bytes: u64, unit: u64) -> String {
    let (whole, rest) = (bytes / unit, bytes % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    format!("{whole}.{rest:0digits$}").trim_end_matches('0').to_owned()
}
