//! The catalogue: one field for each thing that the pages say, so that a language that lacks one does not compile.

mod desk;
mod gallery;

use transfer::port::{FailureClass, Phase, RowState, Snapshot};
use transfer::wire::{BatchState, EarlierFate, Problem, Refusal};

use crate::entrance::SsoProblem;

pub(crate) use desk::DeskWords;
pub(crate) use gallery::GalleryWords;

/// Every word on the pages in one language. Functions take counts as numbers and everything else as text.
pub(crate) struct Words {
    // Around every page
    pub(crate) skip_to_content: &'static str,
    pub(crate) navigation: &'static str,
    pub(crate) upload: &'static str,
    pub(crate) batches: &'static str,
    pub(crate) account: &'static str,
    pub(crate) account_what: &'static str,
    pub(crate) this_browser: &'static str,
    pub(crate) unknown_browser: &'static str,
    pub(crate) signed_in_at: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) sign_out_everywhere: &'static str,
    pub(crate) sign_out_elsewhere: &'static str,
    pub(crate) sign_out_while_sending: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) language: &'static str,
    pub(crate) loading: &'static str,
    pub(crate) title_done: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) not_found_what: &'static str,
    pub(crate) back_to_upload: &'static str,
    pub(crate) problem: fn(&Problem) -> String,

    /// The admin's side.
    pub(crate) desk: &'static DeskWords,
    /// Galleries.
    pub(crate) gallery: &'static GalleryWords,

    // Signing in
    pub(crate) sign_in_title: &'static str,
    pub(crate) sign_in_what: &'static str,
    pub(crate) sign_in: &'static str,
    /// The button of single sign-on: what people call the provider.
    pub(crate) sign_in_with: fn(&str) -> String,
    pub(crate) or: &'static str,
    pub(crate) sso_problem: fn(SsoProblem) -> &'static str,
    pub(crate) name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) welcome_title: &'static str,
    pub(crate) welcome_what: &'static str,
    pub(crate) welcome_go: &'static str,
    pub(crate) session_ended: &'static str,
    pub(crate) session_ended_what: &'static str,
    /// A problem of the sign-in form.
    pub(crate) entry_problem: fn(&Problem) -> String,

    // Choosing
    pub(crate) drop_here: &'static str,
    pub(crate) drop_here_what: &'static str,
    pub(crate) drop_anywhere: &'static str,
    pub(crate) choose_files: &'static str,
    pub(crate) choose_folder: &'static str,
    pub(crate) add_files: &'static str,
    pub(crate) add_folder: &'static str,
    pub(crate) project: &'static str,
    pub(crate) no_project: &'static str,
    pub(crate) no_project_what: &'static str,
    /// A media type, or a family of them, of the rules.
    pub(crate) media_type: fn(&str) -> String,
    /// Types, largest size, most files.
    pub(crate) rules: fn(&str, &str, &str) -> String,
    /// For how many days the project keeps what is sent.
    pub(crate) kept_for: fn(u64) -> String,
    pub(crate) gathering: &'static str,
    pub(crate) gathering_what: &'static str,
    /// While the first are sent already.
    pub(crate) still_gathering: fn(u64) -> String,
    pub(crate) relaying: &'static str,
    pub(crate) opening: &'static str,
    pub(crate) stuck: &'static str,
    pub(crate) stuck_what: &'static str,
    pub(crate) try_again: &'static str,
    pub(crate) start_over: &'static str,

    // What was refused
    pub(crate) refused_title: fn(u64) -> String,
    pub(crate) refused_all: &'static str,
    pub(crate) and_more: fn(u64) -> String,
    pub(crate) junk_left_out: fn(u64) -> String,
    pub(crate) left_out: fn(u64) -> String,
    /// Why a file, or a group of them, is refused, and what to do.
    pub(crate) refusal: fn(&Refusal) -> String,

    // What the project holds already
    pub(crate) duplicates: fn(u64) -> String,
    pub(crate) duplicates_what: &'static str,
    pub(crate) skip_duplicates: &'static str,
    pub(crate) send_duplicates: &'static str,
    pub(crate) replace_duplicates: &'static str,
    /// What replacing does: to how many, and of how many.
    pub(crate) replace_what: fn(u64, u64) -> String,
    pub(crate) duplicates_skipped: fn(u64) -> String,

    // Watching
    pub(crate) phase_title: fn(&Phase) -> &'static str,
    /// What happens next.
    pub(crate) phase_next: fn(&Phase) -> &'static str,
    pub(crate) phase_broken: &'static str,
    pub(crate) worker_lost: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) photos: &'static str,
    pub(crate) data: &'static str,
    pub(crate) speed: &'static str,
    pub(crate) time_left: &'static str,
    pub(crate) took: &'static str,
    /// This of that.
    pub(crate) of: fn(&str, &str) -> String,
    pub(crate) per_second: fn(&str) -> String,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) reopen: &'static str,
    pub(crate) choose_folder_again: &'static str,
    pub(crate) choose_files_again: &'static str,
    pub(crate) not_now: &'static str,
    pub(crate) hold: &'static str,
    pub(crate) release: &'static str,
    pub(crate) folder_first: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) cancel_all: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) retry_failed: &'static str,
    pub(crate) close_anyway: &'static str,
    pub(crate) files: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) all: &'static str,
    pub(crate) search: &'static str,
    pub(crate) found_nothing: &'static str,
    pub(crate) trouble: &'static str,
    pub(crate) row_state: fn(&RowState) -> String,
    /// Why sending failed, and what to do.
    pub(crate) failure: fn(FailureClass) -> &'static str,
    /// How far it is, in a sentence that is read aloud.
    pub(crate) announcement: fn(&Snapshot) -> String,

    // When it is over
    pub(crate) summary_all: fn(u64) -> String,
    /// Stored, and not.
    pub(crate) summary_some: fn(u64, u64) -> String,
    /// Stored, and not sent because they are there already.
    pub(crate) summary_skipped: fn(u64, u64) -> String,
    pub(crate) summary_there: fn(u64) -> String,
    pub(crate) summary_there_what: &'static str,
    pub(crate) summary_nothing: &'static str,
    pub(crate) summary_nothing_what: &'static str,
    /// Size, and how long it took if that is known.
    pub(crate) summary_verified: fn(&str, Option<&str>) -> String,
    pub(crate) summary_unverified: &'static str,
    pub(crate) summary_beyond: &'static str,
    /// Some failed, and the person has to say what becomes of them.
    pub(crate) summary_undecided: &'static str,
    pub(crate) summary_wrong: fn(u64) -> String,
    /// Earlier copies that were deleted, and that were to be.
    pub(crate) summary_replaced: fn(u64, u64) -> String,
    pub(crate) show_receipt: &'static str,
    pub(crate) upload_more: &'static str,

    // Looking back
    pub(crate) finish_batch: &'static str,
    pub(crate) no_batches: &'static str,
    /// Stored, announced, size.
    pub(crate) batch_figures: fn(u64, Option<u64>, &str) -> String,
    pub(crate) batch_state: fn(BatchState) -> &'static str,
    pub(crate) receipt: &'static str,
    pub(crate) size: &'static str,
    pub(crate) opened: &'static str,
    pub(crate) verified: &'static str,
    pub(crate) path: &'static str,
    pub(crate) checksum: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) already_there: &'static str,
    pub(crate) in_batch: &'static str,
    pub(crate) replaces: &'static str,
    pub(crate) earlier_fate: fn(EarlierFate) -> &'static str,
    pub(crate) more_in_file: fn(u64) -> String,
    pub(crate) receipt_undone: &'static str,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").finish_non_exhaustive()
    }
}
