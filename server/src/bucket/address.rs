//! Where browsers find the bucket.

use sigv4::BaseUrl;

use super::{BucketError, BucketName};
use crate::config::{Acceleration, Addressing, StoreConfig};

/// The bucket's URLs: those that were configured, or those that follow from the endpoint.
///
/// There is at least one: the first, which is used where only one can be.
pub(super) fn bases(config: &StoreConfig, name: &BucketName) -> Result<(BaseUrl, Vec<BaseUrl>), BucketError> {
    let texts = if !config.public_bases.is_empty() {
        config.public_bases.clone()
    } else if let Some(endpoint) = &config.endpoint {
        vec![at_endpoint(checked(endpoint)?.as_str(), name, config.addressing)]
    } else {
        on_aws(&config.region, name, config.acceleration)
    };
    let mut bases = texts.iter().map(|url| checked(url));
    let first = bases.next().unwrap_or_else(|| checked(""))?;
    Ok((first, bases.collect::<Result<_, _>>()?))
}

/// One URL below an endpoint of one's own.
fn at_endpoint(endpoint: &str, name: &BucketName, addressing: Addressing) -> String {
    match (addressing, endpoint.split_once("://")) {
        (Addressing::VirtualHost, Some((scheme, host))) => format!("{scheme}://{name}.{host}"),
        _ => format!("{endpoint}/{name}"),
    }
}

/// The names that a bucket on AWS has (S3 user guide, "Virtual hosting of general purpose buckets", "Using Amazon S3
/// dual-stack endpoints" and "Configuring fast, secure file transfers using Amazon S3 Transfer Acceleration"). The
/// accelerated ones come first: whoever pays for them wants them used.
fn on_aws(region: &str, name: &BucketName, acceleration: Acceleration) -> Vec<String> {
    // Two partitions have a suffix of their own that people meet; the isolated ones configure their endpoint.
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let path_style =
        ["s3", "s3.dualstack"].map(|service| format!("https://{service}.{region}.{suffix}/{name}"));
    if !name.fits_host() {
        return path_style.to_vec();
    }
    let own = ["s3", "s3.dualstack"].map(|service| format!("https://{name}.{service}.{region}.{suffix}"));
    let accelerated = match acceleration {
        Acceleration::On => ["s3-accelerate", "s3-accelerate.dualstack"].as_slice(),
        Acceleration::Off => &[],
    };
    let accelerated = accelerated.iter().map(|service| format!("https://{name}.{service}.{suffix}"));
    accelerated.chain(own).chain(path_style).collect()
}

/// A URL that keys can be appended to, as browsers write it.
fn checked(url: &str) -> Result<BaseUrl, BucketError> {
    let invalid = |why: String| BucketError::Url { url: url.to_owned(), why };
    // Its host goes into the page's content security policy, where these would end the list or the directive.
    if let Some(odd) = url.chars().find(|c| ";,'*".contains(*c)) {
        return Err(invalid(format!("it must not contain {odd:?}")));
    }
    BaseUrl::parse(url).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;
    use crate::bucket::ObjectOptions;

    fn store(endpoint: Option<&str>, addressing: Addressing) -> StoreConfig {
        StoreConfig {
            bucket: "photos".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            public_bases: Vec::new(),
            addressing,
            acceleration: Acceleration::Off,
            role_arn: None,
            server_role_arn: None,
            kms_key_arn: None,
            options: ObjectOptions::default(),
            sts_endpoint: None,
            keys: None,
        }
    }

    fn bases(config: &StoreConfig) -> Vec<String> {
        let (first, others) = super::bases(config, &config.bucket.parse().unwrap()).unwrap();
        [first].into_iter().chain(others).map(|base| base.to_string()).collect()
    }

    #[test]
    fn a_bucket_on_aws_has_four_names_and_two_more_where_it_is_accelerated() {
        let plain = [
            "https://photos.s3.eu-central-1.amazonaws.com",
            "https://photos.s3.dualstack.eu-central-1.amazonaws.com",
            "https://s3.eu-central-1.amazonaws.com/photos",
            "https://s3.dualstack.eu-central-1.amazonaws.com/photos",
        ];
        let config = store(None, Addressing::VirtualHost);
        assert_eq!(bases(&config), plain);
        let accelerated = bases(&StoreConfig { acceleration: Acceleration::On, ..config.clone() });
        assert_eq!(
            accelerated[..2],
            [
                "https://photos.s3-accelerate.amazonaws.com",
                "https://photos.s3-accelerate.dualstack.amazonaws.com",
            ]
        );
        assert_eq!(accelerated[2..], plain);
        let china = bases(&StoreConfig { region: "cn-north-1".to_owned(), ..config });
        assert_eq!(china[0], "https://photos.s3.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn a_name_with_dots_stays_out_of_the_host_because_no_certificate_covers_it() {
        let config =
            StoreConfig { bucket: "photos.example".to_owned(), ..store(None, Addressing::VirtualHost) };
        assert_eq!(
            bases(&StoreConfig { acceleration: Acceleration::On, ..config }),
            [
                "https://s3.eu-central-1.amazonaws.com/photos.example",
                "https://s3.dualstack.eu-central-1.amazonaws.com/photos.example",
            ]
        );
    }

    #[test]
    fn an_endpoint_of_ones_own_is_addressed_as_configured() {
        let endpoint = Some("http://127.0.0.1:9000/");
        assert_eq!(bases(&store(endpoint, Addressing::Path)), ["http://127.0.0.1:9000/photos"]);
        assert_eq!(bases(&store(endpoint, Addressing::VirtualHost)), ["http://photos.127.0.0.1:9000"]);
        for bad in ["ftp://x", "http://x;script-src *", "http://u@x"] {
            assert!(super::bases(&store(Some(bad), Addressing::Path), &"photos".parse().unwrap()).is_err());
        }
    }

    #[test]
    fn public_names_replace_the_endpoint() {
        let public_bases =
            vec!["https://up1.example/photos/".to_owned(), "https://up2.example/photos".to_owned()];
        let config = StoreConfig { public_bases, ..store(Some("http://ceph:7480"), Addressing::Path) };
        assert_eq!(bases(&config), ["https://up1.example/photos", "https://up2.example/photos"]);
    }
}
