//! The list of the batch's files: any number of them in a few dozen rows.
//!
//! A pool of rows is made once. Row `k` of the pool shows the file whose place modulo the pool's size is `k`, so
//! scrolling by one changes one row, and nothing is mounted or thrown away. What a row shows of a file comes from
//! the page ([`Intake`](crate::engine::Intake)), its state from the last snapshot, which has the rows in view.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use transfer::port::{Command, Filter, RowState};
use transfer::wire::ItemIndex;

use super::row::row;
use crate::engine::Engine;
use crate::erase::{Erase, effect, flag, part, part_if, text};
use crate::part::{icon, say};
use crate::text::{Words, figure, use_words};

/// Rows beyond the visible ones, so that a turn of the wheel finds them ready.
const OVERSCAN: u32 = 6;

/// Rows that are made in one frame. Each takes a slow machine some 4 ms: all of them at once would hold up the page just
/// when a drop has begun.
const BLOCK: u32 = 4;

/// Rows of what failed that are asked for at the end, to count the causes. With more failures than that, the counts
/// are of these.
const COUNTED: u32 = 500;

/// The part of the list that is in view.
#[derive(Clone, Copy)]
pub(super) struct Window {
    engine: Engine,
    /// What a search found; none while nothing is looked for.
    found: Memo<Option<Arc<Vec<u32>>>>,
    /// Rows in the list.
    pub(super) len: Memo<u32>,
    /// The first row of the pool.
    first: RwSignal<u32>,
    /// Rows in the pool.
    pool: RwSignal<u32>,
    /// Blocks of the pool that are made; the others follow, one a frame.
    made: RwSignal<u32>,
    /// Pixels of one row.
    pub(super) height: RwSignal<f64>,
}

/// What one row of the pool shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) item: ItemIndex,
    /// None until the next snapshot.
    pub(super) state: Option<RowState>,
}

impl Window {
    fn new(engine: Engine) -> Self {
        let found = Memo::new(move |_| {
            let wanted = engine.search.get();
            let wanted = wanted.trim();
            // Files that are still added are looked at as well.
            (!wanted.is_empty()).then(|| {
                engine.handed.track();
                Arc::new(engine.intake.with_value(|intake| intake.search(wanted)))
            })
        });
        let len = Memo::new(move |_| {
            match (found.with(|found| found.as_ref().map(|it| it.len())), engine.filter.get()) {
                (Some(found), _) => found as u32,
                (None, Filter::All) => engine.handed.get(),
                (None, Filter::Trouble) => trouble_count(engine),
            }
        });
        Self {
            engine,
            found,
            len,
            first: RwSignal::new(0),
            pool: RwSignal::new(24),
            made: RwSignal::new(0),
            height: RwSignal::new(56.0),
        }
    }

    /// The place in the list that a row of the pool shows.
    pub(super) fn place(self, slot: u32) -> Option<u32> {
        let (first, pool) = (self.first.get(), self.pool.get());
        let place = first + (slot + pool - first % pool) % pool;
        (place < self.len.get()).then_some(place)
    }

    /// What is at a place in the list.
    pub(super) fn at(self, place: u32) -> Option<Shown> {
        let filter = self.engine.filter.get();
        if let Some(found) = self.found.get() {
            let item = ItemIndex(*found.get(place as usize)?);
            let state = self.engine.snapshot.with(|snapshot| {
                snapshot.rows.iter().find(|row| row.item == item).map(|row| row.state.clone())
            });
            return Some(Shown { item, state });
        }
        self.engine.snapshot.with(|snapshot| {
            let row = place.checked_sub(snapshot.first).and_then(|at| snapshot.rows.get(at as usize));
            match filter {
                Filter::All => {
                    let item = ItemIndex(place);
                    // A snapshot from before the filter was changed has other rows.
                    let state = row.filter(|row| row.item == item).map(|row| row.state.clone());
                    Some(Shown { item, state })
                }
                Filter::Trouble => row
                    .filter(|row| matches!(row.state, RowState::Failed { .. } | RowState::Refused { .. }))
                    .map(|row| Shown { item: row.item, state: Some(row.state.clone()) }),
            }
        })
    }

    /// As many rows as this window can show.
    fn fit(self, row_height: f64) {
        self.height.set(row_height);
        let window_height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
        let pool = (window_height / row_height).ceil() as u32 + OVERSCAN;
        if self.pool.get_untracked() != pool {
            self.pool.set(pool);
        }
        self.make();
    }

    /// Makes the next block of rows, and one more in each frame to come.
    fn make(self) {
        if let (Some(made), Some(pool)) = (self.made.try_get_untracked(), self.pool.try_get_untracked())
            && made < pool.div_ceil(BLOCK)
        {
            self.made.set(made + 1);
            request_animation_frame(move || self.make());
        }
    }

