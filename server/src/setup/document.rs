//! The documents, by name.

use serde_json::Value;

use super::{Names, policy, rules};

/// A document that some store or role needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Document {
    /// The bucket's CORS rule: pages may talk to it.
    Cors,
    /// The bucket's lifecycle rule: unfinished uploads are given up.
    Lifecycle,
    /// The policy of the role that grants are made from.
    UploadRole,
    /// Its second policy, where the bucket is encrypted with a key of KMS.
    UploadRoleKms,
    /// Its third, where objects get tags.
    UploadRoleTags,
    /// Its trust: the server may assume it.
    UploadRoleTrust,
    /// Its trust, where the name of the server's role is generated.
    UploadRoleTrustById,
    /// The server's own policy.
    Server,
    /// The server's own policy, where there is no role for grants.
    ServerWithoutRole,
    /// Of a server that only presigns, such as a function.
    Presign,
    /// What `sluice doctor` looks at besides.
    Doctor,
    /// What `sluice doctor --fix` changes.
    DoctorFix,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Cors,
        Self::Lifecycle,
        Self::UploadRole,
        Self::UploadRoleKms,
        Self::UploadRoleTags,
        Self::UploadRoleTrust,
        Self::UploadRoleTrustById,
        Self::Server,
        Self::ServerWithoutRole,
        Self::Presign,
        Self::Doctor,
        Self::DoctorFix,
    ];

    /// Its name, of the file in `deploy/policies` and of the argument of `sluice setup`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::Lifecycle => "lifecycle",
            Self::UploadRole => "upload-role",
            Self::UploadRoleKms => "upload-role-kms",
            Self::UploadRoleTags => "upload-role-tags",
            Self::UploadRoleTrust => "upload-role-trust",
            Self::UploadRoleTrustById => "upload-role-trust-by-id",
            Self::Server => "server",
            Self::ServerWithoutRole => "server-without-role",
            Self::Presign => "presign",
            Self::Doctor => "doctor",
            Self::DoctorFix => "doctor-fix",
        }
    }

    /// The document, filled in.
    #[must_use]
    pub fn value(self, names: &Names) -> Value {
        match self {
            Self::Cors => rules::cors(names),
            Self::Lifecycle => rules::lifecycle(),
            Self::UploadRole => policy::upload_role(names),
            Self::UploadRoleKms => policy::upload_role_kms(names),
            Self::UploadRoleTags => policy::upload_role_tags(names),
            Self::UploadRoleTrust => policy::upload_role_trust(names),
            Self::UploadRoleTrustById => policy::upload_role_trust_by_id(names),
            Self::Server => policy::server(names),
            Self::ServerWithoutRole => policy::server_without_role(names),
            Self::Presign => policy::presign(names),
            Self::Doctor => policy::doctor(names),
            Self::DoctorFix => policy::doctor_fix(names),
        }
    }

    /// The document as text, with a line break at its end.
    #[must_use]
    pub fn text(self, names: &Names) -> String {
        format!("{:#}\n", self.value(names))
    }
}
