//! Projects: where uploads go, what they take, and who may use them.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use transfer::wire::{GrantKind, KeyTemplate, ProjectId, Relay, Rules};

use super::quota::{self, decimal};
use super::{Desk, key_template, sheet};
use crate::desk::Quota;
use crate::desk::projects::{
    Access, ProjectCard, ProjectSettings, ProjectsAction, ProjectsDesk, RetentionRule, RuleState,
};
use crate::erase::{Erase, text};
use crate::form::{Entered, Field, button, choice, option, send, what_went_wrong};
use crate::part::{icon, say};
use crate::rpc::desk::projects_desk;
use crate::text::{figure, use_words};

const MEGABYTE: u64 = 1_000_000;

type Projects = Desk<ProjectsDesk>;

/// What the page shows: the list, or a form.
#[derive(Clone, PartialEq, Eq)]
enum Editing {
    Nothing,
    New,
    Project(ProjectId),
    Retention(ProjectId),
}

pub(crate) fn projects_page() -> AnyView {
    sheet(
        |w| w.desk.projects,
        |w| w.desk.projects_what,
        || {
            let desk = Desk::opened(|| projects_desk(ProjectsAction::Look));
            let editing = RwSignal::new(Editing::Nothing);
            desk.show(move |shown| match editing.get() {
                Editing::Nothing => list(desk, editing, shown),
                Editing::New => form(desk, editing, shown, None),
                Editing::Project(id) => {
                    let card = shown.projects.iter().find(|project| project.id == id);
                    form(desk, editing, shown, card)
                }
                Editing::Retention(id) => {
                    let rule = shown.retention.as_ref().filter(|rule| rule.project == id);
                    rule.map_or_else(|| list(desk, editing, shown), |rule| retention(desk, editing, rule))
                }
            })
        },
    )
}

fn list(desk: Projects, editing: RwSignal<Editing>, shown: &ProjectsDesk) -> AnyView {
    let lines = shown.projects.iter().map(|project| line(desk, editing, project)).collect_view();
    let new = move || {
        desk.refused.set(None);
        editing.set(Editing::New);
    };
    view! {
        {what_went_wrong(desk.refused)}
        <ul class="desk-list">{lines}</ul>
        {button(|w| w.desk.new_project, "button button-primary", desk.busy, Box::new(new))}
    }
    .erase()
}

fn line(desk: Projects, editing: RwSignal<Editing>, project: &ProjectCard) -> AnyView {
    let words = use_words();
    let (files, bytes) = (project.files, project.bytes);
    let (access, members) = (project.settings.access, project.settings.members.len() as u64);
    let who = text(move || match access {
        Access::Everyone => words().desk.everyone.to_owned(),
        Access::Members => (words().desk.member_count)(members),
    });
    let archived = project.archived_at.is_some();
    let images = format!("/projects/{}/images", project.id);
    let (edited, switched) = (project.id.clone(), project.id.clone());
    let edit = move || {
        desk.refused.set(None);
        editing.set(Editing::Project(edited.clone()));
    };
    let asked = project.id.clone();
    let ask = move || {
        let (id, shown) = (asked.clone(), asked.clone());
        desk.act(projects_desk(ProjectsAction::Retention { id }), move || {
            editing.set(Editing::Retention(shown));
        });
    };
    let keep_days = project.settings.keep_days;
    let kept =
        keep_days.map(|_| view! { <span>{text(move || (words().desk.kept)(keep_days))}</span> }.erase());
    let unwritten = (keep_days.is_some() && !project.rule_seen).then(|| {
        view! { <span class="badge badge-open">{icon("alert")} {say(|w| w.desk.rule_unseen)}</span> }.erase()
    });
    let switch = move || {
        let id = switched.clone();
        let action = if archived { ProjectsAction::Restore { id } } else { ProjectsAction::Archive { id } };
        desk.act(projects_desk(action), || {});
    };
    let switch_label: crate::form::Pick = if archived { |w| w.desk.restore } else { |w| w.desk.archive };
    view! {
        <li class="desk-line" data-testid="project">
            <div class="desk-line-what">
                <strong>{project.settings.name.clone()}</strong>
                <span class="quiet">
                    {icon("folder")} " " <code>{project.settings.prefix.clone()} "/"</code>
                </span>
            </div>
            <span class="desk-line-facts quiet small">
                <span>{who}</span>
                <span>{text(move || (words().desk.holds)(files, &figure::bytes(bytes)))}</span>
                {quota::today(project.today)}
                {kept}
            </span>
            {unwritten}
            {archived
                .then(|| view! { <span class="badge badge-warn">{icon("pause")} {say(|w| w.desk.archived)}</span> })}
            <div class="actions">
                <a class="button button-small" href=images>
                    {say(|w| w.gallery.images)}
                </a>
                {button(|w| w.desk.edit, "button button-small", desk.busy, Box::new(edit))}
                {button(|w| w.desk.retention, "button button-small", desk.busy, Box::new(ask))}
                {button(switch_label, "button button-small", desk.busy, Box::new(switch))}
            </div>
        </li>
    }
    .erase()
}

