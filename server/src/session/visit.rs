//! A visit: one request of a browser, with whoever is signed in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::account::{Account, AccountAction};
use app::desk::links::Entry;
use app::desk::people::SESSIONS_SHOWN;
use app::person::{Person, SignIn, SignOut};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum_login::AuthSession;
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;
use ledger::{Actor, Deed, LedgerError, PersonRecord, Sha256Hash, Via, WhoseSessions};
use transfer::wire::{Problem, ProblemCode, UnixMillis};
use uuid::Uuid;

use super::backend::{PersonBackend, SignedIn};
use super::gate::GateError;
use super::limit::TooSoon;
use super::places::{places, session_named};
use super::store::hash;
use crate::caller::Caller;
use crate::clock;
use crate::config::{ClientAddress, PasswordSignIn};
use crate::desk::door::{self, DoorError};
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Where the session keeps when it began and when it was last used, in Unix milliseconds.
pub(super) const BEGAN: &str = "began";
pub(super) const SEEN: &str = "seen";

/// Where it keeps what the browser said it is.
pub(super) const AGENT: &str = "agent";

/// Bytes of that which are kept.
const AGENT_KEPT: usize = 300;

/// How often a session's last use is written down: often enough against the shortest idle time of an hour.
const SEEN_EACH: Duration = Duration::from_secs(300);

type Auth = AuthSession<PersonBackend>;

/// One request of a browser. Clones share it.
#[derive(Debug, Clone)]
pub struct Visit {
    state: AppState,
    auth: Arc<tokio::sync::Mutex<Auth>>,
    person: Option<SignedIn>,
    from: IpAddr,
    agent: String,
    retry_after: Arc<Mutex<Option<Duration>>>,
}

impl Visit {
    /// Who is signed in, if anybody.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        self.person.as_ref().map(|signed_in| Caller::Session(signed_in.person.clone()))
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `SignedOut` if nobody is.
    pub fn signed_in(&self) -> Result<Caller, Problem> {
        let detail = "You are not signed in, or your session has ended. Sign in and go on; nothing is lost.";
        self.caller().ok_or_else(|| Problem::new(ProblemCode::SignedOut, detail))
    }

    /// Who is signed in, for the pages.
    #[must_use]
    pub fn who(&self) -> Option<Person> {
        self.person.as_ref().map(|signed_in| Person::from(&signed_in.person))
    }

