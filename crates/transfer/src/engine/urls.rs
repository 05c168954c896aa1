//! URLs that the server signed: which of them can be used, and where they lead.

use std::collections::BTreeMap;

use crate::wire::{SignedUpload, UnixMillis};

use super::hosts::Hosts;
use super::uploads::Due;
use super::{Batch, Moment};

/// A URL, and when it ends on the server's clock.
#[derive(Debug, Clone)]
pub(super) struct Url {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) ends: UnixMillis,
}

/// Those of one upload in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct StepUrls {
    create: Option<Url>,
    /// For the parts behind that number.
    list: Option<(u32, Url)>,
    complete: Option<Url>,
    /// Kept until the part is there: it may have to be sent again.
    parts: BTreeMap<u32, Url>,
}

impl StepUrls {
    /// Takes an answer; `after` is what was asked for.
    pub(super) fn take(&mut self, answer: SignedUpload, after: u32) {
        let ends = answer.expires_at;
        let plain = |url: String| Url { url, headers: Vec::new(), ends };
        self.create = answer.create.map(|url| Url { url, headers: answer.headers, ends });
        self.list = answer.list.map(|url| (after, plain(url)));
        self.complete = answer.complete.map(plain);
        self.parts.extend(answer.parts.into_iter().map(|part| (part.number, plain(part.url))));
    }

    /// The one for a request.
    pub(super) fn get(&self, due: Due) -> Option<&Url> {
        match due {
            Due::Create => self.create.as_ref(),
            Due::List(after) => {
                self.list.as_ref().filter(|(for_after, _)| *for_after == after).map(|(_, url)| url)
            }
            Due::Complete => self.complete.as_ref(),
            Due::Part(number) => self.parts.get(&number),
        }
    }

    /// A part is in the store.
    pub(super) fn done(&mut self, number: u32) {
        self.parts.remove(&number);
    }
}

/// The ways to the store as they are now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) batch: &'a Batch,
    pub(super) hosts: &'a Hosts,
    /// Most requests to a host at once.
    pub(super) most: u16,
    pub(super) now: Moment,
}

impl Ways<'_> {
    /// Which of the store's bases a URL leads to.
    pub(super) fn host(&self, url: &Url) -> usize {
        let leads =
            |base: &String| url.url.strip_prefix(base.as_str()).is_some_and(|rest| rest.starts_with('/'));
        self.batch.store.bases.iter().position(leads).unwrap_or(0)
    }

    /// Whether a URL has not ended, and its host is up.
    pub(super) fn is_open(&self, url: &Url) -> bool {
        self.batch.permit.is_ahead(url.ends, self.now) && self.hosts.is_up(self.host(url), self.now)
    }

    /// Whether it can be used at once.
    pub(super) fn is_free(&self, url: &Url) -> bool {
        self.is_open(url) && self.hosts.has_room(self.host(url), self.most)
    }
}
