//! The queues that items wait in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use crate::wire::{SignedUrl, UnixMillis};

use super::Moment;
use super::items::{Items, State};
use super::urls::Url;

/// One queue for each state from `Added` to `Delayed`.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// `Added`.
    added: VecDeque<u32>,
    /// `Ready`, and small enough to go whole.
    ready: VecDeque<u32>,
    /// `Ready`, and so large that they should go in parts.
    large: VecDeque<u32>,
    /// `Signed`.
    signed: VecDeque<u32>,
    /// `Delayed`: the soonest on top. Grows with the retries, not with the files.
    delayed: BinaryHeap<Reverse<(Moment, u32)>>,
    urls: HashMap<u32, Url>,
    large_from: u64,
    /// How many of those to be announced first are to be sent before all else.
    hurried: usize,
    /// What is below it goes first.
    folder: Option<String>,
}

impl Queue {
    /// `large_from`: how many bytes make a file large.
    pub(super) fn new(large_from: u64) -> Self {
        Self { large_from, ..Self::default() }
    }

    pub(super) fn ready_len(&self) -> usize {
        self.ready.len() + self.large.len()
    }

    /// Whether there is something to be sent in parts.
    pub(super) fn has_large(&mut self, items: &Items) -> bool {
        skip(&mut self.large, State::Ready, items);
        !self.large.is_empty()
    }

    /// Whether there is something to be sent whole.
    pub(super) fn has_small(&mut self, items: &Items) -> bool {
        skip(&mut self.ready, State::Ready, items);
        !self.ready.is_empty()
    }

    /// Whether there is something to be sent to a URL.
    pub(super) fn has_signed(&mut self, items: &Items) -> bool {
        skip(&mut self.signed, State::Signed, items);
        !self.signed.is_empty()
    }

    pub(super) fn signed_len(&self) -> usize {
        self.signed.len()
    }

    /// Whether anything could be sent, or signed, right now.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty() || !self.large.is_empty() || !self.signed.is_empty()
    }

    pub(super) fn push_added(&mut self, item: u32) {
        self.added.push_back(item);
    }

    pub(super) fn push_ready(&mut self, item: u32, items: &Items) {
        self.ready_for(item, items).push_back(item);
    }

    fn ready_for(&mut self, item: u32, items: &Items) -> &mut VecDeque<u32> {
        if items.size(item) >= self.large_from { &mut self.large } else { &mut self.ready }
    }

    pub(super) fn push_delayed(&mut self, item: u32, until: Moment) {
        self.delayed.push(Reverse((until, item)));
    }

    pub(super) fn push_signed(&mut self, item: u32, url: SignedUrl, ends: UnixMillis) {
        self.urls.insert(item, Url { url: url.url, headers: url.headers, ends });
        self.signed.push_back(item);
    }

    /// Puts an item first, ready to be sent: with its URL if it has one. The caller need not set the state.
    pub(super) fn put_first(&mut self, item: u32, items: &mut Items) {
        if self.urls.contains_key(&item) {
            items.set(item, State::Signed);
            self.signed.push_front(item);
        } else {
            items.set(item, State::Ready);
            self.ready_for(item, items).push_front(item);
        }
    }

    /// Puts an item last, like [`put_first`](Self::put_first).
    pub(super) fn put_last(&mut self, item: u32, items: &mut Items) {
        if self.urls.contains_key(&item) {
            items.set(item, State::Signed);
            self.signed.push_back(item);
        } else {
            items.set(item, State::Ready);
            self.push_ready(item, items);
        }
    }

    /// Nothing waits any more: all of it was cancelled.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.large_from);
    }

    pub(super) fn url(&self, item: u32) -> Option<&Url> {
        self.urls.get(&item)
    }

    pub(super) fn drop_url(&mut self, item: u32) {
        self.urls.remove(&item);
    }

    pub(super) fn pop_added(&mut self, items: &Items) -> Option<u32> {
        self.hurried = self.hurried.saturating_sub(1);
        pop(&mut self.added, State::Added, items)
    }

    /// The next small one.
    pub(super) fn pop_small(&mut self, items: &Items) -> Option<u32> {
        pop(&mut self.ready, State::Ready, items)
    }

    /// The next large one.
    pub(super) fn pop_large(&mut self, items: &Items) -> Option<u32> {
        pop(&mut self.large, State::Ready, items)
    }

    /// The next of either, the small ones first.
    pub(super) fn pop_ready(&mut self, items: &Items) -> Option<u32> {
        self.pop_small(items).or_else(|| self.pop_large(items))
    }

    pub(super) fn pop_signed(&mut self, items: &Items) -> Option<u32> {
        pop(&mut self.signed, State::Signed, items)
    }

    /// Puts what is below a folder first, in the order in which it is.
    pub(super) fn put_folder_first(&mut self, folder: &str, items: &Items) {
        self.folder = Some(folder.to_owned());
        let below = |item: &u32| is_below(items.path(*item), folder);
        let queues = [&mut self.added, &mut self.ready, &mut self.large, &mut self.signed];
        for queue in queues {
            let (first, then): (Vec<u32>, Vec<u32>) = queue.iter().partition(|item| below(item));
            *queue = first.into_iter().chain(then).collect();
        }
        self.hurried = self.added.iter().filter(|item| below(item)).count();
    }

    /// Moves the item that came last, if it is ready to be sent, to the front.
    pub(super) fn bring_forward(&mut self, last: u32, items: &Items) {
        let queue = self.ready_for(last, items);
        if queue.back() == Some(&last) {
            queue.pop_back();
            queue.push_front(last);
        }
    }

    /// Whether an item is below the folder that goes first.
    pub(super) fn goes_first(&self, item: u32, items: &Items) -> bool {
        self.folder.as_deref().is_some_and(|folder| is_below(items.path(item), folder))
    }

    /// Whether what waits to be announced is to go before what is announced already.
    pub(super) fn is_hurried(&self) -> bool {
        self.hurried > 0
    }

    /// Whether something waits to be announced.
    pub(super) fn has_added(&mut self, items: &Items) -> bool {
        skip(&mut self.added, State::Added, items);
        !self.added.is_empty()
    }

    /// How many wait to be announced; an upper bound, as some may be cancelled.
    pub(super) fn added_len(&self) -> usize {
        self.added.len()
    }

    /// Those whose time has come go to the front.
    pub(super) fn wake(&mut self, now: Moment, items: &mut Items) {
        while let Some(&Reverse((until, item))) = self.delayed.peek()
            && (until <= now || items.state(item) != State::Delayed)
        {
            self.delayed.pop();
            if items.state(item) == State::Delayed {
                self.put_first(item, items);
            }
        }
    }

    /// Nobody waits any longer.
    pub(super) fn wake_all(&mut self, items: &mut Items) {
        self.wake(Moment(u64::MAX), items);
    }

    /// When the next one's time comes.
    pub(super) fn next_delayed(&self) -> Option<Moment> {
        self.delayed.peek().map(|Reverse((until, _))| *until)
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn skip(queue: &mut VecDeque<u32>, state: State, items: &Items) {
    while queue.front().is_some_and(|&item| items.state(item) != state) {
        queue.pop_front();
    }
}

fn pop(queue: &mut VecDeque<u32>, state: State, items: &Items) -> Option<u32> {
    skip(queue, state, items);
    queue.pop_front()
}
