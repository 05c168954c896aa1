//! Who the server is at the store, and where its credentials come from.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature;

/// The server's credentials, without what is secret of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where they come from, in words.
    pub source: String,
    /// When they end, if they do. The SDK fetches others in time.
    pub ends: Option<SystemTime>,
}

impl Identity {
    pub(super) fn of(credentials: &Credentials) -> Self {
        Self { source: source(credentials), ends: credentials.expiry() }
    }
}

/// A chain of sources: a profile may assume a role with what the container's endpoint gave.
fn source(credentials: &Credentials) -> String {
    let features = credentials.get_property::<Vec<AwsCredentialFeature>>();
    let names: Vec<&str> = features.into_iter().flatten().filter_map(named).collect();
    if names.is_empty() { "a key pair of the embedded store".to_owned() } else { names.join(", then ") }
}

fn named(feature: &AwsCredentialFeature) -> Option<&'static str> {
    use AwsCredentialFeature as Feature;
    Some(match feature {
        Feature::CredentialsHttp => "the container's credentials (ECS task role, or EKS Pod Identity)",
        Feature::CredentialsImds => "the EC2 instance's role",
        Feature::CredentialsEnvVarsStsWebIdToken
        | Feature::CredentialsProfileStsWebIdToken
        | Feature::CredentialsStsAssumeRoleWebId => "a web identity token (EKS service account)",
        Feature::CredentialsEnvVars => "AWS_ACCESS_KEY_ID of the environment",
        Feature::CredentialsProfile
        | Feature::CredentialsProfileSourceProfile
        | Feature::CredentialsProfileNamedProvider => "a profile of the AWS configuration files",
        Feature::CredentialsProfileSso | Feature::CredentialsSso => "single sign-on",
        Feature::CredentialsProfileProcess | Feature::CredentialsProcess => "a credentials process",
        Feature::CredentialsProfileLogin | Feature::CredentialsLogin => "the AWS CLI's login",
        Feature::CredentialsStsAssumeRole => "the role of SLUICE_SERVER_ROLE_ARN or of the profile",
        _ => return None,
    })
}
