//! People, links, sessions, tokens.

use ledger::{
    Identity, Ledger, LedgerError, NewPerson, NewToken, NewWelcome, PersonRecord, Role, Scope, SessionRecord,
    Sha256Hash, WhoseSessions, WhoseTokens,
};

use crate::scene::{NOW, Scene, deed, later};

#[tokio::test]
async fn a_name_is_one_persons_however_it_is_written() {
    let scene = Scene::new().await;
    scene.person("Zoë").await;
    let again =
        NewPerson { name: "ZOË".to_owned(), role: Role::Admin, password_hash: None, created_at: NOW };
    assert!(matches!(scene.ledger.people().create(again).await, Err(LedgerError::NameTaken(_))));
    let found = scene.ledger.people().by_name("zoË").await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.role), ("Zoë", Role::Uploader));
    assert_eq!(scene.ledger.people().by_name("Zoe").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_of_the_person_alone() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    scene.ledger.people().set_password(ada.id, "hash".to_owned()).await.unwrap();
    let ada_now = scene.ledger.people().get(ada.id).await.unwrap().unwrap();
    assert_eq!(ada_now.password_hash.as_deref(), Some("hash"));
    assert_ne!(ada_now.session_epoch, ada.session_epoch);
    assert_eq!(scene.ledger.people().get(bob.id).await.unwrap().unwrap(), bob);
}

#[tokio::test]
async fn a_link_works_once_and_not_after_its_end() {
    let scene = Scene::new().await;
    let ada = scene.person("admin").await;
    let link = Sha256Hash::of("link");
    let new = NewWelcome { token: link, person: ada.id, created_at: NOW, expires_at: later(10) };
    scene.ledger.welcomes().create(deed(NOW), new).await.unwrap();
    let welcomes = scene.ledger.welcomes();
    let late = welcomes.accept(link, later(10), "Ada", "hash".to_owned()).await;
    assert!(matches!(late, Err(LedgerError::LinkInvalid)));
    let accepted = welcomes.accept(link, later(9), "Ada", "hash".to_owned()).await.unwrap();
    assert_eq!((accepted.id, accepted.name.as_str()), (ada.id, "Ada"));
    let twice = welcomes.accept(link, later(9), "Eve", "other".to_owned()).await;
    assert!(matches!(twice, Err(LedgerError::LinkInvalid)));
    assert_eq!(scene.ledger.people().get(ada.id).await.unwrap().unwrap().name, "Ada");
}

