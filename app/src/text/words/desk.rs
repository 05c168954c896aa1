//! The words of the admin's side.

use crate::desk::links::{Ask, LinkState};
use crate::desk::people::PersonState;
use crate::person::Role;

/// Every word of the admin's side in one language.
pub(crate) struct DeskWords {
    // Around
    pub(crate) manage: &'static str,
    pub(crate) projects: &'static str,
    pub(crate) people: &'static str,
    pub(crate) links: &'static str,
    pub(crate) log: &'static str,
    pub(crate) save: &'static str,
    pub(crate) back: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) once: &'static str,
    pub(crate) code: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) no_limit: &'static str,

    // Projects
    pub(crate) projects_what: &'static str,
    pub(crate) new_project: &'static str,
    pub(crate) id: &'static str,
    pub(crate) id_what: &'static str,
    pub(crate) prefix: &'static str,
    /// Where the objects of a project with that prefix lie.
    pub(crate) prefix_what: &'static str,
    pub(crate) types: &'static str,
    pub(crate) types_what: &'static str,
    pub(crate) smallest: &'static str,
    pub(crate) largest: &'static str,
    pub(crate) most_files: &'static str,
    pub(crate) grant: &'static str,
    pub(crate) credentials: &'static str,
    pub(crate) post_policy: &'static str,
    pub(crate) signed_urls: &'static str,
    pub(crate) who: &'static str,
    pub(crate) everyone: &'static str,
    pub(crate) members_only: &'static str,
    pub(crate) members: &'static str,
    pub(crate) quota_files: &'static str,
    pub(crate) quota_size: &'static str,
    pub(crate) thumbnails: &'static str,
    pub(crate) archive: &'static str,
    pub(crate) restore: &'static str,
    pub(crate) archived: &'static str,
    /// So many members.
    pub(crate) member_count: fn(u64) -> String,
    /// Files and size.
    pub(crate) holds: fn(u64, &str) -> String,

    // People
    pub(crate) people_what: &'static str,
    pub(crate) invite: &'static str,
    pub(crate) role: &'static str,
    pub(crate) role_name: fn(Role) -> &'static str,
    pub(crate) person_state: fn(PersonState) -> &'static str,
    pub(crate) new_link: &'static str,
    pub(crate) end_sessions: &'static str,
    pub(crate) disable: &'static str,
    pub(crate) enable: &'static str,
    pub(crate) make_admin: &'static str,
    pub(crate) make_uploader: &'static str,
    pub(crate) link_for: fn(&str) -> String,
    pub(crate) token_for: fn(&str) -> String,
    pub(crate) tokens: &'static str,
    pub(crate) tokens_what: &'static str,
    pub(crate) no_tokens: &'static str,
    pub(crate) new_token: &'static str,
    pub(crate) token_name: &'static str,
    pub(crate) days: &'static str,
    pub(crate) revoke: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) last_used: &'static str,
    pub(crate) never: &'static str,

    // Links
    pub(crate) links_what: &'static str,
    pub(crate) new_guest_link: &'static str,
    pub(crate) title: &'static str,
    pub(crate) welcome: &'static str,
    pub(crate) ask_name: &'static str,
    pub(crate) ask_email: &'static str,
    pub(crate) ask_note: &'static str,
    pub(crate) ask: fn(Ask) -> &'static str,
    pub(crate) link_password: &'static str,
    pub(crate) link_state: fn(LinkState) -> &'static str,
    pub(crate) guests: fn(u64) -> String,
    pub(crate) no_links: &'static str,
    pub(crate) end_link: &'static str,
    pub(crate) end_link_sure: &'static str,
    pub(crate) email: &'static str,
    pub(crate) note: &'static str,
    pub(crate) go_on: &'static str,

    // The log
    pub(crate) log_what: &'static str,
    pub(crate) when: &'static str,
    pub(crate) who_did: &'static str,
    pub(crate) did: &'static str,
    pub(crate) to_what: &'static str,
    pub(crate) detail: &'static str,
    pub(crate) about: &'static str,
    pub(crate) show: &'static str,
    pub(crate) older: &'static str,
    pub(crate) nothing_logged: &'static str,
    /// What was done, by the log's word for it.
    pub(crate) action: fn(&str) -> &'static str,
}
