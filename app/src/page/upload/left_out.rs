//! Files that were collected and are not sent, with the reasons; the others are on their way meanwhile.

use leptos::prelude::*;

use super::review::reasons;
use crate::engine::{Engine, Intake};
use crate::erase::{Erase, part_if, text};
use crate::part::icon;
use crate::text::use_words;

pub(super) fn left_out() -> AnyView {
    let engine = Engine::here();
    let words = use_words();
    view! {
        {part_if(move || {
            let count = u64::from(engine.refused.get());
            let serious = engine.intake.with_value(Intake::asks);
            match (count, serious) {
                (0, _) => None,
                (_, false) => {
                    Some(view! { <p class="quiet small">{text(move || (words().junk_left_out)(count))}</p> }.erase())
                }
                (_, true) => {
                    Some(
                        view! {
                            <section class="left-out" data-testid="left-out">
                                <h2 class="left-out-title">
                                    {icon("alert")} <span>{text(move || (words().left_out)(count))}</span>
                                </h2>
                                {reasons()}
                            </section>
                        }
                            .erase(),
                    )
                }
            }
        })}
    }
    .erase()
}