#[tokio::test]
async fn a_taken_name_does_not_cost_the_link() {
    let scene = Scene::new().await;
    scene.person("Bob").await;
    let ada = scene.person("admin").await;
    let link = Sha256Hash::of("link");
    let new = NewWelcome { token: link, person: ada.id, created_at: NOW, expires_at: later(10) };
    scene.ledger.welcomes().create(deed(NOW), new).await.unwrap();
    let welcomes = scene.ledger.welcomes();
    let taken = welcomes.accept(link, NOW, "bob", "hash".to_owned()).await;
    assert!(matches!(taken, Err(LedgerError::NameTaken(_))));
    welcomes.accept(link, NOW, "Ada", "hash".to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_newer_link_ends_the_older_one() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    for word in ["first", "second"] {
        let token = Sha256Hash::of(word);
        let new = NewWelcome { token, person: ada.id, created_at: NOW, expires_at: later(10) };
        scene.ledger.welcomes().create(deed(NOW), new).await.unwrap();
    }
    assert_eq!(scene.ledger.welcomes().person(Sha256Hash::of("first"), NOW).await.unwrap(), None);
    assert_eq!(scene.ledger.welcomes().person(Sha256Hash::of("second"), NOW).await.unwrap(), Some(ada.id));
}

#[tokio::test]
async fn a_session_ends_when_it_says() {
    let scene = Scene::new().await;
    let sessions = scene.ledger.sessions();
    let id = Sha256Hash::of("id");
    let mut session = SessionRecord { id, person: None, data: "{}".to_owned(), expires_at: later(10) };
    assert!(sessions.create(session.clone()).await.unwrap());
    assert!(!sessions.create(session.clone()).await.unwrap(), "the id is taken");
    session.data = r#"{"a":1}"#.to_owned();
    sessions.save(session.clone()).await.unwrap();
    assert_eq!(sessions.get(id, later(9)).await.unwrap(), Some(session.clone()));
    assert_eq!(sessions.get(id, later(10)).await.unwrap(), None);
    assert_eq!(sessions.sweep(later(9)).await.unwrap(), 0);
    assert_eq!(sessions.sweep(later(10)).await.unwrap(), 1);

    sessions.save(session).await.unwrap();
    sessions.delete(id).await.unwrap();
    assert_eq!(sessions.get(id, NOW).await.unwrap(), None);
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_whose_they_are() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let sessions = scene.ledger.sessions();
    let of = |id: &str, person: &PersonRecord, ends: u64| SessionRecord {
        id: Sha256Hash::of(id),
        person: Some(person.id),
        data: "{}".to_owned(),
        expires_at: later(ends),
    };
    let all = [of("a", &ada, 10), of("b", &ada, 20), of("c", &bob, 30)];
    for session in &all {
        sessions.create(session.clone()).await.unwrap();
    }
    let list = async |whose, now| sessions.list(whose, later(now), 9).await.unwrap();
    assert_eq!(list(WhoseSessions::Of(ada.id), 0).await, [all[1].clone(), all[0].clone()]);
    assert_eq!(list(WhoseSessions::Of(ada.id), 10).await, [all[1].clone()], "one has ended");
    assert_eq!(list(WhoseSessions::All, 0).await.len(), 3);

    let others = sessions.end(deed(NOW), bob.id, all[1].id).await;
    assert!(matches!(others, Err(LedgerError::NoSuchSession)), "{others:?}");
    sessions.end(deed(NOW), ada.id, all[1].id).await.unwrap();
    assert_eq!(list(WhoseSessions::Of(ada.id), 0).await, [all[0].clone()]);
    sessions.change(all[1].clone()).await.unwrap();
    assert_eq!(
        sessions.get(all[1].id, NOW).await.unwrap(),
        None,
        "a request under way does not bring it back"
    );

    sessions.create(all[1].clone()).await.unwrap();
    assert_eq!(sessions.end_others(deed(NOW), ada.id, all[1].id).await.unwrap(), 1);
    assert_eq!(
        sessions.end_others(deed(NOW), ada.id, all[1].id).await.unwrap(),
        0,
        "and nobody writes that down"
    );
    assert_eq!(list(WhoseSessions::All, 0).await, [all[2].clone(), all[1].clone()], "Bob's stays");
    let log = scene.ledger.audit().list(&ledger::AuditFilter::default(), 9).await.unwrap();
    let words: Vec<_> = log.iter().map(|line| (line.action.word(), line.detail.as_str())).collect();
    assert_eq!(words, [("sessions_ended", "1 others"), ("session_ended", "")]);
}

#[tokio::test]
async fn a_token_is_good_until_it_ends_or_is_revoked() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    let tokens = scene.ledger.tokens();
    let new = NewToken {
        prefix: "abc".to_owned(),
        secret: Sha256Hash::of("secret"),
        person: ada.id,
        name: "script".to_owned(),
        scope: Scope::Send,
        created_at: NOW,
        expires_at: Some(later(10)),
    };
    let id = tokens.create(deed(NOW), new).await.unwrap();
    let token = tokens.by_prefix("abc").await.unwrap().unwrap();
    assert!(token.is_good(later(9)) && !token.is_good(later(10)));
    assert_eq!((token.secret, token.scope), (Sha256Hash::of("secret"), Scope::Send));
    tokens.touch(id, later(5)).await.unwrap();
    assert!(tokens.revoke(deed(later(6)), "abc").await.unwrap());
    assert!(!tokens.revoke(deed(later(7)), "abc").await.unwrap(), "only once");
    let token = tokens.list(WhoseTokens::Of(ada.id)).await.unwrap().pop().unwrap();
    assert_eq!((token.last_used_at, token.revoked_at), (Some(later(5)), Some(later(6))));
    assert!(!token.is_good(NOW));
}

