//! Opening a batch.

use ledger::{NewBatch, ProjectRecord};
use transfer::wire::{BatchId, GrantKind, KeyTemplate, OpenBatchRequest, OpenedBatch, UnixMillis};
use uuid::Uuid;

use super::{BatchError, Keys, access, key};
use crate::caller::Caller;
use crate::clock;
use crate::grant::{BatchPrefix, ProjectPrefix};
use crate::state::AppState;

/// A batch that has an id and a prefix, and is not in the ledger yet.
pub(crate) struct NewRun {
    pub(crate) id: BatchId,
    pub(crate) project: ProjectRecord,
    pub(crate) project_prefix: ProjectPrefix,
    pub(crate) prefix: BatchPrefix,
    key_template: KeyTemplate,
    now: UnixMillis,
}

impl NewRun {
    /// Thinks up an id that was never used: version 7, so that newer batches sort behind older ones.
    pub(crate) async fn into_project(
        state: &AppState,
        caller: &Caller,
        project: &transfer::wire::ProjectId,
    ) -> Result<Self, BatchError> {
        let project = access::project(state, caller, project).await?;
        if project.archived_at.is_some() {
            return Err(BatchError::NoSuchProject);
        }
        let project_prefix: ProjectPrefix = project.prefix.parse()?;
        let id = BatchId::try_from(Uuid::now_v7().to_string()).map_err(|_| BatchError::NoSuchBatch)?;
        let now = clock::now();
        let key_template = key::template_of(&project.key_template, now, &caller.person().name);
        Ok(Self { prefix: project_prefix.batch(&id), project_prefix, id, project, key_template, now })
    }

    /// What its keys are made by.
    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys { prefix: self.prefix.as_str(), template: &self.key_template }
    }
}

/// Opens a batch: a prefix of its own, and a grant for it.
///
/// # Errors
/// `NoSuchProject`; what the grant says.
pub async fn open(
    state: &AppState,
    caller: &Caller,
    request: OpenBatchRequest,
) -> Result<OpenedBatch, BatchError> {
    let run = NewRun::into_project(state, caller, &request.project).await?;
    let kind = state.grants.choose(request.grant, run.project.grant);
    // Before the ledger: without a grant there is nothing worth recording.
    let issued = state.grants.issue(kind, &run.id, &run.prefix, &run.project.rules).await;
    state.metrics.granted(kind, &issued);
    let grant = issued?;
    record(state, caller, &run, kind).await?;
    Ok(OpenedBatch {
        thumbnails: run.project.thumbnails,
        relay: run.project.relay,
        batch: run.id,
        prefix: run.prefix.to_string(),
        grant,
        store: state.grants.bucket().address().clone(),
        rules: run.project.rules,
        server_time: clock::now(),
    })
}

/// Writes a new batch into the ledger.
pub(crate) async fn record(
    state: &AppState,
    caller: &Caller,
    run: &NewRun,
    grant: GrantKind,
) -> Result<(), BatchError> {
    let new = NewBatch {
        id: run.id.clone(),
        project: run.project.id.clone(),
        person: caller.person().id,
        token: caller.token(),
        prefix: run.prefix.to_string(),
        key_template: run.key_template.clone(),
        grant,
        opened_at: run.now,
    };
    state.ledger.batches().open(new).await?;
    state.metrics.opened();
    Ok(())
}
