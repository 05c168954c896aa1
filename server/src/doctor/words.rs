//! What was found, and why it matters, in sentences.

use super::{Finding, Side, Trial};

/// What was found.
pub(super) fn found(finding: &Finding) -> String {
    match finding {
        Finding::Known { source, who: Some(who) } => format!("{who}, from {source}"),
        Finding::Known { source, who: None } => format!("from {source}"),
        Finding::NoCredentials { detail } => format!("none found: {detail}"),
        Finding::CredentialsLate { detail } => format!("not to be had just now: {detail}"),
        Finding::HostsAnswer { hosts: 1 } => "one, and it answers".to_owned(),
        Finding::HostsAnswer { hosts } => format!("{hosts}, and all answer"),
        Finding::HostsSilent { silent, .. } => format!("no answer from {}", silent.join(", ")),
        Finding::ClockRight { ahead } => format!("agrees with the store's to {} s", ahead.abs().max(1)),
        Finding::ClockWrong { ahead } if *ahead > 0 => {
            format!("this machine is {ahead} s ahead of the store")
        }
        Finding::ClockWrong { ahead } => format!("this machine is {} s behind the store", -ahead),
        Finding::ClockUnseen => "the store does not tell its time".to_owned(),
        Finding::Listed => "is there, in that region, and can be listed".to_owned(),
        Finding::WrongRegion { configured, expected: Some(expected) } => {
            format!("is in {expected}, not in {configured}")
        }
        Finding::WrongRegion { configured, expected: None } => format!("is not in {configured}"),
        Finding::NoBucket => "does not exist".to_owned(),
        Finding::ListDenied => "the server may not list it (or it does not exist)".to_owned(),
        Finding::KeyRefused { refusal } => format!("the store does not accept the server's key: {refusal}"),
        Finding::Unreachable { detail } => format!("no answer: {detail}"),
        Finding::StoreRefuses { detail } => format!("the store refuses: {detail}"),
        Finding::NoRole => "none configured: browsers get presigned URLs".to_owned(),
        Finding::Assumed { seconds } => format!("can be assumed, for {} minutes", seconds.div_ceil(60)),
        Finding::AssumeDenied { side: Side::Caller, .. } => {
            "may not be assumed: the server's own policy does not allow it".to_owned()
        }
        Finding::AssumeDenied { side: Side::Trust, .. } => {
            "may not be assumed: its trust policy does not name the server".to_owned()
        }
        Finding::AssumeDenied { side: Side::Unknown, .. } => {
            "may not be assumed, and the store does not say which side refuses".to_owned()
        }
        Finding::TooLong { seconds, chained: true } => {
            format!("not for {seconds} s: the server runs under a role itself, and then AWS allows an hour")
        }
        Finding::TooLong { seconds, chained: false } => {
            format!(
                "not for {seconds} s: that is more than the store, or the role's MaxSessionDuration, allows"
            )
        }
        Finding::PolicyTooLarge => "the session policy, packed, is too large for this store".to_owned(),
        Finding::NoSts { detail } => format!("the store has no STS: {detail}"),
        Finding::Stored { deleted: true } => "an object was written, found and deleted".to_owned(),
        Finding::Stored { deleted: false } => {
            "an object was written and found; sluice-doctor/doctor/probe stays, as the server may not delete"
                .to_owned()
        }
        Finding::PutDenied { refusal } => format!("an object could not be written: {refusal}"),
        Finding::NotFound => "an object was written, and the listing does not have it".to_owned(),
        Finding::NotSeen => "an object was written; whether it is there could not be seen".to_owned(),
        Finding::Confined { tried } => format!("{tried} ways out of a grant were tried, and all refused"),
        Finding::NotConfined { open } => {
            let open: Vec<&str> = open.iter().copied().map(attempt).collect();
            format!("a grant lets its holder {}", open.join(", "))
        }
        Finding::OverwriteRefused => "a taken key is refused when the request says so".to_owned(),
        Finding::OverwriteTaken => "the store does not honour If-None-Match".to_owned(),
        Finding::ChecksumsChecked => "a body that is not what its checksum says is refused".to_owned(),
        Finding::ChecksumsIgnored => "the store does not look at x-amz-checksum-*".to_owned(),
        Finding::FormsTaken => "small files can go as forms, without a preflight".to_owned(),
        Finding::FormsRefused { status } => format!("the store takes no POST forms of a session ({status})"),
        Finding::CorsRight { max_age } => {
            format!("this page may send, and read what it needs; remembered for {max_age} s")
        }
        Finding::CorsClosed { origin } => format!("pages of {origin} may not talk to the bucket"),
        Finding::CorsMethods { missing } => format!("this page may not send {}", missing.join(", ")),
        Finding::CorsHeaders => "this page may not send the headers of a signature".to_owned(),
        Finding::CorsHidden => "this page may not read ETag".to_owned(),
        Finding::CorsForgotten { max_age } => format!("browsers may remember it for {max_age} s only"),
        Finding::LifecycleRight { days } => format!("unfinished uploads are aborted after {days} day(s)"),
        Finding::LifecycleMissing => "nothing aborts unfinished uploads".to_owned(),
        Finding::RetentionsHeld { projects } => format!("the bucket has the rules of {projects} project(s)"),
        Finding::RetentionsApart { projects } => {
            format!("the bucket's rules are not what was decided for {}", projects.join(", "))
        }
        Finding::Versioned => "old versions are kept: what a grant overwrites can be had back".to_owned(),
        Finding::Unversioned => "off: what is overwritten is gone".to_owned(),
        Finding::Unseen { detail } => format!("could not be looked at: {detail}"),
    }
}