#[tokio::test]
async fn several_servers_may_start_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let database = crate::database::fresh(folder.path()).await;
    // A SQLite file has one server; it is made by the first.
    if database.is_file() {
        Ledger::open(&database).await.unwrap().close().await.unwrap();
    }
    let starts: Vec<_> = (0..5)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { Ledger::open(&database).await.unwrap().projects().list().await })
        })
        .collect();
    for start in starts {
        assert_eq!(start.await.unwrap().unwrap().len(), 1, "one project to begin with");
    }
}

#[tokio::test]
async fn opening_again_finds_what_was_written() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.ledger.close().await.unwrap();
    let again = Ledger::open(&scene.database).await.unwrap();
    assert_eq!(again.people().list().await.unwrap(), [ada]);
    assert_eq!(again.projects().list().await.unwrap().len(), 1);
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://login.example".to_owned(), subject: subject.to_owned() }
}

#[tokio::test]
async fn an_identity_is_one_persons_and_a_name_too() {
    let scene = Scene::new().await;
    let bob = scene.person("Bob").await;
    let identities = scene.ledger.identities();
    let new = |name: &str| NewPerson {
        name: name.to_owned(),
        role: Role::Uploader,
        password_hash: None,
        created_at: NOW,
    };
    let taken = identities.admit(deed(NOW), &identity("1"), new("bob")).await;
    assert!(matches!(taken, Err(LedgerError::NameTaken(_))));
    assert_eq!(identities.person(&identity("1")).await.unwrap(), None);
    let ada = identities.admit(deed(NOW), &identity("1"), new("Ada")).await.unwrap();
    assert_eq!(identities.person(&identity("1")).await.unwrap(), Some(ada.clone()));
    let again = identities.admit(deed(NOW), &identity("1"), new("Eve")).await;
    assert!(matches!(again, Err(LedgerError::IdentityTaken)));
    assert_eq!(scene.ledger.people().list().await.unwrap(), [ada.clone(), bob], "and nothing is left of Eve");
    let elsewhere = Identity { issuer: "https://other.example".to_owned(), ..identity("1") };
    assert_eq!(identities.person(&elsewhere).await.unwrap(), None, "another provider means somebody else");
    assert_eq!(identities.people().await.unwrap().into_iter().collect::<Vec<_>>(), [ada.id]);
}

#[tokio::test]
async fn a_link_ties_a_person_to_an_identity_once() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let identities = scene.ledger.identities();
    let link = |word: &str, person| NewWelcome {
        token: Sha256Hash::of(word),
        person,
        created_at: NOW,
        expires_at: later(10),
    };
    scene.ledger.welcomes().create(deed(NOW), link("ada", ada.id)).await.unwrap();
    scene.ledger.welcomes().create(deed(NOW), link("bob", bob.id)).await.unwrap();
    let tied = identities.link(Sha256Hash::of("ada"), NOW, &identity("1")).await.unwrap();
    assert_eq!((tied.id, tied.name.as_str()), (ada.id, "Ada"));
    assert_ne!(tied.session_epoch, ada.session_epoch, "sessions from before are over");
    let twice = identities.link(Sha256Hash::of("ada"), NOW, &identity("2")).await;
    assert!(matches!(twice, Err(LedgerError::LinkInvalid)));
    let hers = identities.link(Sha256Hash::of("bob"), NOW, &identity("1")).await;
    assert!(matches!(hers, Err(LedgerError::IdentityTaken)));
    let his = identities.link(Sha256Hash::of("bob"), later(9), &identity("2")).await.unwrap();
    assert_eq!(his.id, bob.id, "the refusal did not cost the link");
}

#[tokio::test]
async fn a_session_is_taken_once() {
    let scene = Scene::new().await;
    let sessions = scene.ledger.sessions();
    let id = Sha256Hash::of("id");
    let session = SessionRecord { id, person: None, data: "{}".to_owned(), expires_at: later(10) };
    sessions.create(session.clone()).await.unwrap();
    assert_eq!(sessions.take(id, later(9)).await.unwrap(), Some(session.clone()));
    assert_eq!(sessions.take(id, later(9)).await.unwrap(), None);
    sessions.create(session).await.unwrap();
    assert_eq!(sessions.take(id, later(10)).await.unwrap(), None, "too late");
}
