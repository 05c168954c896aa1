//! What a request is for, and so what its answer tells the engine.

use transfer::engine::{AttemptId, Event, Lane, Step};

use crate::multipart;
use crate::outcome::{Answer, Outcome};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// To send a file or a part.
    Send,
    /// To send a file through the server.
    Relay,
    /// To begin an upload in parts.
    Create,
    /// To list the parts of one.
    List,
    /// To complete one.
    Complete,
}

impl Errand {
    /// Of a lane.
    #[must_use]
    pub fn of(lane: &Lane) -> Self {
        match lane {
            Lane::Multipart { step, .. } | Lane::SignedMultipart { step, .. } => match step {
                Step::Create => Self::Create,
                Step::List { .. } => Self::List,
                Step::Complete { .. } => Self::Complete,
                Step::Part { .. } => Self::Send,
            },
            Lane::Form { .. } | Lane::Put { .. } | Lane::SignedPut { .. } => Self::Send,
            Lane::Relay { .. } => Self::Relay,
        }
    }

    /// What an answer means: the server refuses in other words than a store.
    #[must_use]
    pub fn outcome(self, answer: &Answer<'_>) -> Outcome {
        if self == Self::Relay { answer.outcome_of_relay() } else { answer.outcome() }
    }

    /// What the engine is to hear of an answer with that body.
    #[must_use]
    pub fn event(self, attempt: AttemptId, outcome: Outcome, body: &str) -> Event {
        match (outcome, self) {
            (Outcome::Stored { etag }, Self::Send | Self::Relay) => Event::Sent { attempt, etag },
            (Outcome::Stored { .. }, Self::Complete) => Event::Sent { attempt, etag: multipart::etag(body) },
            (Outcome::Stored { .. }, Self::Create) => {
                Event::Created { attempt, upload: multipart::upload(body).unwrap_or_default() }
            }
            (Outcome::Stored { .. }, Self::List) => {
                let (parts, more) = multipart::parts(body);
                Event::Listed { attempt, parts, more }
            }
            (Outcome::Unsupported, _) => Event::Unsupported { attempt },
            (Outcome::UploadGone, _) => Event::UploadGone { attempt },
            (Outcome::Failed(failure), _) => Event::Failed { attempt, failure },
        }
    }
}
