//! One suite for two stores: the embedded one, and Ceph where the environment names it.
//!
//! What both do is what S3 says, or as near as anybody can check without S3. Where Ceph does
//! something else, `deviations` says so case by case; a case that no longer deviates fails.

#![expect(clippy::unwrap_used, reason = "a failure here is the test's")]
#![expect(clippy::print_stderr, reason = "whoever runs it should know that half of it was skipped")]

/// Makes of each case two tests: one on the embedded store, one on Ceph.
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        /// Their names, as `deviations` knows them.
        pub(crate) const NAMES: &[&str] = &[$(concat!(module_path!(), "::", stringify!($case))),+];

        mod embedded {
            $(#[tokio::test]
            async fn $case() {
                super::$case(crate::target::Target::embedded().await).await;
            })+
        }

        mod ceph {
            $(#[tokio::test]
            async fn $case() {
                let name = concat!(module_path!(), "::", stringify!($case));
                crate::deviations::on_ceph(name, super::$case).await;
            })+
        }
    };
}

mod buckets;
mod conditions;
mod copies;
mod deviations;
mod forms;
mod integrity;
mod listing;
mod multipart;
mod objects;
mod sessions;
mod tags;
mod target;
