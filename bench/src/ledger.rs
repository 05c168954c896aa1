//! The ledger: how long an admin waits for lists, searches and totals, with many batches.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use ledger::{
    AnnouncedItem, BatchFilter, DatabaseUrl, Gallery, ItemFilter, ItemState, Ledger, NewBatch, NewPerson,
    Role, Seen, Usage, WhoseBatches,
};
use transfer::wire::{
    BatchId, BatchState, GrantKind, ItemIndex, ItemOutcome, ItemReport, KeyTemplate, ProjectId, UnixMillis,
};

use crate::Result;

/// The most that an answer may take.
const BUDGET: Duration = Duration::from_millis(100);

/// How often each question is asked once it was asked a first time; the slowest counts. The first may wait for the disk,
/// which a server that runs has behind it; it is printed beside.
const TIMES: u32 = 5;

/// Batches that one page shows.
const PAGE: u64 = 50;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// When the last batch was opened.
const NOW: u64 = 1_790_000_000_000;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A SQLite file in this folder, made if it is not there, and kept for the next time.
    #[arg(long)]
    folder: PathBuf,
    /// A PostgreSQL instead; what is in it is used as it is.
    #[arg(long)]
    database: Option<DatabaseUrl>,
    /// Batches; over a year, by 20 people.
    #[arg(long, default_value_t = 10_000)]
    batches: u32,
    /// Items in all.
    #[arg(long, default_value_t = 1_000_000)]
    items: u32,
}

pub(crate) async fn run(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.folder)?;
    let file = options.folder.join(format!("ledger-{}-{}.sqlite", options.batches, options.items));
    let ledger = match &options.database {
        Some(database) => Ledger::open(database).await?,
        None => Ledger::open_file(&file).await?,
    };
    if ledger.batches().sum(&BatchFilter::default()).await?.batches < u64::from(options.batches) {
        fill(&ledger, options).await?;
    }
    let sum = ledger.batches().sum(&BatchFilter::default()).await?;
    println!("{} batches, {} items, {} stored", sum.batches, sum.items, sum.stored);
    ask(&ledger).await
}

/// Batches as they come to be: announced, reported, seen in the store. One in a hundred files fails, and the latest ten
/// batches are open.
async fn fill(ledger: &Ledger, options: &Options) -> Result<()> {
    let each = options.items / options.batches;
    let mut people = Vec::new();
    for number in 0..20 {
        let name = format!("person {number}");
        let new = NewPerson { name, role: Role::Uploader, password_hash: None, created_at: UnixMillis(NOW) };
        people.push(ledger.people().create(new).await?);
    }
    let project = project()?;
    for number in 0..options.batches {
        let opened_at =
            UnixMillis(NOW - u64::from(options.batches - number) * (365 * DAY / u64::from(options.batches)));
        let id: BatchId = format!("b-{number:06}").parse().map_err(|_| "an id")?;
        let person = &people[number as usize % people.len()];
        let new = NewBatch {
            id: id.clone(),
            project: project.clone(),
            person: person.id,
            token: None,
            prefix: format!("photos/{id}/"),
            key_template: KeyTemplate::default(),
            grant: GrantKind::Credentials,
            opened_at,
        };
        ledger.batches().open(new).await?;
        let first = number * each;
        let items: Vec<AnnouncedItem> = (0..each).map(|index| item(&id, index, first + index)).collect();
        ledger.items().announce(&id, &items, u32::MAX, opened_at).await?;
        let reports: Vec<ItemReport> = (0..each).map(report).collect();
        ledger.items().report(&id, WhoseBatches::All, &reports).await?;
        if number + 10 < options.batches {
            let seen: Vec<Seen> =
                (0..each).filter(|index| index % 100 != 7).map(|index| seen(index, opened_at)).collect();
            ledger.items().mark_seen(&id, &seen).await?;
            ledger.batches().verify(&id, Usage::NONE, opened_at).await?;
        }
        if number % 500 == 0 {
            eprintln!("{number} batches");
        }
    }
    Ok(())
}

fn project() -> Result<ProjectId> {
    Ok("default".parse().map_err(|_| "the project")?)
}

