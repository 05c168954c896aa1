//! English.

mod sentence;

use super::Words;
use super::figure::count;

pub(super) static ENGLISH: Words = Words {
    skip_to_content: "Skip to the content",
    navigation: "Main",
    upload: "Upload",
    batches: "Batches",
    sign_out: "Sign out",
    sign_out_while_sending: "Photos are still being sent. If you sign out now, the rest will stay here. Sign out?",
    footer: "Photos go straight into your bucket. This server only opens the gate.",
    language: "Language",
    loading: "One moment…",
    title_done: "Done",
    not_found: "There is nothing here",
    not_found_what: "The address may be mistyped, or what was here is gone.",
    back_to_upload: "Upload photos",
    problem: sentence::problem,

    sign_in_title: "Sign in to Sluice",
    sign_in_what: "Thousands of photos, straight into your own bucket.",
    sign_in: "Sign in",
    name: "Name",
    password: "Password",
    welcome_title: "Welcome to Sluice",
    welcome_what: "Choose the name and the password that you will sign in with from now on.",
    welcome_go: "Start",
    session_ended: "Please sign in again",
    session_ended_what: "Your session has ended. Nothing is lost: the upload goes on as soon as you are back.",
    entry_problem: sentence::entry_problem,

    drop_here: "Drop photos or folders here",
    drop_here_what: "Whole folders with everything in them, thousands at a time.",
    drop_anywhere: "Let go to add them",
    choose_files: "Choose photos",
    choose_folder: "Choose a folder",
    project: "Project",
    no_project: "No project yet",
    no_project_what: "You may not upload into any project so far. Ask your admin to add you to one.",
    rules: |types, size, most| {
        let types = if types.is_empty() { "any type" } else { types };
        format!("{types} · up to {size} each · up to {most} at a time")
    },
    gathering: "Looking through your folders",
    gathering_what: "photos and files found so far",
    opening: "Opening the gate…",
    stuck: "It could not start",
    stuck_what: "Your files are still here; nothing has been sent.",
    try_again: "Try again",
    start_over: "Start over",

    refused_title: |refused, all| match (refused, all) {
        (1, 1) => "This file cannot be uploaded".to_owned(),
        (refused, all) if refused == all => format!("None of these {} files can be uploaded", count(all)),
        (1, all) => format!("1 of {} files cannot be uploaded", count(all)),
        (refused, all) => format!("{} of {} files cannot be uploaded", count(refused), count(all)),
    },
    refused_some: "Nothing has been sent yet. Look at the reasons, then send the others.",
    refused_all: "Nothing has been sent. Look at the reasons, then choose other files.",
    upload_others: |others| match others {
        1 => "Upload the other 1".to_owned(),
        others => format!("Upload the other {}", count(others)),
    },
    and_more: |more| format!("and {} more", count(more)),
    junk_left_out: |files| match files {
        1 => "1 system file was left out.".to_owned(),
        files => format!("{} system files were left out.", count(files)),
    },
    refusal: sentence::refusal,

    phase_title: sentence::phase_title,
    phase_next: sentence::phase_next,
    phase_broken: "This upload has stopped",
    progress: "Progress of the upload",
    photos: "Photos",
    data: "Data",
    speed: "Speed",
    time_left: "Time left",
    took: "Took",
    of: |done, all| format!("{done} of {all}"),
    per_second: |size| format!("{size}/s"),
    pause: "Pause",
    resume: "Go on",
    cancel: "Take out",
    cancel_all: "Cancel all",
    retry: "Try again",
    retry_failed: "Retry the failed",
    files: "Files",
    filter: "Which files are shown",
    all: "All",
    trouble: "Trouble",
    row_state: sentence::row_state,
    failure: sentence::failure,
    announcement: sentence::announcement,

    summary_all: |stored| match stored {
        1 => "Your photo is in the bucket".to_owned(),
        stored => format!("All {} photos are in the bucket", count(stored)),
    },
    summary_some: |stored, lost| format!("{} in the bucket, {} not", count(stored), count(lost)),
    summary_nothing: "Nothing was uploaded",
    summary_nothing_what: "Everything was taken out or refused before it was sent.",
    summary_verified: |size, took| match took {
        Some(took) => format!("{size} in {took}, and every one checked against the store."),
        None => format!("{size}, and every one checked against the store."),
    },
    summary_unverified: "They could not be checked against the store yet. Open the receipt later to see.",
    summary_wrong: |wrong| {
        format!("The store does not hold {} of them as they were sent. Try those again.", count(wrong))
    },
    show_receipt: "Receipt",
    upload_more: "Upload more",

    no_batches: "No batches yet. What you upload will be listed here.",
    batch_figures: |stored, all, size| format!("{} of {} photos · {size}", count(stored), count(all)),
    batch_state: sentence::batch_state,
    receipt: "Receipt",
    size: "Size",
    opened: "Opened",
    verified: "Verified",
    path: "Path",
    checksum: "ETag",
    seen: "Seen in the store",
    more_in_file: |more| format!("{} more are in the files that you can save.", count(more)),
};
