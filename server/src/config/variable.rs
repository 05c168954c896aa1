//! The table of variables.

use std::path::PathBuf;

use ledger::Role;
use secrecy::SecretString;

use super::draft::{Draft, HOUR, SECOND};
use super::value::{self, Unaccepted};
use super::{
    Acceleration, Addressing, ClientAddress, LogFormat, Newcomers, PasswordSignIn, PublicUrl, Reach,
};

/// One variable: what it is, what it accepts, and where it goes.
#[derive(Debug)]
pub struct Variable {
    /// Its name in the environment. The key in the file is the same in lower case, without `SLUICE_`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What it accepts.
    pub accepts: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// Puts a text where it belongs.
    pub set: fn(&mut Draft, &str) -> Result<(), Unaccepted>,
    /// What holds now.
    pub show: fn(&Draft) -> String,
}

/// Every variable, in the order of the documentation.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "SLUICE_LISTEN",
        about: "Where the server listens. Port 0 takes any free one.",
        accepts: "an address with a port, such as `0.0.0.0:3000`",
        default: "`127.0.0.1:3000`",
        set: |draft, text| put(&mut draft.listen.address, value::address(text)),
        show: |draft| draft.listen.address.to_string(),
    },
    Variable {
        name: "SLUICE_PUBLIC_URL",
        about: "Where people reach the server. With `https`, cookies are marked secure and browsers are told to \
                come back over TLS only.",
        accepts: "a URL without a path, such as `https://photos.example.org`",
        default: "`http://` and the address it listens on",
        set: |draft, text| {
            put(&mut draft.listen.public_url, PublicUrl::parse(text).ok_or(Unaccepted).map(Some))
        },
        show: |draft| option(draft.listen.public_url.as_ref()),
    },
    Variable {
        name: "SLUICE_CLIENT_ADDRESS",
        about: "Where a client's address is read, for the limit on sign-in attempts. Behind a proxy that sets \
                `X-Forwarded-For`, say so here; otherwise all clients share the proxy's limit.",
        accepts: "`peer` or `x-forwarded-for`",
        default: "`peer`",
        set: |draft, text| {
            draft.listen.client_address = match text {
                "peer" => ClientAddress::Peer,
                "x-forwarded-for" => ClientAddress::XForwardedFor,
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.listen.client_address {
            ClientAddress::Peer => "peer".to_owned(),
            ClientAddress::XForwardedFor => "x-forwarded-for".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_METRICS_LISTEN",
        about: "Where `/metrics` is answered, for Prometheus: an address of its own, that people need not reach. Nobody \
                is asked for a password there, so let only your own network in.",
        accepts: "an address with a port, such as `127.0.0.1:9464`",
        default: "none: there are no metrics",
        set: |draft, text| put(&mut draft.listen.metrics, value::address(text).map(Some)),
        show: |draft| option(draft.listen.metrics),
    },
    Variable {
        name: "SLUICE_SITE_ROOT",
        about: "The folder with the page's files.",
        accepts: "a folder",
        default: "`site` beside the binary, or else `target/site`",
        set: |draft, text| put(&mut draft.listen.site_root, path(text).map(Some)),
        show: |draft| option(draft.listen.site_root.as_ref().map(|path| path.display())),
    },
    Variable {
        name: "SLUICE_DATA_DIR",
        about: "Where the database and the embedded store live.",
        accepts: "a folder; it is made if it is not there",
        default: "`data`",
        set: |draft, text| put(&mut draft.data_dir, path(text)),
        show: |draft| draft.data_dir.display().to_string(),
    },
    Variable {
        name: "SLUICE_DATABASE_URL",
        about: "The database. Several servers may share one PostgreSQL; a SQLite file is for one server. Shown without \
                its password.",
        accepts: "`postgres://user:password@host/database`, also with `?sslmode=verify-full&sslrootcert=…`, or \
                  `sqlite://path?mode=rwc`",
        default: "`sluice.sqlite` in the data folder",
        set: |draft, text| put(&mut draft.database, text.parse().map(Some).map_err(|_| Unaccepted)),
        show: |draft| option(draft.database.as_ref()),
    },
    Variable {
        name: "SLUICE_BUCKET",
        about: "The bucket that photographs go to. Without it, an embedded store is started.",
        accepts: "a bucket's name",
        default: "none: the embedded store",
        set: |draft, text| put(&mut draft.bucket, value::word(text).map(Some)),
        show: |draft| option(draft.bucket.as_ref()),
    },
    Variable {
        name: "SLUICE_REGION",
        about: "The bucket's region. Stores that know no regions take `us-east-1`.",
        accepts: "a region's name, such as `eu-central-1`",
        default: "`us-east-1`",
        set: |draft, text| put(&mut draft.region, value::word(text)),
        show: |draft| draft.region.clone(),
    },
    Variable {
        name: "SLUICE_ENDPOINT",
        about: "The store's S3 endpoint, as this server reaches it, for stores other than AWS.",
        accepts: "an `http` or `https` URL",
        default: "AWS in that region",
        set: |draft, text| put(&mut draft.endpoint, value::endpoint(text).map(Some)),
        show: |draft| option(draft.endpoint.as_ref()),
    },
    Variable {
        name: "SLUICE_PUBLIC_BASES",
        about: "URLs of the bucket, configured or embedded (there it is `sluice`), as browsers reach it. With several \
                host names, browsers open more connections.",
        accepts: "`http` or `https` URLs with commas between, each leading to the bucket itself",
        default: "made from endpoint, bucket and addressing; on AWS all names that the bucket has; for the embedded \
                  store the addresses it answers at",
        set: |draft, text| put(&mut draft.embedded.public_bases, value::endpoints(text)),
        show: |draft| draft.embedded.public_bases.join(","),
    },
    Variable {
        name: "SLUICE_ADDRESSING",
        about: "Where the bucket's name goes in a URL.",
        accepts: "`path` (`https://host/bucket/key`) or `virtual-host` (`https://bucket.host/key`)",
        default: "`virtual-host` on AWS, `path` with an endpoint",
        set: |draft, text| {
            draft.addressing = Some(match text {
                "path" => Addressing::Path,
                "virtual-host" => Addressing::VirtualHost,
                _ => return Err(Unaccepted),
            });
            Ok(())
        },
        show: |draft| match draft.addressing() {
            Addressing::Path => "path".to_owned(),
            Addressing::VirtualHost => "virtual-host".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_ACCELERATE",
        about: "Whether the bucket on AWS has S3 Transfer Acceleration, whose host names browsers then use, too. It is \
                enabled on the bucket itself, and AWS charges for it.",
        accepts: "`on` or `off`",
        default: "`off`",
        set: |draft, text| {
            draft.acceleration = match text {
                "on" => Acceleration::On,
                "off" => Acceleration::Off,
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.acceleration {
            Acceleration::On => "on".to_owned(),
            Acceleration::Off => "off".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_ROLE_ARN",
        about: "The role that grants are made from. Without it, browsers get presigned URLs instead of temporary \
                credentials.",
        accepts: "a role's ARN, such as `arn:aws:iam::123456789012:role/sluice-upload`",
        default: "none",
        set: |draft, text| put(&mut draft.role_arn, value::word(text).map(Some)),
        show: |draft| option(draft.role_arn.as_ref()),
    },
    Variable {
        name: "SLUICE_SERVER_ROLE_ARN",
        about: "A role for the server's own calls to the bucket, assumed again before it ends. Grants are made \
                without it, from SLUICE_ROLE_ARN.",
        accepts: "a role's ARN",
        default: "none: whoever the server is",
        set: |draft, text| put(&mut draft.server_role_arn, value::word(text).map(Some)),
        show: |draft| option(draft.server_role_arn.as_ref()),
    },
    Variable {
        name: "SLUICE_KMS_KEY_ARN",
        about: "The key of KMS that the bucket encrypts with by default (SSE-KMS); grants may use it then, by way of \
                this bucket's S3 only. S3's own encryption (SSE-S3) needs no setting.",
        accepts: "a key's ARN, such as `arn:aws:kms:eu-central-1:123456789012:key/1234abcd-…`; not an alias",
        default: "none",
        set: |draft, text| put(&mut draft.kms_key_arn, value::word(text).map(Some)),
        show: |draft| option(draft.kms_key_arn.as_ref()),
    },
    Variable {
        name: "SLUICE_STORAGE_CLASS",
        about: "The storage class of every object that is uploaded. What is in `GLACIER` or `DEEP_ARCHIVE` cannot be read \
                before somebody restores it, so galleries show none of it.",
        accepts: "`STANDARD`, `STANDARD_IA`, `ONEZONE_IA`, `INTELLIGENT_TIERING`, `GLACIER_IR`, `GLACIER`, \
                  `DEEP_ARCHIVE` or `REDUCED_REDUNDANCY`",
        default: "none: what the store uses if nothing is said",
        set: |draft, text| {
            put(&mut draft.embedded.options.class, text.parse().map(Some).map_err(|_| Unaccepted))
        },
        show: |draft| option(draft.embedded.options.class.as_ref()),
    },
    Variable {
        name: "SLUICE_OBJECT_TAGS",
        about: "Tags of every object that is uploaded. The role that grants are made from needs \
                `s3:PutObjectTagging` then.",
        accepts: "`key=value&key2=value2`, percent-encoded as in `x-amz-tagging`: at most 10 tags, keys of up to 128 \
                  characters and values of up to 256, all of letters, digits, spaces and `+ - = . _ : / @`, no key twice \
                  (upper or lower case) or beginning with `aws:`, and all in all few enough for a session policy: \
                  500 characters, keys counted twice and 29 more for each tag",
        default: "none",
        set: |draft, text| put(&mut draft.embedded.options.tags, text.parse().map_err(|_| Unaccepted)),
        show: |draft| draft.embedded.options.tags.to_string(),
    },
    Variable {
        name: "SLUICE_STS_ENDPOINT",
        about: "The store's STS endpoint.",
        accepts: "an `http` or `https` URL",
        default: "the S3 endpoint if one is set, or else AWS in that region",
        set: |draft, text| put(&mut draft.sts_endpoint, value::endpoint(text).map(Some)),
        show: |draft| option(draft.sts_endpoint.as_ref()),
    },
    Variable {
        name: "SLUICE_STORE_LISTEN",
        about: "Where the embedded store listens. Browsers must be able to reach it.",
        accepts: "an address with a port, such as `127.0.0.1:3900`",
        default: "`127.0.0.1:3900`",
        set: |draft, text| put(&mut draft.embedded.address, value::address(text)),
        show: |draft| draft.embedded.address.to_string(),
    },
    Variable {
        name: "SLUICE_GRANT_SECONDS",
        about: "How long temporary credentials live. Browsers renew them in time.",
        accepts: "900 to 43200 seconds; AWS allows no more than 3600 if the server itself runs under a role",
        default: "`3600`",
        set: |draft, text| put(&mut draft.grants.session, value::duration(text, SECOND, 900, 43_200)),
        show: |draft| draft.grants.session.as_secs().to_string(),
    },
    Variable {
        name: "SLUICE_URL_SECONDS",
        about: "How long presigned URLs live.",
        accepts: "30 to 3600 seconds",
        default: "`300`",
        set: |draft, text| put(&mut draft.grants.url, value::duration(text, SECOND, 30, 3_600)),
        show: |draft| draft.grants.url.as_secs().to_string(),
    },
    Variable {
        name: "SLUICE_BATCH_IDLE_HOURS",
        about: "How long a batch stays open without a word of its browser. Then the server compares it with the store, \
                closes it, and aborts uploads in parts that were never completed. Until then an upload can be resumed.",
        accepts: "1 to 8760 hours",
        default: "`72` (three days)",
        set: |draft, text| put(&mut draft.batches.idle, value::duration(text, HOUR, 1, 8_760)),
        show: |draft| (draft.batches.idle.as_secs() / HOUR.as_secs()).to_string(),
    },
    Variable {
        name: "SLUICE_SESSION_IDLE_HOURS",
        about: "How long people stay signed in without coming back.",
        accepts: "1 to 8760 hours",
        default: "`168` (a week)",
        set: |draft, text| put(&mut draft.sessions.idle, value::duration(text, HOUR, 1, 8_760)),
        show: |draft| (draft.sessions.idle.as_secs() / HOUR.as_secs()).to_string(),
    },
    Variable {
        name: "SLUICE_SESSION_MAX_HOURS",
        about: "How long people stay signed in at all.",
        accepts: "1 to 8760 hours",
        default: "`720` (30 days)",
        set: |draft, text| put(&mut draft.sessions.longest, value::duration(text, HOUR, 1, 8_760)),
        show: |draft| (draft.sessions.longest.as_secs() / HOUR.as_secs()).to_string(),
    },
    Variable {
        name: "SLUICE_OIDC_ISSUER",
        about: "The provider of single sign-on with OpenID Connect; without it there is none. It redirects people \
                back to `/sso/callback` of SLUICE_PUBLIC_URL. [How to set it up](sign-in.md).",
        accepts: "an `https` URL, exactly as the provider writes it, with its slash at the end if there is one; \
                  `http` on this machine only",
        default: "none",
        set: |draft, text| put(&mut draft.oidc.issuer, value::issuer(text).map(Some)),
        show: |draft| option(draft.oidc.issuer.as_ref()),
    },
    Variable {
        name: "SLUICE_OIDC_CLIENT_ID",
        about: "This server, as the provider knows it.",
        accepts: "the id that the provider gave",
        default: "none",
        set: |draft, text| put(&mut draft.oidc.client_id, value::word(text).map(Some)),
        show: |draft| option(draft.oidc.client_id.as_ref()),
    },
    Variable {
        name: "SLUICE_OIDC_CLIENT_SECRET",
        about: "What this server proves that with. Never shown. Without it the server is a public client, which PKCE \
                alone protects.",
        accepts: "the secret that the provider gave",
        default: "none",
        set: |draft, text| put(&mut draft.oidc.client_secret, Ok(Some(SecretString::from(text.to_owned())))),
        show: |draft| option(draft.oidc.client_secret.as_ref().map(|_| "******")),
    },
    Variable {
        name: "SLUICE_OIDC_LABEL",
        about: "What people call the provider: the button says \"Sign in with\" and this.",
        accepts: "1 to 60 characters",
        default: "the provider's host",
        set: |draft, text| put(&mut draft.oidc.label, value::label(text).map(Some)),
        show: |draft| option(draft.oidc.label()),
    },
    Variable {
        name: "SLUICE_OIDC_SCOPES",
        about: "What the provider is asked for. Some give groups only with a scope of their own.",
        accepts: "scopes with spaces or commas between; `openid` is asked for in any case",
        default: "`openid email profile`",
        set: |draft, text| {
            let mut scopes = value::words(text);
            if !scopes.iter().any(|scope| scope == "openid") {
                scopes.insert(0, "openid".to_owned());
            }
            put(&mut draft.oidc.scopes, Ok(scopes.join(" ")))
        },
        show: |draft| draft.oidc.scopes.clone(),
    },
    Variable {
        name: "SLUICE_OIDC_ROLE_CLAIM",
        about: "The claim that holds people's groups or roles. With it, roles are set at each sign-in; without it, on \
                the page of people.",
        accepts: "a claim's name, such as `groups` or `cognito:groups`, or its path with dots, such as \
                  `realm_access.roles`",
        default: "none",
        set: |draft, text| put(&mut draft.oidc.role_claim, value::word(text).map(Some)),
        show: |draft| option(draft.oidc.role_claim.as_ref()),
    },
    Variable {
        name: "SLUICE_OIDC_ADMINS",
        about: "Which values of that claim make an admin.",
        accepts: "values with commas between",
        default: "none",
        set: |draft, text| put(&mut draft.oidc.admins, value::list(text)),
        show: |draft| draft.oidc.admins.join(","),
    },
    Variable {
        name: "SLUICE_OIDC_UPLOADERS",
        about: "Which values of that claim make an uploader. With it, whoever has no value of either list is refused.",
        accepts: "values with commas between",
        default: "none: whoever is no admin is an uploader",
        set: |draft, text| put(&mut draft.oidc.uploaders, value::list(text)),
        show: |draft| draft.oidc.uploaders.join(","),
    },
    Variable {
        name: "SLUICE_OIDC_NEWCOMERS",
        about: "What becomes of somebody whom the provider knows and this server does not: let in only with a one-time \
                link from the page of people, or made a person, with this role if the claim gives none.",
        accepts: "`invited`, `uploader` or `admin`",
        default: "`invited`",
        set: |draft, text| {
            draft.oidc.newcomers = match text {
                "invited" => Newcomers::Invited,
                "uploader" => Newcomers::Made(Role::Uploader),
                "admin" => Newcomers::Made(Role::Admin),
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.oidc.newcomers {
            Newcomers::Invited => "invited".to_owned(),
            Newcomers::Made(Role::Admin) => "admin".to_owned(),
            Newcomers::Made(_) => "uploader".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_OIDC_DOMAINS",
        about: "Only people with a verified e-mail address of these domains are let in.",
        accepts: "domains with commas between, such as `example.org`",
        default: "all whom the provider lets in",
        set: |draft, text| put(&mut draft.oidc.domains, value::domains(text)),
        show: |draft| draft.oidc.domains.join(","),
    },
    Variable {
        name: "SLUICE_PASSWORDS",
        about: "Whether people may sign in with name and password. `off` leaves single sign-on alone.",
        accepts: "`on` or `off`",
        default: "`on`",
        set: |draft, text| {
            draft.sessions.passwords = match text {
                "on" => PasswordSignIn::On,
                "off" => PasswordSignIn::Off,
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.sessions.passwords {
            PasswordSignIn::On => "on".to_owned(),
            PasswordSignIn::Off => "off".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_WEBHOOKS_INSIDE",
        about: "Whether webhooks may lead to this machine and its network, and go without TLS. Whoever is an admin then \
                has this server knock at doors inside. [What is refused otherwise](webhooks.md).",
        accepts: "`on` or `off`",
        default: "`off`",
        set: |draft, text| {
            draft.webhooks.reach = match text {
                "on" => Reach::Anywhere,
                "off" => Reach::Outside,
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.webhooks.reach {
            Reach::Anywhere => "on".to_owned(),
            Reach::Outside => "off".to_owned(),
        },
    },
    Variable {
        name: "SLUICE_LOG",
        about: "What is logged, to standard error.",
        accepts: "a filter such as `info` or `warn,server=debug`",
        default: "`info`",
        set: |draft, text| {
            tracing_subscriber::EnvFilter::try_new(text).map_err(|_| Unaccepted)?;
            put(&mut draft.log.filter, Ok(text.to_owned()))
        },
        show: |draft| draft.log.filter.clone(),
    },
    Variable {
        name: "SLUICE_LOG_FORMAT",
        about: "How a line of the log looks.",
        accepts: "`text` or `json`",
        default: "`text`",
        set: |draft, text| {
            draft.log.format = match text {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err(Unaccepted),
            };
            Ok(())
        },
        show: |draft| match draft.log.format {
            LogFormat::Text => "text".to_owned(),
            LogFormat::Json => "json".to_owned(),
        },
    },
];

fn put<T>(place: &mut T, value: Result<T, Unaccepted>) -> Result<(), Unaccepted> {
    *place = value?;
    Ok(())
}

fn path(text: &str) -> Result<PathBuf, Unaccepted> {
    if text.is_empty() { Err(Unaccepted) } else { Ok(PathBuf::from(text)) }
}

fn option(value: Option<impl std::fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
