//! What templates make of items, and what is no template.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use proptest::prelude::*;

use super::*;

const DAY: Day = Day { year: 2026, month: 7, day: 4 };

fn key(template: &str, path: &str) -> Result<String, Refusal> {
    let template: KeyTemplate = template.parse().unwrap();
    let facts = KeyFacts { path, number: 42, uuid: "4b1c" };
    template.of_batch(DAY, "ada").key(&facts)
}

#[test]
fn each_placeholder_says_its_part() {
    let of = |template: &str| key(template, "Sommer/See/IMG 1.JPG").unwrap();
    assert_eq!(of("{path}"), "Sommer/See/IMG 1.JPG");
    assert_eq!(of("{folder}/x/{name}"), "Sommer/See/x/IMG 1.JPG");
    assert_eq!(of("{number}_{stem}.{ext}"), "000042_IMG 1.JPG");
    assert_eq!(of("{date}/{person}/{path}"), "2026-07-04/ada/Sommer/See/IMG 1.JPG");
    assert_eq!(of("{year}/{month}/{day}/{uuid}.{ext}"), "2026/07/04/4b1c.JPG");
}

#[test]
fn what_a_file_has_not_leaves_nothing_behind() {
    assert_eq!(key("{folder}/{name}", "a.jpg").unwrap(), "a.jpg");
    assert_eq!(key("{uuid}.{ext}", "README").unwrap(), "4b1c");
    assert_eq!(key("{stem}/{uuid}.{ext}", ".hidden").unwrap(), ".hidden/4b1c");
}

#[test]
fn the_path_alone_is_the_path() {
    let template = KeyTemplate::default();
    assert!(template.is_path());
    for path in ["a.jpg", " .. /a b.jpg", "日本/🏖.heic", "a..b/.c"] {
        assert_eq!(template.key(&KeyFacts { path, number: 1, uuid: "" }).unwrap(), path);
    }
}

#[test]
fn a_flaw_is_told_with_its_place() {
    let flaw = |text: &str| {
        let error = text.parse::<KeyTemplate>().unwrap_err();
        (error.at, error.flaw)
    };
    assert_eq!(flaw("a b/{path}"), (2, Flaw::Character(' ')));
    assert_eq!(flaw("{path}}"), (7, Flaw::Character('}')));
    assert_eq!(flaw("é/{path}"), (1, Flaw::Character('é')));
    assert_eq!(flaw("{date}/{pth}"), (8, Flaw::Unknown("{pth}".to_owned())));
    assert_eq!(flaw("{date}/{path"), (8, Flaw::Unclosed));
    assert_eq!(flaw("{da{path}"), (1, Flaw::Unclosed));
    assert_eq!(flaw("/{path}"), (1, Flaw::EmptyPart));
    assert_eq!(flaw("a//{path}"), (3, Flaw::EmptyPart));
    assert_eq!(flaw("{path}/"), (8, Flaw::EmptyPart));
    assert_eq!(flaw("a/../{path}"), (3, Flaw::Dots));
    assert_eq!(flaw("./{path}"), (1, Flaw::Dots));
    assert_eq!(flaw("{name}../x"), (1, Flaw::Dots));
    assert_eq!(flaw(".sluice/{path}"), (1, Flaw::Reserved));
    assert_eq!(flaw("{date}/{stem}.{ext}"), (19, Flaw::AllTheSame));
    assert_eq!(flaw(""), (1, Flaw::AllTheSame));
    assert_eq!(flaw(&format!("{}/{{path}}", "a".repeat(250))), (257, Flaw::TooLong));
    assert_eq!(
        "{pth}".parse::<KeyTemplate>().unwrap_err().to_string(),
        "`{pth}` (character 1) is no placeholder; there are {path} {folder} {name} {stem} {ext} {date} {year} {month} \
         {day} {person} {number} {uuid}."
    );
    assert!("a/.sluice/{path}".parse::<KeyTemplate>().is_ok(), "only the first folder is kept");
}

