//! QR codes: a link on a poster, or from this screen to a telephone.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of nothing around it, as many as ISO/IEC 18004 asks for.
const QUIET: i32 = 4;

/// The QR code of a text, as the URL of an SVG picture: black on white, whatever the page's colours. None if it is too
/// long for one (some 2,300 bytes).
pub(super) fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|&x| code.get_module(x, y)).count();
            if run > 0 {
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run as i32 + 1;
        }
    }
    let all = size + 2 * QUIET;
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-{QUIET} -{QUIET} {all} {all}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M-{QUIET}-{QUIET}h{all}v{all}h-{all}z\"/>\
         <path d=\"{path}\"/></svg>"
    );
    Some(format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(picture)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_dark_module_once() -> Result<(), qrcodegen::DataTooLong> {
        let text = "https://photos.example/guest?link=abcdefghijklmnopqrstuvwxyz012345";
        let picture = qr_code(text).and_then(|url| {
            let encoded = url.strip_prefix("data:image/svg+xml;base64,")?.to_owned();
            String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()
        });
        let picture = picture.unwrap_or_default();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = dark.filter(|&(x, y)| code.get_module(x, y)).count();
        let runs =
            picture.split("M").skip(2).filter_map(|run| run.split(['h', 'v']).nth(1)?.parse::<usize>().ok());
        assert_eq!(runs.sum::<usize>(), dark);
        Ok(())
    }

    #[test]
    fn says_when_a_text_is_too_long() {
        assert_eq!(qr_code(&"x".repeat(3_000)), None);
    }
}
