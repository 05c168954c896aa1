//! Thumbnails, made in the browser, of the rows in view only.
//!
//! A photograph is decoded and scaled by the browser off the main thread, one or two at a time, and kept as a bitmap
//! of some 30 kB; nothing waits for it.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use leptos::prelude::set_timeout;
use leptos::task::spawn_local;
use transfer::wire::ItemIndex;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions, ResizeQuality};

use crate::bridge::file_of;

/// Pixels of a side of the canvas: 40 on the page, for screens with two to one.
const SIDE: f64 = 80.0;
/// Width that photographs are scaled to: 3:2 across then has a height of [`SIDE`].
const WIDTH: u32 = 120;
/// Decoded at the same time. A second one hides the reading of the first; more would take from the sending.
const AT_ONCE: u32 = 2;
/// Bitmaps kept, the oldest given up first: some screens full, about 5 MB.
const KEPT: usize = 160;
/// Larger files are not decoded for this.
const LARGEST: f64 = 80_000_000.0;
/// Milliseconds that a row stays in view before its file is read, so that scrolling past reads nothing.
const SETTLE: u64 = 150;

struct Wish {
    item: ItemIndex,
    canvas: HtmlCanvasElement,
}

#[derive(Default)]
struct Thumbnails {
    /// What each row of the pool shows.
    wishes: HashMap<u32, Wish>,
    ready: HashMap<ItemIndex, ImageBitmap>,
    age: VecDeque<ItemIndex>,
    /// Being decoded, or not decodable.
    tried: HashSet<ItemIndex>,
    running: u32,
}

thread_local! {
    static THUMBNAILS: RefCell<Thumbnails> = RefCell::default();
    static TIMER: Cell<bool> = const { Cell::new(false) };
}

/// Draws the item on the canvas of a slot when it can.
pub(crate) fn draw(slot: u32, item: Option<ItemIndex>, canvas: HtmlCanvasElement) {
    THUMBNAILS.with_borrow_mut(|all| {
        let Some(item) = item else {
            all.wishes.remove(&slot);
            return clear(&canvas);
        };
        match all.ready.get(&item) {
            Some(bitmap) => paint(&canvas, bitmap),
            None => clear(&canvas),
        }
        all.wishes.insert(slot, Wish { item, canvas });
    });
    if !TIMER.replace(true) {
        set_timeout(
            || {
                TIMER.set(false);
                pump();
            },
            Duration::from_millis(SETTLE),
        );
    }
}

/// Another batch begins.
pub(crate) fn forget_all() {
    THUMBNAILS.with_borrow_mut(|all| {
        for bitmap in all.ready.values() {
            bitmap.close();
        }
        let running = all.running;
        *all = Thumbnails { running, ..Thumbnails::default() };
    });
}

/// Starts decoding what is in view and not there yet.
fn pump() {
    while let Some(item) = THUMBNAILS.with_borrow_mut(next) {
        spawn_local(async move {
            let bitmap = decode(item).await;
            THUMBNAILS.with_borrow_mut(|all| finish(all, item, bitmap));
            pump();
        });
    }
}

fn next(all: &mut Thumbnails) -> Option<ItemIndex> {
    if all.running >= AT_ONCE {
        return None;
    }
    let wished = all.wishes.values().map(|wish| wish.item);
    let item = wished.filter(|item| !all.ready.contains_key(item) && !all.tried.contains(item)).min()?;
    all.tried.insert(item);
    all.running += 1;
    Some(item)
}

fn finish(all: &mut Thumbnails, item: ItemIndex, bitmap: Option<ImageBitmap>) {
    all.running -= 1;
    let Some(bitmap) = bitmap else { return };
    all.tried.remove(&item);
    for wish in all.wishes.values().filter(|wish| wish.item == item) {
        paint(&wish.canvas, &bitmap);
    }
    all.ready.insert(item, bitmap);
    all.age.push_back(item);
    if all.age.len() > KEPT
        && let Some(oldest) = all.age.pop_front()
        && let Some(bitmap) = all.ready.remove(&oldest)
    {
        bitmap.close();
    }
}

async fn decode(item: ItemIndex) -> Option<ImageBitmap> {
    let file = file_of(item).filter(|file| file.size() <= LARGEST)?;
    let options = ImageBitmapOptions::new();
    options.set_resize_width(WIDTH);
    options.set_resize_quality(ResizeQuality::Medium);
    let promise =
        web_sys::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(&file, &options).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn clear(canvas: &HtmlCanvasElement) {
    if let Some(context) = context(canvas) {
        context.clear_rect(0.0, 0.0, SIDE, SIDE);
    }
}

/// Fills the square with the middle of the picture.
fn paint(canvas: &HtmlCanvasElement, bitmap: &ImageBitmap) {
    let Some(context) = context(canvas) else { return };
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let side = width.min(height);
    context.clear_rect(0.0, 0.0, SIDE, SIDE);
    let _ = context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        bitmap,
        (width - side) / 2.0,
        (height - side) / 2.0,
        side,
        side,
        0.0,
        0.0,
        SIDE,
        SIDE,
    );
}
