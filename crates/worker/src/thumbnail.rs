//! Making a thumbnail: the browser decodes, scales and encodes it, off the worker's own thread where it can.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, ImageBitmap, ImageBitmapOptions, ImageEncodeOptions, OffscreenCanvas,
    OffscreenCanvasRenderingContext2d, ResizeQuality,
};

use crate::page;

/// Pixels of the longer side: a cell of a gallery, for screens with two to one.
const SIDE: u32 = 320;

/// Between what is seen and what it costs; some 15 kB for a photograph.
const QUALITY: f64 = 0.75;

/// Larger files are not decoded for this.
const LARGEST: f64 = 80_000_000.0;

/// A thumbnail of a photograph, the right way up; none if the browser cannot decode it.
pub async fn make(file: &File) -> Option<Blob> {
    if file.size() > LARGEST {
        return None;
    }
    let bitmap = decode(file).await?;
    let small = draw(&bitmap);
    bitmap.close();
    let canvas = small?;
    // Safari writes no WebP, and says so by writing PNG.
    let webp = encode(&canvas, "image/webp").await?;
    if webp.type_() == "image/webp" { Some(webp) } else { encode(&canvas, "image/jpeg").await }
}

/// As wide as the thumbnail, so that the whole photograph is never kept decoded. `createImageBitmap` turns it as its EXIF
/// data say (HTML standard, "imageOrientation").
async fn decode(file: &File) -> Option<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    options.set_resize_width(SIDE);
    options.set_resize_quality(ResizeQuality::Medium);
    let scope = page::scope()?;
    let promise = scope.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Upright photographs are as high as the thumbnail then, and less wide.
fn draw(bitmap: &ImageBitmap) -> Option<OffscreenCanvas> {
    let (width, height) = (bitmap.width().max(1), bitmap.height().max(1));
    let scale = f64::from(SIDE) / f64::from(width.max(height));
    let (width, height) = (f64::from(width) * scale, f64::from(height) * scale);
    let canvas = OffscreenCanvas::new(width.round().max(1.0) as u32, height.round().max(1.0) as u32).ok()?;
    let context: OffscreenCanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let drawn = context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height);
    drawn.ok().map(|()| canvas)
}

async fn encode(canvas: &OffscreenCanvas, media_type: &str) -> Option<Blob> {
    let options = ImageEncodeOptions::new();
    options.set_type(media_type);
    options.set_quality(QUALITY);
    let blob = canvas.convert_to_blob_with_options(&options).ok()?;
    JsFuture::from(blob).await.ok()?.dyn_into().ok()
}

/// Whether this browser can do it here at all.
#[must_use]
pub fn is_possible() -> bool {
    Reflect::has(&js_sys::global(), &JsValue::from_str("OffscreenCanvas")).unwrap_or(false)
}