/// What was decided, what the bucket says, and what writing it does.
fn retention(desk: Projects, editing: RwSignal<Editing>, rule: &RetentionRule) -> AnyView {
    let words = use_words();
    let keep_days = rule.keep_days;
    let (class, symbol) = match rule.state {
        RuleState::Same => ("notice notice-good", "check"),
        _ => ("notice notice-bad", "alert"),
    };
    let said = rule.clone();
    let state = text(move || (words().desk.rule_state)(&said));
    let others = (!rule.others.is_empty()).then(|| {
        let others = rule.others.join(", ");
        let warning = text(move || (words().desk.rule_others)(&others));
        view! {
            <div class="notice notice-bad" role="status">
                {icon("alert")} <p>{warning}</p>
            </div>
        }
        .erase()
    });
    let writable = matches!(rule.state, RuleState::Missing | RuleState::Otherwise { .. });
    let does = writable.then(|| {
        let said = rule.clone();
        view! { <p>{text(move || (words().desk.write_rule_what)(&said))}</p> }.erase()
    });
    let written = rule.clone();
    let write = move || {
        let sure = (untrack(words).desk.write_rule_what)(&written);
        if window().confirm_with_message(&sure).unwrap_or_default() {
            let action = ProjectsAction::WriteRetention { id: written.project.clone(), keep_days };
            desk.act(projects_desk(action), || {});
        }
    };
    let write =
        writable.then(|| button(|w| w.desk.write_rule, "button button-primary", desk.busy, Box::new(write)));
    let id = rule.project.clone();
    let again = move || desk.act(projects_desk(ProjectsAction::Retention { id: id.clone() }), || {});
    let leave = move || {
        desk.refused.set(None);
        editing.set(Editing::Nothing);
    };
    view! {
        <div class="form" data-testid="retention">
            <h2>{say(|w| w.desk.retention)} {format!(" · {}", rule.project)}</h2>
            <p>
                {icon("folder")} " " <code>{rule.folder.clone()}</code> " · "
                {text(move || (words().desk.kept)(keep_days))}
            </p>
            <div class=class role="status" data-testid="rule-state">
                {icon(symbol)}
                <p>{state}</p>
            </div>
            {others}
            {does}
            {rule.rule.clone().map(|rule| view! { <pre tabindex="0">{rule}</pre> })}
            {what_went_wrong(desk.refused)}
            <div class="actions">
                {write}
                {button(|w| w.desk.examine_again, "button", desk.busy, Box::new(again))}
                {button(|w| w.desk.back, "button", desk.busy, Box::new(leave))}
            </div>
        </div>
    }
    .erase()
}

fn form(
    desk: Projects,
    editing: RwSignal<Editing>,
    shown: &ProjectsDesk,
    card: Option<&ProjectCard>,
) -> AnyView {
    let now = card.map_or_else(blank, |card| card.settings.clone());
    let id = card.map(|card| card.id.clone());
    let count = shown.projects.len();
    let known = id.clone();
    let submit = move |event: SubmitEvent| {
        let Some(entered) = Entered::of(&event) else { return };
        let id = known.clone().or_else(|| id_for(&entered, count));
        let Some(id) = id else { return };
        let settings = settings(&entered, &id);
        let action = match known {
            Some(_) => ProjectsAction::Change { id, settings },
            None => ProjectsAction::Create { id, settings },
        };
        desk.act(projects_desk(action), move || editing.set(Editing::Nothing));
    };
    let leave = move || {
        desk.refused.set(None);
        editing.set(Editing::Nothing);
    };
    let title: crate::form::Pick = if id.is_some() { |w| w.desk.edit } else { |w| w.desk.new_project };
    let grants = vec![
        option("credentials", |w| w.desk.credentials),
        option("post_policy", |w| w.desk.post_policy),
        option("signed_urls", |w| w.desk.signed_urls),
    ];
    let grant = match now.grant {
        GrantKind::Credentials => "credentials",
        GrantKind::PostPolicy => "post_policy",
        GrantKind::SignedUrls => "signed_urls",
    };
    let who = vec![option("members", |w| w.desk.members_only), option("everyone", |w| w.desk.everyone)];
    let access = if now.access == Access::Everyone { "everyone" } else { "members" };
    let kept = now.keep_days.map(|days| days.to_string()).unwrap_or_default();
    let number = |name, label, value: String| Field::text(name, label, value).of_kind("number");
    view! {
        <form class="form" on:submit=submit data-testid="project-form">
            <h2>{say(title)} {id.as_ref().map(|id| format!(" · {id}"))}</h2>
            <div class="form-pair">
                {Field::text("name", |w| w.name, now.name).required().draw()}
                {id
                    .is_none()
                    .then(|| Field::text("id", |w| w.desk.id, String::new()).hint(|w| w.desk.id_what).draw())}
                {Field::text("prefix", |w| w.desk.prefix, now.prefix).hint(|w| w.desk.prefix_what).draw()}
                {Field::text("types", |w| w.desk.types, now.rules.media_types.join(", "))
                    .hint(|w| w.desk.types_what)
                    .draw()}
                {number("smallest", |w| w.desk.smallest, now.rules.min_size.to_string()).required().draw()}
                {number("largest", |w| w.desk.largest, decimal(now.rules.max_size, MEGABYTE)).required().draw()}
                {number("most", |w| w.desk.most_files, now.rules.max_items.to_string()).required().draw()}
                {choice("grant", |w| w.desk.grant, grants, grant)}
                {quota::in_all(now.quota)}
                {quota::daily(now.daily_quota)}
                {choice("access", |w| w.desk.who, who, access)}
                {number("keep-days", |w| w.desk.keep_days, kept).hint(|w| w.desk.keep_days_what).draw()}
            </div>
            {key_template::field(now.key_template)}
            <label class="tick">
                <input type="checkbox" name="thumbnails" value="yes" checked=now.thumbnails />
                {say(|w| w.desk.thumbnails)}
            </label>
            <label class="tick">
                <input type="checkbox" name="relay" value="yes" checked=now.relay == Relay::WhenBlocked />
                {say(|w| w.desk.relay)}
            </label>
            {members(&shown.people, &now.members)}
            {what_went_wrong(desk.refused)}
            <div class="actions">
                {send(|w| w.desk.save, desk.busy)}
                {button(|w| w.desk.back, "button", desk.busy, Box::new(leave))}
            </div>
        </form>
    }
    .erase()
}

