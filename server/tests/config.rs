//! Settings: where they come from, and what is said of wrong ones.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use server::bucket::StorageClass;
use server::config::{
    Addressing, Config, ConfigError, Loaded, Newcomers, Source, VARIABLES, markdown, shown,
};

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of(pairs: &[(&str, &str)], file: Option<&str>) -> Result<Loaded, ConfigError> {
    Loaded::of(&environment(pairs), file.map(|text| (Path::new("sluice.toml"), text)))
}

#[test]
fn without_settings_everything_stays_on_this_machine() {
    let config = Config::default();
    assert!(config.listen.address.ip().is_loopback() && config.embedded.address.ip().is_loopback());
    assert!(config.store.is_none());
    assert_eq!(config.grants.url, Duration::from_secs(300));
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "bucket = \"from-file\"\nregion = \"eu-central-1\"\npublic_bases = [\"https://a.example/b/\", \"https://c.example/b\"]\nurl_seconds = 60";
    let loaded = of(&[("SLUICE_BUCKET", "from-environment"), ("SLUICE_REGION", "")], Some(file)).unwrap();
    let config = loaded.config();
    let store = config.store.unwrap();
    assert_eq!((store.bucket.as_str(), store.region.as_str()), ("from-environment", "eu-central-1"));
    assert_eq!(store.public_bases, ["https://a.example/b", "https://c.example/b"]);
    assert_eq!(config.grants.url, Duration::from_secs(60));
    assert_eq!(config.grants.session, Config::default().grants.session);
    assert_eq!(loaded.sources["SLUICE_BUCKET"], Source::Environment);
    assert_eq!(loaded.sources["SLUICE_REGION"], Source::File("sluice.toml".into()));
    assert!(!loaded.sources.contains_key("SLUICE_GRANT_SECONDS"));
}

#[test]
fn the_bucket_is_addressed_as_its_store_can() {
    let addressing = |pairs: &[(&str, &str)]| of(pairs, None).unwrap().config().store.unwrap().addressing;
    let bucket = ("SLUICE_BUCKET", "b");
    let endpoint = ("SLUICE_ENDPOINT", "https://store.example");
    assert_eq!(addressing(&[bucket]), Addressing::VirtualHost);
    assert_eq!(addressing(&[bucket, endpoint]), Addressing::Path);
    assert_eq!(
        addressing(&[bucket, endpoint, ("SLUICE_ADDRESSING", "virtual-host")]),
        Addressing::VirtualHost
    );
}

#[test]
fn a_wrong_value_names_the_variable_and_what_it_takes() {
    for (name, value) in [
        ("SLUICE_LISTEN", "3000"),
        ("SLUICE_PUBLIC_URL", "https://a.example/path"),
        ("SLUICE_PUBLIC_URL", "photos.example.org"),
        ("SLUICE_ENDPOINT", "https://key:secret@store.example"),
        ("SLUICE_ADDRESSING", "true"),
        ("SLUICE_GRANT_SECONDS", "60"),
        ("SLUICE_URL_SECONDS", "-1"),
        ("SLUICE_BUCKET", "my bucket"),
        ("SLUICE_STORAGE_CLASS", "standard_ia"),
        ("SLUICE_STORAGE_CLASS", "COLD"),
        ("SLUICE_OBJECT_TAGS", "team"),
        ("SLUICE_OBJECT_TAGS", "team=a&Team=b"),
        ("SLUICE_OBJECT_TAGS", "aws:team=a"),
        ("SLUICE_OBJECT_TAGS", "team=a*"),
        ("SLUICE_LOG_FORMAT", "xml"),
        ("SLUICE_OIDC_ISSUER", "login.example.org"),
        ("SLUICE_OIDC_ISSUER", "http://login.example.org"),
        ("SLUICE_OIDC_ISSUER", "https://login.example.org/?a=b"),
        ("SLUICE_OIDC_LABEL", " "),
        ("SLUICE_OIDC_NEWCOMERS", "everybody"),
        ("SLUICE_OIDC_ADMINS", ","),
        ("SLUICE_OIDC_DOMAINS", "@example.org"),
        ("SLUICE_PASSWORDS", "no"),
        ("SLUICE_WEBHOOKS_INSIDE", "true"),
    ] {
        let error = of(&[(name, value)], None).unwrap_err().to_string();
        let accepts = VARIABLES.iter().find(|known| known.name == name).unwrap().accepts;
        assert!(error.contains(name) && error.contains(accepts), "{error}");
    }
    let error = of(&[], Some("url_seconds = true")).unwrap_err().to_string();
    assert!(error.contains("url_seconds"), "{error}");
}

