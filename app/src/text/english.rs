//! English.

mod desk;
mod gallery;
mod sentence;

use transfer::wire::EarlierFate;

use super::Words;
use super::figure::count;

pub(super) static ENGLISH: Words = Words {
    skip_to_content: "Skip to the content",
    navigation: "Main",
    upload: "Upload",
    batches: "Batches",
    account: "Your account",
    account_what: "Where you are signed in. If one of these is not you, sign it out, and ask an admin for a link to choose another password.",
    this_browser: "This browser",
    unknown_browser: "A browser that does not say which",
    signed_in_at: "Signed in",
    sign_out: "Sign out",
    sign_out_everywhere: "Sign out everywhere",
    sign_out_elsewhere: "Sign out everywhere else",
    sign_out_while_sending: "Photos are still being sent. If you sign out now, the rest will stay here. Sign out?",
    footer: "Photos go straight into your bucket. This server only opens the gate.",
    language: "Language",
    loading: "One moment…",
    title_done: "Done",
    not_found: "There is nothing here",
    not_found_what: "The address may be mistyped, or what was here is gone.",
    back_to_upload: "Upload photos",
    problem: sentence::problem,
    desk: &desk::DESK,
    gallery: &gallery::GALLERY,

    sign_in_title: "Sign in to Sluice",
    sign_in_what: "Thousands of photos, straight into your own bucket.",
    sign_in: "Sign in",
    sign_in_with: |provider| format!("Sign in with {provider}"),
    or: "or",
    sso_problem: sentence::sso_problem,
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
    add_files: "Add photos",
    add_folder: "Add a folder",
    project: "Project",
    no_project: "No project yet",
    no_project_what: "You may not upload into any project so far. Ask your admin to add you to one.",
    media_type: |media_type| match media_type {
        "image/*" => "Photos".to_owned(),
        "video/*" => "Videos".to_owned(),
        other => other.strip_prefix("image/").unwrap_or(other).to_ascii_uppercase(),
    },
    rules: |types, size, most| {
        let types = if types.is_empty() { "Any type" } else { types };
        format!("{types} · up to {size} each · up to {most} at a time")
    },
    kept_for: |days| match days {
        1 => "What you send is kept for 1 day.".to_owned(),
        days => format!("What you send is kept for {} days.", count(days)),
    },
    gathering: "Looking through your folders",
    gathering_what: "photos and files found so far",
    relaying: "This network does not let your browser reach the storage directly, so your files go through this server. It is slower.",
    still_gathering: |found| format!("Still looking through your folders: {} files so far.", count(found)),
    opening: "Opening the gate…",
    stuck: "It could not start",
    stuck_what: "Your files are still here; nothing has been sent.",
    try_again: "Try again",
    start_over: "Start over",

    refused_title: |refused| match refused {
        1 => "This file cannot be uploaded".to_owned(),
        refused => format!("None of these {} files can be uploaded", count(refused)),
    },
    refused_all: "Nothing has been sent. Look at the reasons, then choose other files.",
    and_more: |more| format!("and {} more", count(more)),
    junk_left_out: |files| match files {
        1 => "1 system file was left out.".to_owned(),
        files => format!("{} system files were left out.", count(files)),
    },
    left_out: |files| match files {
        1 => "1 file was left out".to_owned(),
        files => format!("{} files were left out", count(files)),
    },
    refusal: sentence::refusal,

    duplicates: |files| match files {
        1 => "1 file is in this project already".to_owned(),
        files => format!("{} files are in this project already", count(files)),
    },
    duplicates_what: "Same path, same size, same content. The other files are sent meanwhile.",
    skip_duplicates: "Skip",
    send_duplicates: "Send again (keep both)",
    replace_duplicates: "Replace the earlier ones",
    replace_what: |some, all| {
        match (some, all) {
        (1, 1) => "To replace it, it is sent again, and the earlier copy is deleted once the new one is verified.".to_owned(),
        (some, all) if some == all => {
            "To replace them, they are sent again, and the earlier copies are deleted once the new ones are verified.".to_owned()
        }
        (some, _) => format!(
            "To replace them, they are sent again, and {} of the earlier copies are deleted once the new ones are verified. The others are not yours to replace now: both are kept.",
            count(some)
        ),
    }
    },
    duplicates_skipped: |files| match files {
        1 => "1 file was there already and is not sent.".to_owned(),
        files => format!("{} files were there already and are not sent.", count(files)),
    },

    phase_title: sentence::phase_title,
    phase_next: sentence::phase_next,
    phase_broken: "This upload has stopped",
    worker_lost: "The part of this page that sends files has failed. Reload the page and add the files again.",
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
    reopen: "Go on with the same files",
    choose_folder_again: "Choose the folder again",
    choose_files_again: "Choose the photos again",
    not_now: "Not now",
    hold: "Hold back",
    release: "Let go",
    folder_first: "Send this folder first",
    cancel: "Take out",
    cancel_all: "Cancel all",
    retry: "Try again",
    retry_failed: "Retry the failed",
    close_anyway: "Finish without them",
    files: "Files",
    filter: "Which files are shown",
    all: "All",
    search: "Search by name",
    found_nothing: "No file has that in its name or folder.",
    trouble: "Trouble",
    row_state: sentence::row_state,
    failure: sentence::failure,
    announcement: sentence::announcement,

    summary_all: |stored| match stored {
        1 => "Your photo is in the bucket".to_owned(),
        stored => format!("All {} photos are in the bucket", count(stored)),
    },
    summary_some: |stored, lost| format!("{} in the bucket, {} not", count(stored), count(lost)),
    summary_skipped: |stored, there| match there {
        1 => format!("{} stored, 1 was there already", count(stored)),
        there => format!("{} stored, {} were there already", count(stored), count(there)),
    },
    summary_there: |there| match there {
        1 => "Your photo was there already".to_owned(),
        there => format!("All {} photos were there already", count(there)),
    },
    summary_there_what: "Nothing had to be sent. The receipt says where they are.",
    summary_nothing: "Nothing was uploaded",
    summary_nothing_what: "Everything was taken out or refused before it was sent.",
    summary_verified: |size, took| match took {
        Some(took) => format!("{size} in {took}, and every one checked against the store."),
        None => format!("{size}, and every one checked against the store."),
    },
    summary_beyond: "Your files are there, but so is more that nobody announced, and that is over the limit. An admin must look at it; the receipt says what is stored.",
    summary_unverified: "They could not be checked against the store yet. Open the receipt later to see.",
    summary_undecided: "Try the others again, or finish without them. Then what arrived is checked against the store.",
    summary_wrong: |wrong| {
        format!("The store does not hold {} of them as they were sent. Try those again.", count(wrong))
    },
    summary_replaced: |deleted, left| match (deleted, left) {
        (0, left) => {
            format!("{} earlier copies are still there. The receipt says which, and why.", count(left))
        }
        (1, 0) => "The earlier copy was deleted: the new one takes its place.".to_owned(),
        (deleted, 0) => {
            format!("{} earlier copies were deleted: the new ones take their place.", count(deleted))
        }
        (deleted, left) => format!(
            "{} earlier copies were deleted, {} are still there. The receipt says which, and why.",
            count(deleted),
            count(left)
        ),
    },
    show_receipt: "Receipt",
    upload_more: "Upload more",

    finish_batch: "Finish",
    no_batches: "No batches yet. What you upload will be listed here.",
    batch_figures: |stored, of, size| match of {
        Some(all) => format!("{} of {} photos · {size}", count(stored), count(all)),
        None if stored == 1 => format!("1 photo · {size}"),
        None => format!("{} photos · {size}", count(stored)),
    },
    batch_state: sentence::batch_state,
    receipt: "Receipt",
    size: "Size",
    opened: "Opened",
    verified: "Verified",
    path: "Path",
    checksum: "Checksum",
    seen: "Seen in the store",
    receipt_undone: "An admin has taken this batch back: what is listed here is being deleted from the bucket, or is gone.",
    already_there: "Already there",
    in_batch: "In batch",
    replaces: "Replaced",
    earlier_fate: |fate| match fate {
        EarlierFate::Due => "to be deleted once this batch is verified",
        EarlierFate::Deleted => "deleted",
        EarlierFate::Refused => "still there: the store refuses to delete",
        EarlierFate::Left => "left as it was",
    },
    more_in_file: |more| format!("{} more are in the files that you can save.", count(more)),
};
