//! The admin's side.

use transfer::wire::Placeholder;

use crate::desk::batches::{ChangeKind, StoredState};
use crate::desk::links::{Ask, LinkState};
use crate::desk::people::{PersonState, TokenScope};
use crate::desk::projects::RuleState;
use crate::desk::store::{StoreRepair, StoreVerdict};
use crate::desk::webhooks::DeliveryState;
use crate::person::Role;
use crate::text::figure::count;
use crate::text::words::DeskWords;

pub(super) static DESK: DeskWords = DeskWords {
    manage: "Manage",
    projects: "Projects",
    people: "People",
    links: "Links",
    log: "Log",
    save: "Save",
    back: "Back",
    edit: "Edit",
    copy: "Copy",
    copied: "Copied",
    once: "Shown this once. Copy it now.",
    code: "The same link as a QR code",
    optional: "may stay empty",
    no_limit: "empty: no limit",

    dashboard: "Overview",
    dashboard_what: "What is going on, and what came in.",
    going_on: "Going on now",
    nothing_open: "No batch is open.",
    done_of: |stored, items| format!("{} of {} files", count(stored), count(items)),
    files: |files| match files {
        1 => "1 file".to_owned(),
        files => format!("{} files", count(files)),
    },
    last_heard: "Last heard of",
    today: "Today",
    this_month: "This month",
    last_days: "The last 30 days",
    by_project: "By project",
    failures: "Not in the store, this month",
    no_failures: "Nothing failed.",
    more_open: |more| format!("and {} more", count(more)),

    batches: "All batches",
    batches_what: "Who put what where.",
    find_batch: "File, person or batch",
    link: "Link",
    person: "Person",
    state: "State",
    opened: "Opened",
    any: "Any",
    last_day: "In the last 24 hours",
    last_week: "In the last 7 days",
    last_month: "In the last 30 days",
    last_year: "In the last 365 days",
    no_batches: "There is no such batch. A file is found by the beginning of its name.",
    found_batches: |batches, files, size| match batches {
        1 => format!("1 batch · {} files · {size}", count(files)),
        batches => format!("{} batches · {} files · {size}", count(batches), count(files)),
    },

    batch: "Batch",
    batch_what: "What is in it, whether it is there, and what to do about it.",
    closed: "Closed",
    grants_end: "Its grants end, at the latest",
    revoked_at: "Revoked",
    undone_at: "Undone",
    relayed: "Sent through this server",
    undo_unfinished: "Its files are being deleted, or were in part. If this stays, undo again.",
    items: "Files",
    find_item: "Part of a name or folder",
    no_items: "No file in this batch is like that.",
    all_items: "All",
    next: "Next",
    stored_state: |state| match state {
        StoredState::Announced => "Announced",
        StoredState::Stored => "Stored",
        StoredState::Failed => "Failed",
        StoredState::Cancelled => "Taken out",
        StoredState::Skipped => "There already",
        StoredState::Missing => "Missing",
        StoredState::Differs => "Differs",
    },
    cause: |cause| match (cause.state, cause.failure.as_deref().unwrap_or_default()) {
        (StoredState::Missing, _) => "Missing in the store",
        (StoredState::Differs, _) => "Another size or checksum",
        (_, "network") => "The connection broke",
        (_, "throttled") => "The store asked to slow down",
        (_, "store") => "A fault of the store",
        (_, "expired") => "The grant had ended",
        (_, "skewed") => "A wrong clock",
        (_, "denied") => "The store refused",
        (_, "conflict") => "The name was taken",
        (_, "corrupted") => "Damaged on the way",
        (_, "too_large") => "Too large",
        (_, "file_changed") => "The file was changed",
        (_, "file_gone") => "The file was gone",
        (_, "stalled") => "Nothing moved",
        _ => "Another cause",
    },
    verify_again: "Verify again",
    again: |again| match (again.missing + again.differs + again.added, again.replaced) {
        (0, 0) => format!("All {} files are as the receipt says.", count(again.same)),
        (0, replaced) => format!(
            "{} as the receipt says, {} replaced by later batches. Nothing is lost.",
            count(again.same),
            count(replaced)
        ),
        (_, replaced) => {
            let mut said = format!(
                "{} as the receipt says, {} missing, {} changed, {} that the receipt does not have.",
                count(again.same),
                count(again.missing),
                count(again.differs),
                count(again.added)
            );
            if replaced > 0 {
                said.push_str(&format!(" {} replaced by later batches.", count(replaced)));
            }
            said
        }
    },
    change: |change| match change {
        ChangeKind::Missing => "Missing",
        ChangeKind::Differs => "Changed",
        ChangeKind::Added => "Added",
        ChangeKind::Replaced => "Replaced",
    },
    replaced_by: "replaced by",
    size_then: "Then",
    size_now: "Now",
    revoke_grant: "Revoke its grant",
    revoke_what: "No further grant, URL or renewal is given, and the batch is closed with what has arrived. A grant that a browser has already goes on until it ends by itself, within the hour: no server can call it back. It can add files to this batch and overwrite them, and nothing else.",
    stop_what: "On AWS you can stop it at once: add this to the upload role as an inline policy, and remove it when the grant has ended.",
    undo: "Undo this batch",
    undo_what: |prefix| {
        format!(
            "Deletes everything below {prefix} in the bucket. The receipt stays, and says so. This cannot be taken back, unless the bucket keeps versions."
        )
    },
    undo_type: |files| format!("Type {files}, the number of its files, to delete them"),
    undo_go: "Delete",

    projects_what: "Where uploads go, what is taken, and from whom.",
    new_project: "New project",
    id: "Id",
    id_what: "A-Z a-z 0-9 _ -; made from the name if empty. It stays.",
    prefix: "Folder in the bucket",
    prefix_what: "A-Z a-z 0-9 _ - and / between the parts; the id if empty",
    key_template: "Key template",
    key_template_what: "How files are named in the bucket, after the batch's own folder. Batches keep the one they began with; files that would get the same name get their number.",
    key_example: "Sommer/IMG_0001.jpg, from Ada:",
    placeholder: |place| match place {
        Placeholder::Path => "the file's folders and name",
        Placeholder::Folder => "the file's folders",
        Placeholder::Name => "the file's name",
        Placeholder::Stem => "the file's name without its extension",
        Placeholder::Ext => "the extension, without the dot",
        Placeholder::Date => "the day the batch began (UTC)",
        Placeholder::Year => "the year of that day",
        Placeholder::Month => "the month of that day",
        Placeholder::Day => "that day of the month",
        Placeholder::Person => "who sends it",
        Placeholder::Number => "the file's number in the batch",
        Placeholder::Uuid => "a name that nobody can guess",
    },
    key_template_wrong: ToString::to_string,
    types: "Types",
    types_what: "image/*, video/mp4, … with commas between; empty: any",
    smallest: "Smallest file, bytes",
    largest: "Largest file, MB",
    most_files: "Most files in a batch",
    grant: "Grant",
    credentials: "Temporary credentials",
    post_policy: "One signed form",
    signed_urls: "A signed URL for each file",
    who: "Who may upload",
    everyone: "Everybody with an account",
    members_only: "Members only",
    members: "Members",
    quota_files: "Files in all, at most",
    quota_size: "GB in all, at most",
    daily_files: "Files a day, at most",
    daily_size: "GB a day, at most",
    limits: "Limits",
    today_took: |files, size| match files {
        1 => format!("1 file · {size} today"),
        files => format!("{} files · {size} today", count(files)),
    },
    beyond: |files, size| match files {
        0 => format!("Files in it are {size} longer than was announced. That counts against the limits."),
        1 => format!("It holds 1 file that nobody announced, {size} in all. That counts against the limits."),
        files => format!(
            "It holds {} files that nobody announced, {size} in all. They count against the limits.",
            count(files)
        ),
    },
    relay: "Where a network blocks the storage, send files through this server (slower)",
    thumbnails: "Browsers make thumbnails for the gallery, stored beside the originals",
    keep_days: "Keep files for, days",
    keep_days_what: "Empty: for ever. The bucket deletes nothing until you write the rule there, under Retention.",
    kept: |days| match days {
        None => "Kept for ever".to_owned(),
        Some(1) => "Kept for 1 day".to_owned(),
        Some(days) => format!("Kept for {} days", count(days.into())),
    },
    retention: "Retention",
    rule_unseen: "Not in the bucket yet",
    rule_state: |rule| match (&rule.state, rule.keep_days) {
        (RuleState::Same, Some(_)) => format!("In the bucket: {} deletes them after that.", rule.bucket),
        (RuleState::Same, None) => {
            format!("{} has no rule of this project: nothing is deleted.", rule.bucket)
        }
        (RuleState::Missing, _) => "Not in the bucket yet: nothing is deleted.".to_owned(),
        (RuleState::Otherwise { days: Some(days) }, _) => {
            format!("The bucket says otherwise: it deletes after {} days.", count((*days).into()))
        }
        (RuleState::Otherwise { days: None }, _) => {
            format!("The bucket says otherwise: its rule {} is off, or about something else.", rule.rule_id)
        }
        (RuleState::NotAllowed { action }, Some(_)) => format!(
            "The server may not do this: its role needs {action} on {}. Allow it, or add this rule to the bucket's lifecycle as its owner.",
            rule.bucket
        ),
        (RuleState::NotAllowed { action }, None) => format!(
            "The server may not do this: its role needs {action} on {}. Allow it, or see as the bucket's owner that it has no rule {}.",
            rule.bucket, rule.rule_id
        ),
        (RuleState::NotDone, _) => "This store does not delete files by their age.".to_owned(),
    },
    rule_others: |projects| {
        format!("Earlier batches of {projects} are in this folder, too. The rule deletes them with the rest.")
    },
    write_rule: "Write into the bucket",
    write_rule_what: |rule| match rule.keep_days {
        Some(days) => format!(
            "The store will delete everything below {} that is older than {} days, also what is there already. Receipts stay, and so do other rules of the bucket.",
            rule.folder,
            count(days.into())
        ),
        None => format!(
            "Removes the rule {} from the bucket, so that nothing below {} is deleted by it any more. Its other rules stay.",
            rule.rule_id, rule.folder
        ),
    },
    ends_in_bucket: "The bucket deletes these after",
    ends_decided: "To be kept until (the bucket has no rule for it yet)",
    archive: "Archive",
    restore: "Take uploads again",
    archived: "Archived",
    member_count: |members| match members {
        1 => "1 member".to_owned(),
        members => format!("{} members", count(members)),
    },
    holds: |files, size| match files {
        1 => format!("1 file · {size}"),
        files => format!("{} files · {size}", count(files)),
    },

    store: "Store",
    store_what: "Whether the bucket does what uploads need, asked as the server asks it and as a browser does.",
    store_healthy: "The bucket does what uploads need.",
    store_ill: "The bucket does not do all that uploads need. What to do is below.",
    examine_again: "Check again",
    verdict: |verdict| match verdict {
        StoreVerdict::Good => "Good",
        StoreVerdict::Unknown => "Unknown",
        StoreVerdict::Advice => "Could be better",
        StoreVerdict::Bad => "Does not work",
    },
    repair: "Do this for me",
    repair_sure: |repair| match repair {
        StoreRepair::AllowPage => "Add a CORS rule for this page to the bucket? Its other rules stay.",
        StoreRepair::AbortUnfinished => {
            "Add a lifecycle rule to the bucket that aborts unfinished uploads after a day? Its other rules stay."
        }
    },

    people_what: "Everybody with an account. Guests come by a link and need none.",
    invite: "Add a person",
    role: "Role",
    role_name: |role| match role {
        Role::Admin => "Admin",
        Role::Uploader => "Uploader",
        Role::Guest => "Guest",
    },
    person_state: |state| match state {
        PersonState::Active => "Active",
        PersonState::Invited => "Invited",
        PersonState::Disabled => "Disabled",
    },
    new_link: "New one-time link",
    end_sessions: "Sign out everywhere",
    sessions: "Sessions",
    sessions_what: "Where people are signed in, latest first.",
    disable: "Disable",
    enable: "Enable",
    make_admin: "Make admin",
    make_uploader: "Make uploader",
    link_for: |name| format!("One-time link for {name}, good for 24 hours"),
    token_for: |name| format!("API token of {name}"),
    tokens: "API tokens",
    tokens_what: "For programs. A token can never do more than its person.",
    no_tokens: "There are no tokens.",
    new_token: "New token",
    token_name: "What it is for",
    token_for_what: "May",
    token_scope: |scope| match scope {
        TokenScope::Full => "Do everything that the person may",
        TokenScope::Send => "Send",
        TokenScope::Read => "Read",
    },
    days: "Days until it ends",
    revoke: "Revoke",
    ends: "Ends",
    last_used: "Last used",
    never: "never",

    links_what: "Guests upload into one project without an account. They see nothing of what others sent.",
    new_guest_link: "New link",
    title: "Title",
    welcome: "Text for your guests",
    ask_name: "Ask for a name",
    ask_email: "Ask for an e-mail address",
    ask_note: "Ask for a few words",
    ask: |ask| match ask {
        Ask::No => "No",
        Ask::Maybe => "May be left out",
        Ask::Must => "Required",
    },
    link_password: "Password, at least 10 characters",
    stays: "empty: stays as it is",
    no_password: "No password any more",
    link_state: |state| match state {
        LinkState::Good => "Open",
        LinkState::Expired => "Over",
        LinkState::Revoked => "Ended",
    },
    guests: |guests| match guests {
        1 => "1 guest".to_owned(),
        guests => format!("{} guests", count(guests)),
    },
    no_links: "There are no links yet.",
    end_link: "End",
    end_link_sure: "End this link? Its guests cannot go on, except with what they were granted within the last hour.",
    email: "E-mail",
    note: "A few words",
    go_on: "Choose photos",

    webhooks: "Webhooks",
    webhooks_what: "Other systems are told when a batch is over.",
    no_webhooks: "There are no webhooks yet.",
    new_webhook: "New webhook",
    url: "URL",
    all_projects: "All projects",
    told: "What it is told",
    webhook_event: |event| match event {
        "batch.verified" => "Batch verified",
        "batch.closed" => "Batch closed incomplete",
        _ => "Test",
    },
    webhook_on: |on| if on { "On" } else { "Off" },
    webhook_secret: "New secret",
    send_test: "Send a test",
    delete: "Delete",
    delete_webhook_sure: "Delete this webhook and its deliveries?",
    deliveries: "Deliveries",
    no_deliveries: "Nothing was delivered in the last 30 days.",
    attempts: |attempts| match attempts {
        1 => "1 attempt".to_owned(),
        attempts => format!("{} attempts", count(attempts)),
    },
    next_attempt: "Next",
    delivery_state: |state| match state {
        DeliveryState::Pending => "Waiting",
        DeliveryState::Delivered => "Delivered",
        DeliveryState::Failed => "Failed",
    },
    redeliver: "Deliver again",

    log_what: "Who did what. Nothing in it can be changed or removed.",
    when: "When",
    who_did: "Who",
    did: "What",
    to_what: "To whom or what",
    detail: "More",
    about: "Who or what",
    show: "Show",
    older: "Older",
    nothing_logged: "Nothing was logged.",
    action: |word| match word {
        "person_invited" => "Person added",
        "person_joined" => "Person came by single sign-on",
        "identity_linked" => "Single sign-on linked",
        "link_sent" => "One-time link made",
        "role_changed" => "Role changed",
        "person_disabled" => "Person disabled",
        "person_enabled" => "Person enabled",
        "sessions_ended" => "Signed out everywhere",
        "person_quota_changed" => "Limits of a person changed",
        "session_ended" => "Signed out of one browser",
        "token_created" => "Token made",
        "token_revoked" => "Token revoked",
        "project_created" => "Project added",
        "project_changed" => "Project changed",
        "project_archived" => "Project archived",
        "project_restored" => "Project taken up again",
        "link_created" => "Guests' link made",
        "link_changed" => "Guests' link changed",
        "link_revoked" => "Guests' link ended",
        "images_deleted" => "Images deleted",
        "images_replaced" => "Images replaced",
        "batch_closed" => "Abandoned batch closed",
        "batch_verified_again" => "Batch verified again",
        "batch_revoked" => "Batch's grant revoked",
        "batch_undo_begun" => "Undoing a batch",
        "batch_undone" => "Batch undone",
        "retention_written" => "Retention written into the bucket",
        "store_repaired" => "Bucket's rules changed",
        "batch_imported" => "Batch imported from the bucket",
        "webhook_created" => "Webhook added",
        "webhook_changed" => "Webhook changed",
        "webhook_secret_changed" => "Webhook got a new secret",
        "webhook_deleted" => "Webhook deleted",
        "webhook_tested" => "Test sent to a webhook",
        "webhook_redelivered" => "Delivered again to a webhook",
        _ => "Something else",
    },
};
