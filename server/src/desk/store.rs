//! The store, as the doctor finds it.

use std::sync::Arc;

use app::desk::store::{
    StoreAction, StoreCheck, StoreDesk, StoreRemedy, StoreRepair, StoreSentences, StoreVerdict,
};
use ledger::Action;

use super::{Desk, DeskError};
use crate::caller::Caller;
use crate::doctor::{Check, Doctor, Remedy, Repair, Sentence, Verdict};
use crate::state::AppState;

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the store says to a repair.
pub async fn act(state: &AppState, caller: &Caller, action: StoreAction) -> Result<StoreDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    if let StoreAction::Apply { repair } = action {
        desk.repair(repair).await?;
    }
    desk.examine().await
}

impl Desk<'_> {
    /// Asks the store all that the doctor asks. One examination at a time: each writes the same object.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn examine(&self) -> Result<StoreDesk, DeskError> {
        let doctor = self.doctor()?;
        let _alone = self.state.examining.lock().await;
        let projects = self.state.ledger.projects().list().await?;
        let diagnosis = doctor.examine_with(&projects).await;
        Ok(StoreDesk {
            bucket: self.state.grants.bucket().name().as_str().to_owned(),
            healthy: diagnosis.is_healthy(),
            checks: diagnosis.checks.into_iter().map(check).collect(),
        })
    }

    /// Puts something right; rules of the bucket that are there stay.
    ///
    /// # Errors
    /// What the store says; nothing was changed then.
    pub async fn repair(&self, repair: StoreRepair) -> Result<(), DeskError> {
        let bucket = self.state.grants.bucket().name().as_str();
        let (repair, word) = match repair {
            StoreRepair::AllowPage => (Repair::AllowPage, "allow_page"),
            StoreRepair::AbortUnfinished => (Repair::AbortUnfinished, "abort_unfinished"),
        };
        let doctor = self.doctor()?;
        // It reads the bucket's rules and writes them back with one more.
        let alone = self.state.examining.lock().await;
        doctor.apply(repair).await?;
        drop(alone);
        Ok(self.state.ledger.audit().note(self.deed(), Action::StoreRepaired, bucket, word).await?)
    }

    fn doctor(&self) -> Result<Doctor, DeskError> {
        let state = self.state;
        Doctor::new(Arc::clone(&state.grants), state.public_url.clone(), state.config.grants.session)
            .map_err(|error| DeskError::Invalid(error.to_string()))
    }
}

fn check(check: Check) -> StoreCheck {
    let title = check.subject.title();
    let why = check.why.as_ref();
    let japanese = StoreSentences {
        subject: title.japanese().to_owned(),
        found: check.found.japanese().to_owned(),
        why: why.map(|why| why.japanese().to_owned()),
        remedies: check.remedies.iter().map(|remedy| remedy.what.japanese().to_owned()).collect(),
    };
    StoreCheck {
        subject: title.to_string(),
        verdict: match check.verdict {
            Verdict::Good => StoreVerdict::Good,
            Verdict::Unknown => StoreVerdict::Unknown,
            Verdict::Advice => StoreVerdict::Advice,
            Verdict::Bad => StoreVerdict::Bad,
        },
        found: check.found.to_string(),
        why: why.map(Sentence::to_string),
        remedies: check.remedies.into_iter().map(remedy).collect(),
        japanese,
        milliseconds: check.milliseconds,
    }
}

fn remedy(remedy: Remedy) -> StoreRemedy {
    StoreRemedy {
        what: remedy.what.to_string(),
        text: remedy.text,
        repair: remedy.repair.map(|repair| match repair {
            Repair::AllowPage => StoreRepair::AllowPage,
            Repair::AbortUnfinished => StoreRepair::AbortUnfinished,
        }),
    }
}
