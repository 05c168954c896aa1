//! Who is signed in, as the whole page knows it.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use crate::erase::Erase;
use crate::error::AppError;
use crate::part::trouble;
use crate::person::{Person, Role};
use crate::rpc::session::who;

/// The person, asked of the server once a page load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    person: Resource<Result<Option<Person>, AppError>>,
    /// The person as shown last.
    shown: StoredValue<Option<Person>>,
}

impl Session {
    pub(crate) fn provide() -> Self {
        let session = Self { person: Resource::new(|| (), |()| who()), shown: StoredValue::new(None) };
        provide_context(session);
        session
    }

    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Somebody signed in or out on this page. The same person again changes nothing, so the page stays as it is.
    pub(crate) fn is_now(self, person: Option<Person>) {
        if person.is_some() && self.shown.with_value(|shown| *shown == person) {
            return;
        }
        *self.person.write() = Some(Ok(person));
    }

    /// The person's sign-in name, once the page shows it.
    pub(crate) fn name(self) -> Option<String> {
        self.shown.with_value(|shown| shown.as_ref().map(|person| person.name.clone()))
    }

    /// Whether it is a guest, once the page shows it.
    pub(crate) fn is_guest(self) -> bool {
        self.shown.with_value(|shown| shown.as_ref().is_some_and(|person| person.role == Role::Guest))
    }

    /// A part of the page that shows the person, or that nobody is signed in.
    pub(crate) fn show(
        self,
        view: impl Fn(Option<Person>) -> AnyView + Copy + Send + Sync + 'static,
    ) -> AnyView {
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    let person = self.person.await.ok().flatten();
                    self.shown.set_value(person.clone());
                    view(person)
                })}
            </Suspense>
        }
        .erase()
    }

    /// A page for people who are signed in; others are led to sign in, and back.
    pub(crate) fn guard(self, page: impl Fn() -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
        let path = use_location().pathname;
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    match self.person.await {
                        Ok(person @ Some(_)) => {
                            self.shown.set_value(person);
                            page()
                        }
                        Ok(None) => {
                            let path = path.get_untracked();
                            let target =
                                if path == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={path}") };
                            view! { <Redirect path=target /> }.erase()
                        }
                        Err(error) => trouble(error.0),
                    }
                })}
            </Suspense>
        }
        .erase()
    }
}

/// Where to go after signing in: a path of this site and nothing else, whatever the address says.
#[must_use]
pub fn safe_next(next: Option<String>) -> String {
    next.filter(|next| {
        let mut bytes = next.bytes();
        bytes.next() == Some(b'/')
            && !matches!(bytes.next(), Some(b'/' | b'\\'))
            && !next.bytes().any(|byte| byte.is_ascii_control() || byte == b'\\')
            && !next.starts_with("/sign-in")
    })
    .unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn leads_nowhere_else() {
        assert_eq!(safe_next(Some("/batches/b1".to_owned())), "/batches/b1");
        for foreign in
            ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\\b", "/\t/evil", "/sign-in"]
        {
            assert_eq!(safe_next(Some(foreign.to_owned())), "/", "{foreign:?}");
        }
        assert_eq!(safe_next(None), "/");
    }
}
