//! What admins decide, and the log of it.

use ledger::{
    Access, Action, Announced, Asks, AuditFilter, Guest, Holding, KeepDays, LedgerError, LinkUse, NewLink,
    NewPerson, ProjectDraft, Quota, Retention, Role, Sha256Hash,
};
use transfer::wire::{GrantKind, KeyTemplate, Relay, Rules};

use crate::scene::{NOW, Scene, deed, item, later};

pub(crate) fn draft(prefix: &str) -> ProjectDraft {
    ProjectDraft {
        thumbnails: true,
        relay: Relay::Never,
        name: "Weddings".to_owned(),
        prefix: prefix.to_owned(),
        key_template: KeyTemplate::default(),
        rules: Rules::default(),
        grant: GrantKind::SignedUrls,
        access: Access::Members,
        quota: Quota::default(),
        daily_quota: Quota::default(),
        retention: Retention::ForEver,
        members: Vec::new(),
    }
}

#[tokio::test]
async fn a_retention_is_held_until_it_is_decided_anew() {
    let scene = Scene::new().await;
    let projects = scene.ledger.projects();
    let id = "weddings".parse().unwrap();
    let keep = |days| Retention::Days(KeepDays::new(days).unwrap());
    let with = |prefix, retention| ProjectDraft { retention, ..draft(prefix) };
    projects.create(deed(NOW), &id, with("weddings", keep(30))).await.unwrap();
    let found = async || {
        let project = projects.get(&id).await.unwrap().unwrap();
        (project.retention, project.holding)
    };
    assert_eq!(found().await, (keep(30), Holding::Unseen));

    // What was seen of another decision counts for nothing.
    projects.set_holding(&id, "weddings", keep(31), Holding::Seen).await.unwrap();
    projects.set_holding(&id, "other", keep(30), Holding::Seen).await.unwrap();
    projects.set_holding(&id, "weddings", Retention::ForEver, Holding::Seen).await.unwrap();
    assert_eq!(found().await, (keep(30), Holding::Unseen));
    projects.set_holding(&id, "weddings", keep(30), Holding::Seen).await.unwrap();
    assert_eq!(found().await, (keep(30), Holding::Seen));

    projects.change(deed(NOW), &id, with("weddings", keep(30))).await.unwrap();
    assert_eq!(found().await, (keep(30), Holding::Seen), "nothing about it was changed");
    projects.change(deed(NOW), &id, with("feasts", keep(30))).await.unwrap();
    assert_eq!(found().await, (keep(30), Holding::Unseen), "the rule is for another prefix");
    projects.set_holding(&id, "feasts", keep(30), Holding::Seen).await.unwrap();
    projects.change(deed(NOW), &id, with("feasts", Retention::ForEver)).await.unwrap();
    assert_eq!(found().await, (Retention::ForEver, Holding::Unseen));
    assert_eq!((KeepDays::new(0), KeepDays::new(36_501)), (None, None));
}

#[tokio::test]
async fn a_prefix_tells_whose_batches_are_below_it() {
    let (scene, _) = Scene::with_batch().await;
    let projects = scene.ledger.projects();
    let id = "weddings".parse().unwrap();
    let default = "default".parse().unwrap();
    projects.change(deed(NOW), &default, draft("moved")).await.unwrap();
    projects.create(deed(NOW), &id, draft("photos")).await.unwrap();
    assert_eq!(projects.others_below(&id, "photos").await.unwrap(), ["default"]);
    assert_eq!(projects.others_below(&default, "photos").await.unwrap(), Vec::<String>::new());
    // `_` is no wildcard, and a name that only begins alike is another folder.
    for other in ["phot_s", "photo"] {
        assert_eq!(projects.others_below(&id, other).await.unwrap(), Vec::<String>::new(), "{other}");
    }
}

#[tokio::test]
async fn somebody_is_always_an_admin() {
    let scene = Scene::new().await;
    let people = scene.ledger.people();
    let admin = |name: &str| NewPerson {
        name: name.to_owned(),
        role: Role::Admin,
        password_hash: None,
        created_at: NOW,
    };
    let ada = people.create(admin("Ada")).await.unwrap();
    for refused in [
        people.set_disabled(deed(NOW), ada.id, true).await,
        people.set_role(deed(NOW), ada.id, Role::Uploader).await,
    ] {
        assert!(matches!(refused, Err(LedgerError::LastAdmin)));
    }
    let eve = people.create(admin("Eve")).await.unwrap();
    people.set_disabled(deed(NOW), ada.id, true).await.unwrap();
    let gone = people.get(ada.id).await.unwrap().unwrap();
    assert!(gone.disabled && gone.session_epoch != ada.session_epoch, "the sessions ended, too");
    assert!(matches!(people.set_disabled(deed(NOW), eve.id, true).await, Err(LedgerError::LastAdmin)));
    people.set_disabled(deed(NOW), ada.id, false).await.unwrap();
    people.set_role(deed(NOW), eve.id, Role::Uploader).await.unwrap();
    assert_eq!(people.get(eve.id).await.unwrap().unwrap().role, Role::Uploader);
}