    /// What to ask the worker for: the pool, and as much on both sides.
    fn watch(self) -> Command {
        let filter = self.engine.filter.get();
        let (first, pool) = (self.first.get(), self.pool.get());
        if filter == Filter::Trouble && self.engine.is_over() && first + pool < COUNTED {
            return Command::Watch { filter, first: 0, count: COUNTED };
        }
        // In steps of a pool, so that scrolling asks now and then, not at each row.
        let start = (first / pool).saturating_sub(1) * pool;
        match self.found.get() {
            Some(found) => {
                let items = found.iter().skip(start as usize).take(pool as usize * 4);
                Command::Look { items: items.map(|&item| ItemIndex(item)).collect() }
            }
            None => Command::Watch { filter, first: start, count: pool * 4 },
        }
    }
}

/// A length in whole pixels: what a fraction of one would cost in code, nobody would see.
pub(super) fn pixels(length: f64) -> String {
    format!("{}px", length as i64)
}

fn trouble_count(engine: Engine) -> u32 {
    engine.snapshot.with(|snapshot| snapshot.totals.failed + snapshot.totals.refused)
}

pub(super) fn list() -> AnyView {
    let engine = Engine::here();
    let shown = Window::new(engine);
    let frame = NodeRef::<Div>::new();
    let ruler = NodeRef::<Div>::new();

    let measure = move || {
        if let Some(height) = ruler.get_untracked().map(|ruler| ruler.get_bounding_client_rect().height())
            && height > 0.0
        {
            shown.fit(height);
        }
    };
    effect(move || {
        ruler.track();
        measure();
        let resized = window_event_listener(leptos::ev::resize, move |_| measure());
        on_cleanup(move || resized.remove());
    });

    let watched = Memo::new(move |_| shown.watch());
    effect(move || {
        engine.command(watched.get());
    });
    // Nothing left to show there: back to all.
    effect(move || {
        if trouble_count(engine) == 0 && engine.filter.get() == Filter::Trouble {
            engine.filter.set(Filter::All);
        }
    });
    effect(move || {
        engine.filter.track();
        engine.search.track();
        if let Some(frame) = frame.get() {
            frame.set_scroll_top(0);
        }
        shown.first.set(0);
    });

    let asked = StoredValue::new(false);
    let scrolled = move |_| {
        // One change a frame, however many events.
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        request_animation_frame(move || {
            asked.try_set_value(false);
            if let Some(Some(frame)) = frame.try_get_untracked() {
                let row = (f64::from(frame.scroll_top()) / shown.height.get_untracked()) as u32;
                shown.first.try_set(row.saturating_sub(OVERSCAN / 2));
            }
        });
    };
    let whole_height = text(move || pixels(f64::from(shown.len.get()) * shown.height.get()));

    view! {
        <div class="list">
            {filters(engine)}
            <div class="rows-frame" tabindex="0" role="region" aria-label=say(|w| w.files) node_ref=frame on:scroll=scrolled>
                {part_if(move || {
                    let none = shown.found.with(|found| found.as_ref().is_some_and(|found| found.is_empty()));
                    none.then(|| view! { <p class="rows-none quiet">{say(|w| w.found_nothing)}</p> }.erase())
                })}
                <div class="row-ruler" node_ref=ruler aria-hidden="true"></div>
                <div class="rows" role="list" style:height=whole_height>
                    {part(move || (0..shown.pool.get().div_ceil(BLOCK)).map(|at| block(at, shown)).collect_view().erase())}
                </div>
            </div>
        </div>
    }
    .erase()
}

/// Some rows of the pool, once it is their turn to be made.
fn block(at: u32, window: Window) -> AnyView {
    let made = Memo::new(move |_| window.made.get() > at);
    let rows = move || {
        let slots = at * BLOCK..((at + 1) * BLOCK).min(window.pool.get_untracked());
        slots.map(|slot| row(slot, window)).collect_view().erase()
    };
    part_if(move || made.get().then(rows)).erase()
}

fn filters(engine: Engine) -> AnyView {
    let trouble = Memo::new(move |_| trouble_count(engine));
    view! {
        <div class="filters" role="group" aria-label=say(|w| w.filter)>
            {filter_button(engine, Filter::All, "filter-all", |w| w.all, Arc::new(move || engine.handed.get()))}
            {filter_button(engine, Filter::Trouble, "filter-trouble", |w| w.trouble, Arc::new(move || trouble.get()))}
            <input
                class="search"
                type="search"
                data-testid="search"
                aria-label=say(|w| w.search)
                placeholder=say(|w| w.search)
                prop:value=text(move || engine.search.get())
                on:input=move |event| engine.search.set(event_target_value(&event))
            />
        </div>
    }
    .erase()
}

fn filter_button(
    engine: Engine,
    filter: Filter,
    testid: &'static str,
    label: fn(&'static Words) -> &'static str,
    count: Arc<dyn Fn() -> u32 + Send + Sync>,
) -> AnyView {
    let words = use_words();
    let (for_count, none) = (count.clone(), flag(move || filter == Filter::Trouble && count() == 0));
    view! {
        <button
            class="filter"
            type="button"
            data-testid=testid
            disabled=none
            aria-pressed=text(move || if engine.filter.get() == filter { "true" } else { "false" })
            on:click=move |_| engine.filter.set(filter)
        >
            {(filter == Filter::Trouble).then(|| icon("alert"))}
            {text(move || label(words()))}
            <span class="filter-count">{text(move || figure::count(for_count().into()))}</span>
        </button>
    }
    .erase()
}