#[test]
fn what_another_variable_needs_is_named() {
    let issuer = ("SLUICE_OIDC_ISSUER", "https://login.example.org/");
    let client = ("SLUICE_OIDC_CLIENT_ID", "sluice");
    for (set, missing) in [
        (vec![issuer], "SLUICE_OIDC_CLIENT_ID"),
        (vec![client], "SLUICE_OIDC_ISSUER"),
        (vec![("SLUICE_OIDC_DOMAINS", "example.org")], "SLUICE_OIDC_ISSUER"),
        (vec![("SLUICE_PASSWORDS", "off")], "SLUICE_OIDC_ISSUER"),
        (vec![issuer, client, ("SLUICE_OIDC_ADMINS", "admins")], "SLUICE_OIDC_ROLE_CLAIM"),
    ] {
        let error = of(&set, None).unwrap_err();
        assert!(matches!(&error, ConfigError::Missing { name, .. } if *name == missing), "{error}");
        assert!(error.to_string().contains(set.last().unwrap().0), "{error}");
    }
}

#[test]
fn a_provider_is_taken_as_it_is_written() {
    let pairs = [
        ("SLUICE_OIDC_ISSUER", "https://login.example.org/"),
        ("SLUICE_OIDC_CLIENT_ID", "sluice"),
        ("SLUICE_OIDC_CLIENT_SECRET", "hush hush"),
        ("SLUICE_OIDC_SCOPES", "groups,email"),
        ("SLUICE_OIDC_ROLE_CLAIM", "realm_access.roles"),
        ("SLUICE_OIDC_ADMINS", "Photo Admins, heads"),
        ("SLUICE_OIDC_DOMAINS", "Example.ORG"),
    ];
    let loaded = of(&pairs, None).unwrap();
    let oidc = loaded.config().oidc.unwrap();
    assert_eq!(oidc.issuer, "https://login.example.org/", "with its slash");
    assert_eq!((oidc.label.as_str(), oidc.scopes.as_str()), ("login.example.org", "openid groups email"));
    assert_eq!(oidc.roles.unwrap().admins, ["Photo Admins", "heads"]);
    assert_eq!((oidc.newcomers, oidc.domains), (Newcomers::Invited, vec!["example.org".to_owned()]));
    let text = shown(&loaded, |_| false);
    assert!(!text.contains("hush") && text.contains("SLUICE_OIDC_CLIENT_SECRET = ******"), "{text}");
    assert!(Config::default().oidc.is_none());
}

#[test]
fn a_key_that_is_no_setting_is_refused_and_a_variable_warned_of() {
    assert!(
        matches!(of(&[], Some("buckets = \"b\"")), Err(ConfigError::Key { key, .. }) if key == "buckets")
    );
    assert!(matches!(of(&[], Some("bucket")), Err(ConfigError::Toml { .. })));
    let loaded = of(&[("SLUICE_BUKET", "b"), ("PATH", "/bin")], None).unwrap();
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].contains("SLUICE_BUKET"));
}

#[test]
fn what_is_shown_can_be_set_again() {
    let loaded = of(
        &[
            ("SLUICE_BUCKET", "b"),
            ("SLUICE_PUBLIC_URL", "HTTPS://A.example:443/"),
            ("SLUICE_STORAGE_CLASS", "ONEZONE_IA"),
            ("SLUICE_OBJECT_TAGS", "team=Photo+desk&year="),
        ],
        None,
    )
    .unwrap();
    for variable in VARIABLES {
        let value = (variable.show)(&loaded.draft);
        if !value.is_empty() {
            (variable.set)(&mut loaded.draft.clone(), &value).unwrap();
        }
    }
    let options = loaded.config().store.unwrap().options;
    assert_eq!(options.class, Some(StorageClass::OnezoneIa));
    assert_eq!(options.tags.iter().collect::<Vec<_>>(), [("team", "Photo desk"), ("year", "")]);
    assert_eq!(loaded.config().embedded.options, options, "of the embedded store as well");
    assert_eq!(loaded.config().listen.public_url.unwrap().as_str(), "https://a.example");
}

#[test]
fn every_variable_is_shown_with_its_source() {
    let loaded = of(&[("SLUICE_BUCKET", "mine")], None).unwrap();
    let text = shown(&loaded, |name| name == "AWS_SECRET_ACCESS_KEY");
    for variable in VARIABLES {
        assert!(text.contains(variable.name), "{}", variable.name);
    }
    assert!(text.contains("SLUICE_BUCKET = mine") && text.contains("[environment]"));
    assert!(text.contains("AWS_SECRET_ACCESS_KEY: set, not shown"));
}

#[test]
fn the_documentation_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap();
    assert_eq!(written, markdown(), "run `sluice config --markdown > docs/configuration.md`");
}
