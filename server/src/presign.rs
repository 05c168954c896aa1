//! The short way for scripts: one request for a URL, one `curl --upload-file` to it.
//!
//! Each presigned file is a batch of one item, so its key lies below a prefix that no one else can have, the ledger
//! knows it, and it can be closed and has a receipt like any other.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use transfer::wire::{
    BatchId, GrantKind, ItemIndex, NewItem, Problem, ProblemCode, ProjectId, Refusal, UnixMillis,
};
use utoipa::ToSchema;

use crate::batch::{self, BatchError, NewRun};
use crate::caller::Caller;
use crate::clock;
use crate::grant::{GrantError, PutTarget, Sent};
use crate::state::AppState;

/// How long a URL lives if nothing else is asked for, in seconds.
pub const DEFAULT_LIFE_S: u32 = 300;

/// The longest that may be asked for, in seconds: as long as other grants live at most.
pub const MAX_LIFE_S: u32 = 3_600;

/// Asks for a URL for one file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct PresignRequest {
    /// Where to.
    pub project: ProjectId,
    /// The file's name; may be a path with `/` between the parts.
    pub name: String,
    /// Its size in bytes. The URL takes exactly as many.
    pub size: u64,
    /// Its media type, such as `image/jpeg`; from the name's extension if not given.
    #[serde(default, rename = "type")]
    pub media_type: String,
    /// Seconds that the URL lives: 1 to 3,600, 300 if not given.
    #[serde(default)]
    pub expires_in: Option<u32>,
}

/// A URL for one file.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PresignedFile {
    /// Send the bytes here, with PUT. It is a permission: keep it out of logs.
    pub put_url: String,
    /// The upload's id: a batch of one item, see `/api/v1/batches/{uuid}`.
    pub uuid: BatchId,
    /// The file's key in the bucket.
    pub key: String,
    /// Headers to send, so that the store keeps them. `Content-Type` is no part of the signature: a client that does not
    /// send it still succeeds. All others are, and are there only where the bucket's owner wants a storage class or tags.
    pub headers: BTreeMap<String, String>,
    /// When the URL ends, on the server's clock, in milliseconds since 1970.
    pub expires_at: UnixMillis,
    /// Seconds until then.
    pub expires_in: u64,
}

impl std::fmt::Debug for PresignedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresignedFile")
            .field("uuid", &self.uuid)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Why there is no URL.
#[derive(Debug, thiserror::Error)]
pub enum PresignError {
    /// The project does not take such a file.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The life that was asked for.
    #[error("a URL lives for 1 to {MAX_LIFE_S} seconds")]
    Life,
    /// As for any batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl From<PresignError> for Problem {
    fn from(error: PresignError) -> Self {
        match error {
            PresignError::Refused(reason) => Self::new(ProblemCode::Invalid, sentence(&reason)),
            PresignError::Life => Self::new(
                ProblemCode::Invalid,
                format!("`expires_in` is a number of seconds from 1 to {MAX_LIFE_S}."),
            ),
            PresignError::Batch(error) => error.report(),
        }
    }
}

/// Presigns one file.
///
/// # Errors
/// `Refused` by the project's rules; `Life`; what opening a batch says.
pub async fn presign(
    state: &AppState,
    caller: &Caller,
    request: PresignRequest,
) -> Result<PresignedFile, PresignError> {
    let life = request.expires_in.unwrap_or(DEFAULT_LIFE_S);
    if !(1..=MAX_LIFE_S).contains(&life) {
        return Err(PresignError::Life);
    }
    let run = NewRun::into_project(state, caller, &request.project).await?;
    let file = NewItem {
        index: ItemIndex(0),
        path: request.name,
        size: request.size,
        modified: None,
        media_type: request.media_type,
    };
    let item = batch::checked(file, &run.project.rules, run.keys()).map_err(PresignError::Refused)?;
    let target = PutTarget { key: &item.key, size: item.size, turn: 0, media_type: Sent::AsItLikes };
    let life = Duration::from_secs(life.into());
    let page = state.grants.presign(&run.project_prefix, (&[target], &[]), life).await;
    let page = page.map_err(GrantError::Store);
    state.metrics.granted(GrantKind::SignedUrls, &page);
    let page = page.map_err(BatchError::Grant)?;
    let (url, mut headers) =
        page.urls.into_iter().next().map(|put| (put.url, put.headers)).unwrap_or_default();

    // After the signature: a store that does not answer leaves nothing behind in the ledger.
    batch::record(state, caller, &run, GrantKind::SignedUrls).await?;
    let (key, media_type) = (item.key.clone(), item.media_type.clone());
    let recorded =
        state.ledger.items().announce(&run.id, &[item], run.project.rules.max_items, clock::now()).await;
    match recorded.map_err(BatchError::from)?.first() {
        Some(ledger::Announced::Accepted) => {}
        Some(ledger::Announced::OverQuota) => return Err(PresignError::Refused(Refusal::OverQuota)),
        Some(ledger::Announced::OverDailyQuota) => {
            return Err(PresignError::Refused(Refusal::OverDailyQuota));
        }
        Some(ledger::Announced::TooLarge { max }) => {
            return Err(PresignError::Refused(Refusal::TooLarge { max: *max }));
        }
        _ => return Err(PresignError::Refused(Refusal::TooMany { max: run.project.rules.max_items })),
    }
    headers.push(("Content-Type".to_owned(), media_type));
    let left = page.expires_at.0.saturating_sub(clock::now().0);
    Ok(PresignedFile {
        put_url: url,
        uuid: run.id,
        key,
        headers: BTreeMap::from_iter(headers),
        expires_at: page.expires_at,
        expires_in: left.div_ceil(1_000),
    })
}

/// A refusal in a kind sentence.
fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Type { media_type } => {
            format!(
                "This project does not take files of type `{media_type}`. Give the right `type`, or choose another project."
            )
        }
        Refusal::Empty => "The file has no bytes. Check `size` and send a file that is not empty.".to_owned(),
        Refusal::TooSmall { min } => format!("This project takes files of at least {min} bytes."),
        Refusal::TooLarge { max } => format!("This project takes files of at most {max} bytes."),
        Refusal::TooMany { max } => format!("This project takes at most {max} files in a batch."),
        Refusal::PathTooLong { max_bytes } => {
            format!("The name is too long: the key would have more than {max_bytes} bytes. Shorten it.")
        }
        Refusal::PathUnsafe => {
            "The name must not be empty, begin or end with `/`, or have `.` or `..` as a part.".to_owned()
        }
        Refusal::Duplicate => "That file was announced before.".to_owned(),
        Refusal::Junk => "That is a file which systems keep for themselves; it is not uploaded.".to_owned(),
        Refusal::OverQuota => "No more is taken here: a quota is used up. Ask an admin.".to_owned(),
        Refusal::OverDailyQuota => {
            "No more is taken today: a day's quota is used up. Try again tomorrow (UTC), or ask an admin."
                .to_owned()
        }
    }
}