/// Why it matters, where something is to be done.
pub(super) fn why(finding: &Finding) -> Option<&'static str> {
    Some(match finding {
        Finding::NoCredentials { .. } | Finding::CredentialsLate { .. } | Finding::KeyRefused { .. } => {
            "Without credentials the server can neither make grants nor verify what arrived."
        }
        Finding::HostsSilent { answering, .. } if answering.is_empty() => "Nothing can be uploaded.",
        Finding::HostsSilent { .. } => {
            "Browsers open six connections to each name, so each that is missing costs speed, and tries."
        }
        Finding::ClockWrong { .. } => "S3 refuses requests whose time is more than 15 minutes off.",
        Finding::WrongRegion { .. } => {
            "Signatures name the region, so every request is refused or redirected."
        }
        Finding::NoBucket => "Nothing can be uploaded.",
        Finding::ListDenied => "No batch can be verified, and /readyz says no.",
        Finding::Unreachable { .. } | Finding::StoreRefuses { .. } => "Nothing works until it does.",
        Finding::NoRole => {
            "Each URL has to be asked for and is signed with the server's own credentials; a role lets the browser \
             sign for itself, for one batch only."
        }
        Finding::AssumeDenied { .. }
        | Finding::NoSts { .. }
        | Finding::TooLong { .. }
        | Finding::PolicyTooLarge => "No grant can be made, so nothing can be uploaded.",
        Finding::PutDenied { .. } => "Grants are made, and nothing can be uploaded with them.",
        Finding::NotFound => "No batch can be verified.",
        Finding::NotConfined { .. } => {
            "Whoever has a grant, or finds one, can do this until it ends. Do not let people upload before it is shut."
        }
        Finding::OverwriteTaken => {
            "The holder of a grant can overwrite objects of the same batch until it ends."
        }
        Finding::ChecksumsIgnored => {
            "A photograph that was damaged on its way is found by its ETag when the batch is closed, not before."
        }
        Finding::FormsRefused { .. } => "Small files cost two requests each: browsers ask before every PUT.",
        Finding::CorsClosed { .. } | Finding::CorsHeaders => "Browsers refuse to send anything.",
        Finding::CorsMethods { .. } => {
            "POST and PUT send files; GET and DELETE are for large ones: to go on after a break, and to give up."
        }
        Finding::CorsHidden => "Uploads in parts cannot be put together, and nothing can be compared.",
        Finding::CorsForgotten { .. } => "Browsers ask again and again, a round trip each time.",
        Finding::LifecycleMissing => {
            "Parts of large files that nobody finished stay, unseen, and cost money."
        }
        Finding::RetentionsApart { .. } => {
            "The store goes by its own rules: what should end stays, or what should stay ends."
        }
        _ => return None,
    })
}

fn attempt(trial: Trial) -> &'static str {
    match trial {
        Trial::OtherBatch => "write into other batches",
        Trial::Lookalike => "write where the name only begins like the batch",
        Trial::Read => "read objects",
        Trial::List => "list the bucket",
        Trial::Delete => "delete objects",
        Trial::AssumeAgain => "assume the role again without limits",
    }
}