fn item(batch: &BatchId, index: u32, serial: u32) -> AnnouncedItem {
    let path = format!("Summer 2026/IMG_{serial:07}.jpg");
    AnnouncedItem {
        index: ItemIndex(index),
        key: format!("photos/{batch}/{path}"),
        path,
        size: 3_000_000,
        modified: None,
        media_type: "image/jpeg".to_owned(),
    }
}

fn report(index: u32) -> ItemReport {
    let outcome = match index % 100 {
        7 => ItemOutcome::Failed { class: "network".to_owned() },
        _ => {
            let etag = Some(format!("{index:032x}"));
            ItemOutcome::Stored { etag, checksum: None, replace: false }
        }
    };
    ItemReport { index: ItemIndex(index), outcome }
}

fn seen(index: u32, time: UnixMillis) -> Seen {
    Seen { index: ItemIndex(index), size: 3_000_000, etag: Some(format!("{index:032x}")), time }
}

/// Asks what the pages ask.
async fn ask(ledger: &Ledger) -> Result<()> {
    let (batches, items) = (ledger.batches(), ledger.items());
    let all = BatchFilter::default();
    let about = |text: &str| BatchFilter { about: Some(text.to_owned()), ..BatchFilter::default() };
    let newest = batches.find(&all, None, PAGE).await?;
    let (newest, oldest) =
        (newest.first().ok_or("no batch")?.id.clone(), "b-000049".parse::<BatchId>().map_err(|_| "an id")?);
    let failed = ItemFilter { state: Some(ItemState::Failed), about: None };
    let nowhere = ItemFilter { state: None, about: Some("dsc_1".to_owned()) };
    let month = UnixMillis(NOW - 30 * DAY);
    let mut slow = 0;
    println!("  slowest    first");
    let mut tell = |what: &str, first: Duration, took: Duration| {
        let [first, slowest] = [first, took].map(|time| time.as_secs_f64() * 1_000.0);
        println!("{slowest:>6.1} ms {first:>6.1} ms  {what}");
        slow += u32::from(took > BUDGET);
    };
    macro_rules! time {
        ($what:expr, $question:expr) => {{
            let (mut first, mut slowest) = (None, Duration::ZERO);
            for _ in 0..=TIMES {
                let begun = Instant::now();
                $question.await?;
                let took = begun.elapsed();
                if first.is_some() {
                    slowest = slowest.max(took);
                }
                first.get_or_insert(took);
            }
            tell($what, first.unwrap_or_default(), slowest);
        }};
    }
    time!("the first page", batches.find(&all, None, PAGE));
    time!("the last page", batches.find(&all, Some(&oldest), PAGE));
    time!("totals of all", batches.sum(&all));
    let verified = BatchFilter { state: Some(BatchState::Verified), since: Some(month), ..all.clone() };
    time!("the first page of a state and a month", batches.find(&verified, None, PAGE));
    time!("its totals", batches.sum(&verified));
    for (what, text) in [
        ("a file that is there once", "img_0000042"),
        ("the beginning of every file", "img_"),
        ("a file that is nowhere", "dsc_1"),
        ("a person", "person 7"),
    ] {
        time!(&format!("search: {what}"), batches.find(&about(text), None, PAGE));
        time!(&format!("search: {what}, totals"), batches.sum(&about(text)));
    }
    time!("one batch: items by state", items.by_state(&newest));
    time!("one batch: a page of what failed", items.find(&newest, &failed, None, 200));
    time!("one batch: a path that is nowhere", items.find(&newest, &nowhere, None, 200));
    let gallery = Gallery::Project(project()?, WhoseBatches::All);
    let images = ledger.images();
    for (what, first) in [("its beginning", 0), ("its middle", 500_000), ("its end", 989_000)] {
        time!(&format!("gallery of a project: {what}"), images.part(&gallery, first, 100));
    }
    for (what, text) in [("a path that is nowhere", "dsc_1"), ("every path", "img_")] {
        time!(&format!("search of a gallery: {what}"), images.find(&gallery, Some(text), None, 0, 100));
    }
    time!("one batch: causes", items.causes_in(&newest));
    time!("overview: open batches", batches.going_on(20));
    time!("overview: by project, a month", batches.by_project(month));
    time!("overview: by day, 30 days", batches.by_day(month, 0));
    time!("overview: causes, a month", items.causes_since(month));
    if slow == 0 { Ok(()) } else { Err(format!("{slow} of them took more than {BUDGET:?}").into()) }
}
