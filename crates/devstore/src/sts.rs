//! STS: a session of the role, for some time, with less than the role may do.

mod answer;
mod assume_role;

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, Method, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result};
use serde::Deserialize;

pub(crate) use self::answer::translate;
use self::answer::{StsError, StsErrorCode};
use crate::caller::Caller;
use crate::hosts::{Hosts, Target};
use crate::identity::{ACCOUNT, ROLE_ID, ROLE_NAME, StoreIdentity};
use crate::session::Sessions;

/// No session lasts longer: 12 hours, as AWS has it.
const MAX_SESSION: Duration = Duration::from_secs(43_200);
/// The version of STS's query API, the only one there ever was.
const API_VERSION: &str = "2011-06-15";
/// A request with the longest policy, percent-encoded, fits into this.
const MAX_BODY: usize = 16 * 1024;

/// The route that `s3s` passes STS requests to, after it has verified their signature.
#[derive(Debug)]
pub(crate) struct Sts {
    pub(crate) sessions: Sessions,
    pub(crate) identity: StoreIdentity,
    pub(crate) hosts: Hosts,
    /// Sessions are at least this long.
    pub(crate) min_session: Duration,
}

/// The fields of the query API that are understood. Another one is refused: it could be a limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Query {
    action: Option<String>,
    version: Option<String>,
    role_arn: Option<String>,
    role_session_name: Option<String>,
    duration_seconds: Option<String>,
    policy: Option<String>,
}

#[async_trait::async_trait]
impl S3Route for Sts {
    fn is_match(&self, method: &Method, uri: &Uri, headers: &HeaderMap, _: &mut Extensions) -> bool {
        let form = headers.get(CONTENT_TYPE).is_some_and(|value| {
            value.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded")
        });
        method == Method::POST && self.hosts.target(headers, uri) == Target::Store && form
    }

    /// [`Self::call`] checks more than a signature being there.
    async fn check_access(&self, _: &mut S3Request<Body>) -> S3Result<()> {
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        Ok(match self.answer(request).await {
            Ok(xml) => answer::success(xml),
            Err(error) => answer::failure(&error),
        })
    }
}

impl Sts {
    async fn answer(&self, mut request: S3Request<Body>) -> Result<String, StsError> {
        let caller = request.extensions.get::<Caller>().cloned();
        let signed_by = request.credentials.as_ref().map(|credentials| credentials.access_key.as_str());
        let caller = caller
            .filter(|caller| signed_by == Some(caller.access_key_id()))
            .filter(|_| request.service.as_deref() == Some("sts"))
            .ok_or_else(|| {
                StsError::new(
                    StsErrorCode::MissingAuthenticationToken,
                    "Request is missing Authentication Token",
                )
            })?;
        let body = request.input.store_all_limited(MAX_BODY).await.map_err(|_| {
            StsError::new(StsErrorCode::ValidationError, "The request is too long, or not what was signed.")
        })?;
        let query: Query = serde_urlencoded::from_bytes(&body).map_err(|error| {
            StsError::new(StsErrorCode::ValidationError, format!("The request is not understood: {error}"))
        })?;
        let action = query.action.clone().ok_or_else(|| {
            StsError::new(StsErrorCode::MissingAction, "One of the parameters must be Action.")
        })?;
        match (action.as_str(), query.version.as_deref()) {
            ("AssumeRole", Some(API_VERSION)) => self.assume_role(&caller, query),
            ("GetCallerIdentity", Some(API_VERSION)) => Ok(caller_identity(&caller)),
            (action, version) => Err(StsError::new(
                StsErrorCode::InvalidAction,
                format!(
                    "Could not find operation {action} for version {}. The store knows AssumeRole and \
                     GetCallerIdentity, of version {API_VERSION}.",
                    version.unwrap_or("NO_VERSION_SPECIFIED"),
                ),
            )),
        }
    }
}

fn caller_identity(caller: &Caller) -> String {
    let (arn, user) = match caller {
        Caller::Root { .. } => (format!("arn:aws:iam::{ACCOUNT}:root"), ACCOUNT.to_owned()),
        Caller::Session(session) => {
            (assumed_role_arn(&session.claims.session_name), assumed_role_id(&session.claims.session_name))
        }
    };
    format!(
        "<GetCallerIdentityResponse xmlns=\"{ns}\"><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{user}</UserId>\
         <Account>{ACCOUNT}</Account></GetCallerIdentityResult>{meta}</GetCallerIdentityResponse>",
        ns = answer::NAMESPACE,
        meta = answer::metadata(),
    )
}

/// The role's id and the session's name: the same for every session of that name.
fn assumed_role_id(session_name: &str) -> String {
    format!("{ROLE_ID}:{session_name}")
}

fn assumed_role_arn(session_name: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE_NAME}/{session_name}")
}