fn members(people: &[String], members: &[String]) -> AnyView {
    let boxes = people
        .iter()
        .map(|name| {
            let ticked = members.contains(name);
            view! {
                <label class="tick">
                    <input type="checkbox" name="member" value=name.clone() checked=ticked />
                    {name.clone()}
                </label>
            }
            .erase()
        })
        .collect_view();
    view! {
        <fieldset class="ticks">
            <legend>{say(|w| w.desk.members)}</legend>
            {boxes}
        </fieldset>
    }
    .erase()
}

fn settings(entered: &Entered, id: &ProjectId) -> ProjectSettings {
    let prefix = entered.text("prefix");
    let types = entered.text("types");
    ProjectSettings {
        name: entered.text("name"),
        prefix: if prefix.is_empty() { id.to_string() } else { prefix },
        key_template: entered.text("key-template"),
        rules: Rules {
            media_types: types
                .split(',')
                .map(|kind| kind.trim().to_owned())
                .filter(|kind| !kind.is_empty())
                .collect(),
            min_size: entered.number("smallest").unwrap_or_default(),
            max_size: entered.amount("largest", MEGABYTE).unwrap_or_default(),
            max_items: entered.number("most").and_then(|most| u32::try_from(most).ok()).unwrap_or_default(),
        },
        grant: match entered.text("grant").as_str() {
            "post_policy" => GrantKind::PostPolicy,
            "signed_urls" => GrantKind::SignedUrls,
            _ => GrantKind::Credentials,
        },
        access: if entered.text("access") == "everyone" { Access::Everyone } else { Access::Members },
        members: entered.all("member"),
        quota: quota::in_all_entered(entered),
        daily_quota: quota::daily_entered(entered),
        thumbnails: !entered.text("thumbnails").is_empty(),
        relay: if entered.text("relay").is_empty() { Relay::Never } else { Relay::WhenBlocked },
        // What is no number of days is refused by the server, not taken for ever.
        keep_days: Some(entered.text("keep-days"))
            .filter(|days| !days.is_empty())
            .map(|days| days.parse().unwrap_or_default()),
    }
}

/// The id that was entered, or else one made from the name; for a name in another script, from how many there are.
fn id_for(entered: &Entered, count: usize) -> Option<ProjectId> {
    let said = entered.text("id");
    let text = if said.is_empty() { entered.text("name") } else { said };
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let id = if plain.is_empty() { format!("project-{}", count + 1) } else { plain };
    ProjectId::try_from(id).ok()
}

fn blank() -> ProjectSettings {
    ProjectSettings {
        name: String::new(),
        prefix: String::new(),
        key_template: KeyTemplate::default().to_string(),
        rules: Rules::default(),
        grant: GrantKind::Credentials,
        access: Access::Members,
        members: Vec::new(),
        quota: Quota::default(),
        daily_quota: Quota::default(),
        thumbnails: true,
        relay: Relay::Never,
        keep_days: None,
    }
}
