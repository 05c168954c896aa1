//! Checksums of what is sent: the bytes of a file enter WASM only for that, a window at a time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Uint8Array;
pub use lane::checksum::range;
use transfer::crc64::Crc64;
use transfer::engine::AttemptId;
use transfer::port::FailureClass;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// Bytes that are read of a file at once.
const SLICE: u64 = 4 << 20;

/// Bytes that are copied into WASM at once: they stay in the processor's cache until they are hashed.
const WINDOW: u32 = 64 << 10;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; WINDOW as usize]);
}

/// Of bytes that are in memory.
#[must_use]
pub fn of_bytes(bytes: &Uint8Array) -> Crc64 {
    after(Crc64::EMPTY, bytes)
}

/// Of a file from a byte to the one behind the last, a slice at a time. Before each slice but the first it asks whether
/// it is still wanted; if not, what comes out is worth nothing.
///
/// # Errors
/// `FileChanged` if the file cannot be read, or is shorter by now.
pub async fn of_slice(
    file: &File,
    (from, to): (u64, u64),
    still_wanted: impl Fn() -> bool,
) -> Result<Crc64, FailureClass> {
    let (mut checksum, mut at) = (Crc64::EMPTY, from);
    while at < to && (at == from || still_wanted()) {
        let end = to.min(at + SLICE);
        // Whole numbers far below 2^53.
        let slice =
            file.slice_with_f64_and_f64(at as f64, end as f64).map_err(|_| FailureClass::FileChanged)?;
        let bytes = JsFuture::from(slice.array_buffer()).await.map_err(|_| FailureClass::FileChanged)?;
        let bytes = Uint8Array::new(&bytes);
        if u64::from(bytes.length()) != end - at {
            return Err(FailureClass::FileChanged);
        }
        checksum = after(checksum, &bytes);
        at = end;
    }
    Ok(checksum)
}

fn after(checksum: Crc64, bytes: &Uint8Array) -> Crc64 {
    BUFFER.with_borrow_mut(|buffer| {
        let (mut checksum, mut at) = (checksum, 0);
        while at < bytes.length() {
            let end = bytes.length().min(at + WINDOW);
            let window = &mut buffer[..(end - at) as usize];
            bytes.subarray(at, end).copy_to(window);
            checksum = checksum.and(window);
            at = end;
        }
        checksum
    })
}

/// Attempts whose file is read before anything is sent, or waits for that: some dozens at most.
#[derive(Debug, Default)]
pub struct Reads(Vec<(AttemptId, Wanted)>);

/// Whether a read is still wanted.
pub type Wanted = Rc<Cell<bool>>;

impl Reads {
    /// A file begins to be read.
    pub fn begin(&mut self, attempt: AttemptId) -> Wanted {
        let wanted = Rc::new(Cell::new(true));
        self.0.push((attempt, Rc::clone(&wanted)));
        wanted
    }

    /// It was read, or could not be; answers whether it is still wanted.
    pub fn end(&mut self, wanted: &Wanted) -> bool {
        self.0.retain(|(_, read)| !Rc::ptr_eq(read, wanted));
        wanted.get()
    }

    /// All of them.
    #[must_use]
    pub fn attempts(&self) -> Vec<AttemptId> {
        self.0.iter().map(|(attempt, _)| *attempt).collect()
    }

    /// Nobody wants it any more, if it is one of these.
    pub fn cut(&mut self, attempt: AttemptId) {
        if let Some(at) = self.0.iter().position(|(read, _)| *read == attempt) {
            self.0.swap_remove(at).1.set(false);
        }
    }

    /// Nobody wants any of them.
    pub fn cut_all(&mut self) {
        for (_, wanted) in self.0.drain(..) {
            wanted.set(false);
        }
    }
}
