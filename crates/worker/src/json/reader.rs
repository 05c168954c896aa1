//! A reader that is asked for what is expected next.

/// Objects and arrays in one another, at most: what is skipped may come from anybody.
const DEPTH: u8 = 64;

/// Reads JSON from front to back. Every method answers none when something else is there.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    /// At the beginning of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Whether nothing but space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// An object: `each` gets every key and must read its value.
    pub fn object(&mut self, each: &mut dyn FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.list(b'{', b'}', &mut |reader| {
            // A key with escapes is none of ours; it is compared as it is written, and skipped.
            let key = reader.raw_string()?;
            reader.expect(b':')?;
            each(key, reader)
        })
    }

    /// An array: `each` must read an element.
    pub fn array(&mut self, each: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.list(b'[', b']', each)
    }

    /// The text under a key of the object that comes next, without going on.
    #[must_use]
    pub fn tag(mut self, name: &str) -> Option<&'a str> {
        let mut tag = None;
        self.object(&mut |key, reader| {
            if key == name {
                tag = Some(reader.raw_string()?);
                Some(())
            } else {
                reader.skip()
            }
        })?;
        tag
    }

    /// A string. Half a surrogate pair, which file names on Windows may have, becomes U+FFFD.
    pub fn string(&mut self) -> Option<String> {
        let raw = self.raw_string()?;
        if !raw.contains('\\') {
            return Some(raw.to_owned());
        }
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw.chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            text.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let first = hex(&mut rest)?;
                    let mut ahead = rest.clone();
                    let second = match (first, ahead.next(), ahead.next()) {
                        (0xd800..0xdc00, Some('\\'), Some('u')) => {
                            hex(&mut ahead).filter(|second| (0xdc00..0xe000).contains(second))
                        }
                        _ => None,
                    };
                    let code = match second {
                        Some(second) => {
                            rest = ahead;
                            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                        }
                        None => first,
                    };
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                escaped @ ('"' | '\\' | '/') => escaped,
                _ => return None,
            });
        }
        Some(text)
    }

    /// A whole number.
    pub fn number(&mut self) -> Option<u64> {
        let digits = self.scalar()?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    }

    /// A whole number of 32 bits.
    pub fn small(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    /// `true` or `false`.
    pub fn flag(&mut self) -> Option<bool> {
        match self.scalar()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Goes over whatever value comes next.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(&mut |_, reader| reader.skip()),
            b'[' => self.array(&mut Self::skip),
            b'"' => self.raw_string().map(|_| ()),
            _ => self.scalar().filter(|scalar| !scalar.is_empty()).map(|_| ()),
        }
    }

    fn list(&mut self, open: u8, close: u8, each: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(open)?;
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEPTH)?;
        if self.peek()? == close {
            self.at += 1;
        } else {
            loop {
                each(self)?;
                let next = self.peek()?;
                self.at += 1;
                if next == close {
                    break;
                }
                if next != b',' {
                    return None;
                }
            }
        }
        self.depth -= 1;
        Some(())
    }

    /// What stands between quotes, escapes and all.
    fn raw_string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let raw = self.text.get(start..self.at)?;
        self.at += 1;
        Some(raw)
    }

    /// A number, `true`, `false` or `null`, unchecked.
    fn scalar(&mut self) -> Option<&'a str> {
        self.peek()?;
        let rest = self.text.get(self.at..)?;
        let end = rest
            .bytes()
            .position(|b| !b.is_ascii_alphanumeric() && !b"+-.".contains(&b))
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        found.then_some(())
    }

    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }
}

/// Four hexadecimal digits.
fn hex(rest: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut code = 0;
    for _ in 0..4 {
        code = code * 16 + rest.next()?.to_digit(16)?;
    }
    Some(code)
}
