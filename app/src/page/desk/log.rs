//! The audit log.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Desk, sheet};
use crate::desk::audit::{AUDIT_PAGE, AuditLine, AuditQuestion};
use crate::engine::Engine;
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, button, send, what_went_wrong};
use crate::part::{icon, instant, say};
use crate::receipt_file::log_as_csv;
use crate::rpc::desk::audit_log;
use crate::text::use_words;

type Log = Desk<Vec<AuditLine>>;

pub(crate) fn log_page() -> AnyView {
    sheet(
        |w| w.desk.log,
        |w| w.desk.log_what,
        || {
            let desk = Desk::opened(|| audit_log(AuditQuestion::default()));
            let asked = RwSignal::new(AuditQuestion::default());
            desk.show(move |lines| whole(desk, asked, lines))
        },
    )
}

fn whole(desk: Log, asked: RwSignal<AuditQuestion>, lines: &[AuditLine]) -> AnyView {
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let question = AuditQuestion { about: Some(entered.text("about")), ..AuditQuestion::default() };
        asked.set(question.clone());
        desk.act(audit_log(question), || {});
    };
    let older = (lines.len() >= AUDIT_PAGE).then(|| {
        let before = lines.last().map(|line| line.id);
        let run = move || {
            let question = AuditQuestion { before, ..asked.get_untracked() };
            desk.act(audit_log(question), || {});
        };
        button(|w| w.desk.older, "button", desk.busy, Box::new(run))
    });
    let none = lines.is_empty();
    let rows = lines.iter().map(row).collect_view();
    let about = asked.with_untracked(|question| question.about.clone()).unwrap_or_default();
    view! {
        <form class="form form-line" on:submit=submit role="search">
            {Field::text("about", |w| w.desk.about, about).of_kind("search").draw()}
            {send(|w| w.desk.show, desk.busy)}
            {export(desk, asked)}
        </form>
        {what_went_wrong(desk.refused)}
        {none.then(|| view! { <p class="quiet">{say(|w| w.desk.nothing_logged)}</p> })}
        <div class="table-frame" tabindex="0" role="region" aria-label=say(|w| w.desk.log)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{say(|w| w.desk.when)}</th>
                        <th scope="col">{say(|w| w.desk.who_did)}</th>
                        <th scope="col">{say(|w| w.desk.did)}</th>
                        <th scope="col">{say(|w| w.desk.to_what)}</th>
                        <th scope="col">{say(|w| w.desk.detail)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
    .erase()
}

fn row(line: &AuditLine) -> AnyView {
    let words = use_words();
    let action = line.action.clone();
    view! {
        <tr data-testid="log-line">
            <td>{instant(line.at)}</td>
            <td>{line.who.clone()} " " <span class="quiet">{line.via.clone()}</span></td>
            <td>{text(move || (words().desk.action)(&action))}</td>
            <th scope="row">{line.subject.clone()}</th>
            <td class="quiet">{line.detail.clone()}</td>
        </tr>
    }
    .erase()
}

/// Saves all that was asked for, page by page.
fn export(desk: Log, asked: RwSignal<AuditQuestion>) -> AnyView {
    let port = Engine::here().port();
    let run = move |_| {
        desk.busy.set(true);
        spawn_local(async move {
            let mut all: Vec<AuditLine> = Vec::new();
            let mut question = asked.get_untracked();
            loop {
                match audit_log(question.clone()).await {
                    Ok(page) => {
                        let last = page.len() < AUDIT_PAGE;
                        question.before = page.last().map(|line| line.id);
                        all.extend(page);
                        if last {
                            break;
                        }
                    }
                    Err(error) => {
                        desk.refused.try_set(Some(error));
                        break;
                    }
                }
            }
            desk.busy.try_set(false);
            if let Some(port) = port {
                port.save("sluice-log.csv", "text/csv;charset=utf-8", &log_as_csv(&all));
            }
        });
    };
    view! {
        <button class="button" type="button" on:click=run>
            {icon("download")}
            "CSV"
        </button>
    }
    .erase()
}