#[tokio::test]
async fn projects_never_share_a_folder() {
    let scene = Scene::new().await;
    let projects = scene.ledger.projects();
    let id = |text: &str| text.parse().unwrap();
    projects.create(deed(NOW), &id("weddings"), draft("studio/weddings")).await.unwrap();
    for taken in ["photos", "photos/2026", "studio", "studio/weddings/anna"] {
        let refused = projects.create(deed(NOW), &id("another"), draft(taken)).await;
        assert!(matches!(refused, Err(LedgerError::ProjectTaken(_))), "{taken}");
        let refused = projects.change(deed(NOW), &id("weddings"), draft("photos/x")).await;
        assert!(matches!(refused, Err(LedgerError::ProjectTaken(_))));
    }
    projects.create(deed(NOW), &id("another"), draft("studio/weddings-2")).await.unwrap();
    projects.change(deed(NOW), &id("weddings"), draft("studio/weddings")).await.unwrap();
    let again = projects.create(deed(NOW), &id("weddings"), draft("elsewhere")).await;
    assert!(matches!(again, Err(LedgerError::ProjectTaken(_))));
    let nowhere = projects.change(deed(NOW), &id("nowhere"), draft("elsewhere")).await;
    assert!(matches!(nowhere, Err(LedgerError::NoSuchProject(_))));
}

#[tokio::test]
async fn a_project_has_the_members_that_it_was_given_last() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let projects = scene.ledger.projects();
    let id = "weddings".parse().unwrap();
    let of = |members: &[&ledger::PersonRecord]| ProjectDraft {
        members: members.iter().map(|person| person.id).collect(),
        ..draft("weddings")
    };
    projects.create(deed(NOW), &id, of(&[&ada])).await.unwrap();
    assert!(projects.is_member(&id, ada.id).await.unwrap());
    assert!(!projects.is_member(&id, bob.id).await.unwrap());
    projects.change(deed(NOW), &id, of(&[&bob])).await.unwrap();
    let members = projects.members().await.unwrap();
    let names: Vec<&str> = members["weddings"].iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["Bob"]);
    let nobody = ProjectDraft { members: vec![ledger::PersonId(999)], ..draft("weddings") };
    assert!(matches!(projects.change(deed(NOW), &id, nobody).await, Err(LedgerError::NoSuchPerson)));
    assert!(projects.is_member(&id, bob.id).await.unwrap(), "all or nothing");

    projects.set_archived(deed(later(5)), &id, true).await.unwrap();
    assert_eq!(projects.get(&id).await.unwrap().unwrap().archived_at, Some(later(5)));
    projects.set_archived(deed(later(6)), &id, false).await.unwrap();
    assert_eq!(projects.get(&id).await.unwrap().unwrap().archived_at, None);
}

fn link(quota: Quota) -> NewLink {
    NewLink {
        token: Sha256Hash::of("link"),
        project: "default".parse().unwrap(),
        title: "Anna & Tom".to_owned(),
        welcome: String::new(),
        asks: Asks::default(),
        password_hash: None,
        quota,
        expires_at: later(100),
    }
}

fn guest(number: u32) -> Guest {
    Guest {
        name: "Kai (Anna & Tom)".to_owned(),
        unique: number.to_string(),
        email: None,
        note: None,
        at: NOW,
    }
}

#[tokio::test]
async fn guests_of_a_link_share_its_limit_and_are_no_accounts() {
    let scene = Scene::new().await;
    let links = scene.ledger.links();
    let id = links.create(deed(NOW), link(Quota { files: Some(3), bytes: None })).await.unwrap();
    let (kai, mia) = (links.admit(id, guest(1)).await.unwrap(), links.admit(id, guest(2)).await.unwrap());
    assert_eq!((kai.role, kai.link), (Role::Guest, Some(id)));
    assert_eq!(scene.ledger.people().list().await.unwrap(), [], "guests are no accounts");
    assert_eq!(scene.ledger.people().by_name("Kai (Anna & Tom)").await.unwrap(), None, "and cannot sign in");
    let refused = scene.ledger.people().set_role(deed(NOW), kai.id, Role::Admin).await;
    assert!(matches!(refused, Err(LedgerError::NoSuchPerson)), "nor be made admins");

    let (one, two) = (scene.batch(&kai, "b1", NOW).await, scene.batch(&mia, "b2", NOW).await);
    let items = scene.ledger.items();
    items.announce(&one, &[item(0), item(1)], 10, NOW).await.unwrap();
    let answers = items.announce(&two, &[item(0), item(1)], 10, NOW).await.unwrap();
    assert_eq!(answers, [Announced::Accepted, Announced::OverQuota]);
    assert_eq!(links.list().await.unwrap()[0].1, LinkUse { guests: 2, files: 3, bytes: 300 });
}

