//! The schema, step by step. A step that was released is never changed.

mod m20261122_000001_begin;
mod m20261122_000100_activity;
mod m20261122_000110_desk;
mod m20261122_000120_links;
mod m20261122_000200_checksums;
mod m20261122_000210_duplicates;
mod m20261122_000310_gallery;
mod m20261122_000320_thumbnails;
mod m20261122_000330_looking_back;
mod m20261123_000100_identities;
mod m20261123_000400_replacements;
mod m20261123_000500_scopes;
mod m20261123_000600_webhooks;
mod m20261123_000700_key_templates;
mod m20261123_000900_retention;
mod m20261123_001000_relay;
mod m20261123_001100_whose_sessions;
mod m20261123_001200_quotas;

use sea_orm_migration::prelude::*;

/// Every step in order.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_begin::Migration),
            Box::new(m20261122_000100_activity::Migration),
            Box::new(m20261122_000110_desk::Migration),
            Box::new(m20261122_000120_links::Migration),
            Box::new(m20261122_000200_checksums::Migration),
            Box::new(m20261122_000210_duplicates::Migration),
            Box::new(m20261122_000310_gallery::Migration),
            Box::new(m20261122_000320_thumbnails::Migration),
            Box::new(m20261122_000330_looking_back::Migration),
            Box::new(m20261123_000100_identities::Migration),
            Box::new(m20261123_000400_replacements::Migration),
            Box::new(m20261123_000500_scopes::Migration),
            Box::new(m20261123_000600_webhooks::Migration),
            Box::new(m20261123_000700_key_templates::Migration),
            Box::new(m20261123_000900_retention::Migration),
            Box::new(m20261123_001000_relay::Migration),
            Box::new(m20261123_001100_whose_sessions::Migration),
            Box::new(m20261123_001200_quotas::Migration),
        ]
    }
}