    /// Signs in with name and password; starts a session.
    ///
    /// # Errors
    /// `SignedOut` if they are wrong, `TooMany` after too many attempts.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Person, Problem> {
        self.passwords_are_on()?;
        let checked = self.state.gate.check(&self.state.ledger, sign_in, self.from).await;
        self.begin(checked.map_err(|error| self.refuse(&error))?).await
    }

    /// Uses up a one-time link: sets name and password of its person, and signs in.
    ///
    /// # Errors
    /// `NotFound` for a link that cannot be used, `Conflict` for a name that is taken, `Invalid` for a name or
    /// password that may not be used.
    pub async fn accept_welcome(&self, token: &str, sign_in: SignIn) -> Result<Person, Problem> {
        self.passwords_are_on()?;
        let accepted = self.state.gate.accept(&self.state.ledger, token, sign_in, self.from).await;
        self.begin(accepted.map_err(|error| self.refuse(&error))?).await
    }

    /// Comes in by a guests' link: starts a session of a guest.
    ///
    /// # Errors
    /// What the door says.
    pub async fn enter(&self, entry: Entry) -> Result<Person, Problem> {
        let admitted = door::enter(&self.state, entry, self.from).await;
        self.begin(admitted.map_err(|error| self.turn_away(&error))?).await
    }

    /// Ends this session, or all of the person's. That nobody is signed in is fine.
    ///
    /// # Errors
    /// If the ledger fails.
    pub async fn sign_out(&self, which: SignOut) -> Result<(), Problem> {
        if let (SignOut::Everywhere, Some(signed_in)) = (which, &self.person) {
            let ended = self.state.ledger.people().end_sessions(signed_in.person.id).await;
            ended.map_err(|error| GateError::from(error).report())?;
        }
        let mut auth = self.auth.lock().await;
        if auth.session.id().is_some() {
            auth.logout().await.map_err(|error| session_failed(&error).report())?;
        }
        Ok(())
    }

    /// Where the person is signed in; ends one of these sessions.
    ///
    /// # Errors
    /// `SignedOut` if nobody is, `NotFound` for a session that has ended or is somebody else's.
    pub async fn account(&self, action: AccountAction) -> Result<Account, Problem> {
        let caller = self.signed_in()?;
        let person = caller.person();
        let failed = |error: LedgerError| GateError::from(error).report();
        let by = Actor { person: Some(person.id), name: person.name.clone(), via: Via::Page };
        let deed = Deed { by: &by, at: clock::now() };
        let (sessions, here) = (self.state.ledger.sessions(), self.session().await);
        let done = match (action, here) {
            (AccountAction::End { session }, _) => match session_named(&session) {
                Some(id) => sessions.end(deed, person.id, id).await,
                None => Err(LedgerError::NoSuchSession),
            },
            (AccountAction::EndOthers, Some(here)) => {
                sessions.end_others(deed, person.id, here).await.map(|_| ())
            }
            // Who comes without a session has none to spare.
            (AccountAction::Look | AccountAction::EndOthers, _) => Ok(()),
        };
        done.map_err(|error| match error {
            LedgerError::NoSuchSession => {
                Problem::new(ProblemCode::NotFound, "This session has ended already.")
            }
            error => failed(error),
        })?;
        let (whose, longest) = (WhoseSessions::Of(person.id), self.state.config.sessions.longest);
        let sessions = places(&self.state.ledger, whose, here, longest, SESSIONS_SHOWN).await;
        Ok(Account { sessions: sessions.map_err(failed)? })
    }

    /// The row of this visit's session.
    pub async fn session(&self) -> Option<Sha256Hash> {
        self.auth.lock().await.session.id().map(|id| hash(&id))
    }

    /// When an attempt that was one too many may be repeated.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a session of somebody who has proven to be that person.
    ///
    /// # Errors
    /// If the session cannot be kept.
    pub async fn begin(&self, record: PersonRecord) -> Result<Person, Problem> {
        let signed_in = SignedIn::from(&record);
        let mut auth = self.auth.lock().await;
        // A new session in any case: nothing of somebody else's goes over.
        let begun: Result<(), axum_login::Error<PersonBackend>> = async {
            if auth.session.id().is_some() {
                auth.logout().await?;
            }
            // tower-sessions 0.14 would give the new session the old one's id, which somebody may have planted.
            auth.session.cycle_id().await?;
            auth.login(&signed_in).await?;
            let now = clock::now().0;
            auth.session.insert(BEGAN, now).await?;
            auth.session.insert(SEEN, now).await?;
            auth.session.insert(AGENT, &self.agent).await?;
            Ok(())
        }
        .await;
        begun.map_err(|error| session_failed(&error).report())?;
        tracing::info!(person.id = %record.id, "signed in");
        Ok(Person::from(&signed_in.person))
    }

    /// Counts an attempt of somebody who has not said yet who they are: by address alone.
    ///
    /// # Errors
    /// If it is one too many.
    pub fn attempt(&self) -> Result<(), TooSoon> {
        self.state.gate.attempts.count(&Uuid::new_v4().to_string(), self.from)
    }

    fn passwords_are_on(&self) -> Result<(), Problem> {
        let detail = "Passwords are not taken here. Use the button for single sign-on.";
        match self.state.config.sessions.passwords {
            PasswordSignIn::On => Ok(()),
            PasswordSignIn::Off => Err(Problem::new(ProblemCode::Forbidden, detail)),
        }
    }

    fn refuse(&self, error: &GateError) -> Problem {
        if let GateError::TooSoon(too_soon) = error {
            self.wait(too_soon.wait);
        }
        self.state.metrics.turned_away(error);
        error.report()
    }

    fn turn_away(&self, error: &DoorError) -> Problem {
        if let DoorError::TooSoon(too_soon) = error {
            self.wait(too_soon.wait);
        }
        error.report()
    }

    fn wait(&self, wait: Duration) {
        *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner) = Some(wait);
    }
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, HttpProblem> {
        let mut auth = Auth::from_request_parts(parts, state)
            .await
            .map_err(|(_, why)| HttpProblem(GateError::Session(why.to_owned()).report()))?;
        keep_time(&mut auth, state.config.sessions.longest)
            .await
            .map_err(|error| HttpProblem(session_failed(&error).report()))?;
        let from = client_address(parts, state.config.listen.client_address);
        Ok(Self {
            state: state.clone(),
            person: auth.user.clone(),
            auth: Arc::new(tokio::sync::Mutex::new(auth)),
            from,
            agent: agent(&parts.headers),
            retry_after: Arc::default(),
        })
    }
}

/// Ends a session that has lasted long enough, and notes now and then that it is in use: a session that is written
/// gets its whole idle time again.
async fn keep_time(auth: &mut Auth, longest: Duration) -> Result<(), axum_login::Error<PersonBackend>> {
    if auth.user.is_none() {
        return Ok(());
    }
    let now = clock::now();
    let began: u64 = auth.session.get(BEGAN).await?.unwrap_or(0);
    if clock::after(UnixMillis(began), longest) <= now {
        auth.logout().await?;
        return Ok(());
    }
    let seen: u64 = auth.session.get(SEEN).await?.unwrap_or(0);
    if clock::after(UnixMillis(seen), SEEN_EACH) <= now {
        auth.session.insert(SEEN, now.0).await?;
    }
    Ok(())
}

/// What a browser says it is, as far as it is kept.
fn agent(headers: &HeaderMap) -> String {
    let said = headers.get(USER_AGENT).and_then(|said| said.to_str().ok()).unwrap_or_default();
    // `to_str` lets nothing but ASCII through.
    said.chars().take(AGENT_KEPT).collect()
}

/// Where a request comes from.
fn client_address(parts: &Parts, whence: ClientAddress) -> IpAddr {
    let peer = || {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
    };
    match whence {
        ClientAddress::Peer => peer(),
        ClientAddress::XForwardedFor => forwarded(&parts.headers).unwrap_or_else(peer),
    }
}

/// The last address: the one that our own proxy added. Those before it are what the client said.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn session_failed(error: &axum_login::Error<PersonBackend>) -> GateError {
    GateError::Session(error.to_string())
}