#[tokio::test]
async fn a_link_is_good_until_it_ends_or_is_ended() {
    let scene = Scene::new().await;
    let links = scene.ledger.links();
    let id = links.create(deed(NOW), link(Quota::default())).await.unwrap();
    let found = links.by_token(Sha256Hash::of("link")).await.unwrap().unwrap();
    assert!(found.is_good(later(99)) && !found.is_good(later(100)));
    assert_eq!(links.by_token(Sha256Hash::of("other")).await.unwrap(), None);
    assert!(links.revoke(deed(later(1)), id).await.unwrap());
    assert!(!links.revoke(deed(later(2)), id).await.unwrap(), "only once");
    assert!(!links.get(id).await.unwrap().unwrap().is_good(NOW));
    let nowhere = NewLink { project: "nowhere".parse().unwrap(), ..link(Quota::default()) };
    assert!(matches!(links.create(deed(NOW), nowhere).await, Err(LedgerError::NoSuchProject(_))));
}

#[tokio::test]
async fn the_log_tells_everything_once_and_forgets_nothing() {
    let scene = Scene::new().await;
    let bob = NewPerson { name: "Bob".to_owned(), role: Role::Admin, password_hash: None, created_at: NOW };
    let people = scene.ledger.people();
    let bob = people.invite(deed(later(1)), bob).await.unwrap();
    people.sign_out(deed(later(2)), bob.id).await.unwrap();
    // What is refused is not told.
    assert!(people.set_disabled(deed(later(3)), bob.id, true).await.is_err());
    scene.ledger.projects().create(deed(later(4)), &"w".parse().unwrap(), draft("w")).await.unwrap();

    let audit = scene.ledger.audit();
    let told = |lines: Vec<ledger::AuditEntry>| -> Vec<String> {
        lines.into_iter().map(|line| format!("{} {}", line.action.word(), line.subject)).collect()
    };
    let all = audit.list(&AuditFilter::default(), 9).await.unwrap();
    let oldest = all[2].clone();
    assert_eq!(told(all.clone()), ["project_created w", "sessions_ended Bob", "person_invited Bob"]);
    assert_eq!((oldest.at, oldest.by.name.as_str(), oldest.detail.as_str()), (later(1), "test", "admin"));
    let filtered = |filter| async move { told(audit.list(&filter, 9).await.unwrap()) };
    assert_eq!(
        filtered(AuditFilter { before: Some(all[1].id), ..AuditFilter::default() }).await,
        ["person_invited Bob"]
    );
    let action = Some(Action::SessionsEnded);
    assert_eq!(filtered(AuditFilter { action, ..AuditFilter::default() }).await, ["sessions_ended Bob"]);
    let about = Some("Bob".to_owned());
    assert_eq!(filtered(AuditFilter { about, ..AuditFilter::default() }).await.len(), 2);
}

#[tokio::test]
async fn the_database_itself_keeps_the_log() {
    use sqlx::{Connection, Executor};
    let scene = Scene::new().await;
    scene.ledger.audit().note(deed(NOW), Action::BatchClosed, "b1", "").await.unwrap();
    scene.ledger.close().await.unwrap();
    for tampering in ["DELETE FROM audit", "UPDATE audit SET subject = 'x'"] {
        let refused = if scene.database.is_file() {
            let mut file = sqlx::SqliteConnection::connect(scene.database.expose()).await.unwrap();
            file.execute(tampering).await.err()
        } else {
            let mut server = sqlx::PgConnection::connect(scene.database.expose()).await.unwrap();
            server.execute(tampering).await.err()
        };
        assert!(refused.is_some_and(|error| error.to_string().contains("append-only")), "{tampering}");
    }
}

#[tokio::test]
async fn a_project_relays_only_when_somebody_said_so() {
    let scene = Scene::new().await;
    let projects = scene.ledger.projects();
    let default = "default".parse().unwrap();
    assert_eq!(
        projects.get(&default).await.unwrap().unwrap().relay,
        Relay::Never,
        "of those that were before"
    );
    let relaying = ProjectDraft { relay: Relay::WhenBlocked, ..draft("photos") };
    projects.change(deed(NOW), &default, relaying).await.unwrap();
    assert_eq!(projects.get(&default).await.unwrap().unwrap().relay, Relay::WhenBlocked);
    let log = scene.ledger.audit().list(&AuditFilter::default(), 1).await.unwrap();
    assert!(log[0].detail.ends_with(" · relay when_blocked"), "{log:?}");
}