#[test]
fn what_only_shows_when_filled_in_is_refused_for_the_item() {
    assert_eq!(key(".{ext}/{name}", "a.sluice"), Err(Refusal::PathUnsafe));
    assert_eq!(key("{stem}/{name}", "...jpg"), Err(Refusal::PathUnsafe));
    let template: KeyTemplate = ".sluic{person}/{path}".parse().unwrap();
    let facts = KeyFacts { path: "thumbnails/1", number: 1, uuid: "" };
    assert_eq!(template.of_batch(DAY, "e").key(&facts), Err(Refusal::PathUnsafe));
}

#[test]
fn the_template_of_a_batch_is_read_as_it_was_written() {
    let template: KeyTemplate = "{date}/{person}/{path}".parse().unwrap();
    for person in ["山田-花子", "", "../{uuid}", "e"] {
        let filled = template.of_batch(DAY, person);
        let again = KeyTemplate::of_ledger(&filled.to_string()).unwrap();
        let facts = KeyFacts { path: "a.jpg", number: 1, uuid: "" };
        assert_eq!(again.key(&facts), filled.key(&facts), "{person}");
        assert_eq!(filled.key(&facts).unwrap().split('/').count(), 3, "{person}");
    }
}

#[test]
fn a_mark_stands_before_the_extension() {
    assert_eq!(marked("a/b.jpg", 42, 1), "a/b-42.jpg");
    assert_eq!(marked("a.b/c", 42, 2), "a.b/c-42-2");
    assert_eq!(marked("a/.hidden", 7, 1), "a/.hidden-7");
}

/// Texts that often are templates.
fn templates() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(Placeholder::ALL.map(Placeholder::text).to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec!["/", ".", "..", "-", "a", ".sluice", "é", "{", "}"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// Paths that the rules let through.
fn paths() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec!["a", "...", "a.sluice", "b.", "..c", "日本.jpg", "sluice", ".d"])
            .prop_map(str::to_owned),
        "[^/\\x00-\\x1f]{1,12}".prop_filter("names a folder", |part| part != "." && part != ".."),
    ];
    prop::collection::vec(part, 1..4)
        .prop_map(|parts| parts.join("/"))
        .prop_filter("is junk", |path| !path.starts_with(".sluice/") && path != ".sluice")
}

proptest! {
    #[test]
    fn no_key_leaves_its_batch(text in templates(), path in paths(), person in ".{0,12}", number in 1_u64..=1 << 32) {
        let Ok(template) = text.parse::<KeyTemplate>() else { return Ok(()) };
        prop_assert_eq!(template.to_string(), text);
        let batch = template.of_batch(DAY, &person);
        let again = KeyTemplate::of_ledger(&batch.to_string());
        let facts = KeyFacts { path: &path, number, uuid: "4b1c" };
        let key = batch.key(&facts);
        prop_assert_eq!(again.map(|again| again.key(&facts)), Ok(key.clone()));
        let Ok(key) = key else { return Ok(()) };
        for key in [marked(&key, number, 1), marked(&key, number, 9_999_999), key] {
            prop_assert!(key.split('/').all(|part| !matches!(part, "" | "." | "..")), "{}", key);
            prop_assert!(key.split('/').next() != Some(RESERVED), "{}", key);
        }
    }

    #[test]
    fn a_mark_is_never_longer_than_its_room(key in paths(), number in 1_u64..=1 << 32, turn in 1_u32..10_000_000) {
        prop_assert!(marked(&key, number, turn).len() <= key.len() + LONGEST_MARK);
    }

    #[test]
    fn the_default_changes_no_path(path in paths()) {
        let key = KeyTemplate::default().key(&KeyFacts { path: &path, number: 1, uuid: "" });
        prop_assert_eq!(key, Ok(path));
    }
}
