//! People and their roles.

use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything: all batches, and the commands' work on the pages.
    Admin,
    /// Uploads into projects, and sees own batches.
    Uploader,
    /// Came by a link, and uploads into its one project.
    Guest,
}

/// A person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Sign-in name.
    pub name: String,
    /// Role.
    pub role: Role,
}

/// A name and a password, on their way in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Sign-in name.
    pub name: String,
    /// The password; never logged.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("name", &self.name).field("password", &"******").finish()
    }
}

/// A one-time link, and the name and password that its person chose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The secret of the link; never logged.
    pub token: String,
    /// What to sign in with from now on.
    pub sign_in: SignIn,
}

impl std::fmt::Debug for Welcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Welcome").field("token", &"******").field("sign_in", &self.sign_in).finish()
    }
}

/// Which sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOut {
    /// This browser's.
    Here,
    /// All of this person's.
    Everywhere,
}
