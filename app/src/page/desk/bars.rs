//! Small pictures of figures. Drawn as SVG from numbers alone: a style of its own would not pass the page's policy.

use leptos::prelude::*;

use crate::erase::Erase;

/// One bar: how much of the most, and how much of that is of today.
pub(super) fn bar(amount: u64, part: u64, most: u64) -> AnyView {
    let wide = |amount: u64| amount as f64 * 100.0 / most.max(1) as f64;
    let drawn = format!(
        "<rect class=\"bar-all\" width=\"{:.2}\" height=\"4\" rx=\"1\"/>\
         <rect class=\"bar-part\" width=\"{:.2}\" height=\"4\" rx=\"1\"/>",
        wide(amount),
        wide(part),
    );
    view! {
        <svg class="bar-line" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" inner_html=drawn />
    }
    .erase()
}

/// A column for each amount; what it shows is said in words beside it.
pub(super) fn columns(amounts: &[u64]) -> AnyView {
    let most = amounts.iter().copied().max().unwrap_or_default().max(1);
    let drawn: String = amounts
        .iter()
        .enumerate()
        .map(|(place, amount)| {
            // What is little is still to be seen.
            let high = if *amount == 0 { 0.6 } else { (*amount as f64 * 40.0 / most as f64).max(1.5) };
            let class = if *amount == 0 { "bar-none" } else { "bar-part" };
            let (x, y) = (place * 10, 40.0 - high);
            format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y:.2}\" width=\"8\" height=\"{high:.2}\" rx=\"1\"/>"
            )
        })
        .collect();
    let view_box = format!("0 0 {} 40", amounts.len() * 10);
    view! {
        <svg class="bar-columns" viewBox=view_box preserveAspectRatio="none" aria-hidden="true" inner_html=drawn />
    }
    .erase()
}
