//! A writer that puts the commas.

/// Writes JSON from front to back.
#[derive(Debug, Default)]
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// An object; `fields` writes what is in it.
    pub(super) fn object(&mut self, fields: &mut dyn FnMut(&mut Self)) {
        self.comma();
        self.0.push('{');
        fields(self);
        self.0.push('}');
    }

    /// An array; `elements` writes what is in it.
    pub(super) fn array(&mut self, elements: &mut dyn FnMut(&mut Self)) {
        self.comma();
        self.0.push('[');
        elements(self);
        self.0.push(']');
    }

    /// A key; its value comes next.
    pub(super) fn key(&mut self, key: &str) -> &mut Self {
        self.string(key);
        self.0.push(':');
        self
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.key(key).string(text);
    }

    pub(super) fn count(&mut self, key: &str, number: u64) {
        self.key(key).number(number);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.comma();
        self.0.push_str(&number.to_string());
    }

    pub(super) fn truth(&mut self, truth: bool) {
        self.comma();
        self.0.push_str(if truth { "true" } else { "false" });
    }

    pub(super) fn null(&mut self) {
        self.comma();
        self.0.push_str("null");
    }

    pub(super) fn string(&mut self, text: &str) {
        self.comma();
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\0'..' ' => {
                    self.0.push_str("\\u00");
                    for digit in [c as u32 / 16, c as u32 % 16] {
                        self.0.push(char::from_digit(digit, 16).unwrap_or('0'));
                    }
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }

    /// A comma, unless this is the first here.
    fn comma(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }
}
