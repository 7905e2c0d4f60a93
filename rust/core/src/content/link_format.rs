// SPDX-License-Identifier: Apache-2.0
//! CoRE Link Format, RFC 6690: the links of Register, Update and Discover.

use super::{EncodeError, Output, float, number};
use crate::path::Path;
use crate::value::Bytes;

/// Appends links and their attributes to an [`Output`], which it holds until
/// [`LinkWriter::finish`].
///
/// ```
/// use lwm2m_core::content::{LinkWriter, Output};
/// use lwm2m_core::path::Path;
///
/// let mut buffer = [0; 64];
/// let mut links = LinkWriter::new(Output::new(&mut buffer));
/// links.link(&Path::ROOT).unwrap();
/// links.text("rt", &b"oma.lwm2m"[..]).unwrap();
/// links.number("ct", 112).unwrap();
/// links.link(&Path::object(1)).unwrap();
/// links.version(1, 1).unwrap();
/// links.link(&Path::instance(1, 0)).unwrap();
/// assert_eq!(links.finish().written(), b"</>;rt=\"oma.lwm2m\";ct=112,</1>;ver=1.1,</1/0>");
/// ```
#[derive(Debug)]
pub struct LinkWriter<'a> {
    output: Output<'a>,
}

impl<'a> LinkWriter<'a> {
    /// No links yet. What `output` holds already counts as links.
    #[must_use]
    pub fn new(output: Output<'a>) -> Self {
        LinkWriter { output }
    }

    /// Begins the link of `path`, after a comma if it is not the first.
    ///
    /// # Errors
    /// [`EncodeError::Full`]: nothing was appended. So in all methods.
    pub fn link(&mut self, path: &Path) -> Result<(), EncodeError> {
        let start = self.output.position();
        let separator: &[u8] = if start == 0 { b"<" } else { b",<" };
        let result = self
            .output
            .put_slice(separator)
            .and_then(|()| number::put_path(&mut self.output, path))
            .and_then(|()| self.output.put(b'>'));
        self.settle(start, result)
    }

    /// Begins the link of what lies directly below a path, after the link of that.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub(crate) fn link_below(&mut self, stem: &Stem, id: u16) -> Result<(), EncodeError> {
        let start = self.output.position();
        let text = stem.text.get(..stem.length).unwrap_or_default();
        let result = self
            .output
            .put_slice(text)
            .and_then(|()| number::put_id(&mut self.output, id))
            .and_then(|()| self.output.put(b'>'));
        self.settle(start, result)
    }

    /// Appends an element that is written already, after a comma if it is not the first.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn element(&mut self, text: &[u8]) -> Result<(), EncodeError> {
        let start = self.output.position();
        let mut result = Ok(());
        if start != 0 {
            result = self.output.put(b',');
        }
        let result = result.and_then(|()| self.output.put_slice(text));
        self.settle(start, result)
    }

    /// `;name=number`
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn number(&mut self, name: &str, value: i64) -> Result<(), EncodeError> {
        let start = self.output.position();
        let result = self
            .name(name)
            .and_then(|()| number::put_integer(&mut self.output, value));
        self.settle(start, result)
    }

    /// `;name=number` with a fraction or an exponent where needed.
    ///
    /// # Errors
    /// [`EncodeError::Full`]; [`EncodeError::Unsupported`] for infinity and NaN.
    pub fn float(&mut self, name: &str, value: f64) -> Result<(), EncodeError> {
        let start = self.output.position();
        let result = self
            .name(name)
            .and_then(|()| float::put_float(&mut self.output, value));
        self.settle(start, result)
    }

    /// `;name="text"`; quotes and backslashes in the text are escaped, RFC 2616 §2.2.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn text<B: Bytes>(&mut self, name: &str, text: B) -> Result<(), EncodeError> {
        let start = self.output.position();
        let result = self.name(name).and_then(|()| self.quoted(text));
        self.settle(start, result)
    }

    /// `;ver=major.minor`
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn version(&mut self, major: u8, minor: u8) -> Result<(), EncodeError> {
        let start = self.output.position();
        let result = self
            .name("ver")
            .and_then(|()| number::put_integer(&mut self.output, i64::from(major)))
            .and_then(|()| self.output.put(b'.'))
            .and_then(|()| number::put_integer(&mut self.output, i64::from(minor)));
        self.settle(start, result)
    }

    /// The output with everything written.
    #[must_use]
    pub fn finish(self) -> Output<'a> {
        self.output
    }

    /// How many bytes were written.
    #[must_use]
    pub fn position(&self) -> usize {
        self.output.position()
    }

    /// Forgets what was written from `position` on, for a list that ends where the buffer ends.
    pub fn truncate(&mut self, position: usize) {
        self.output.truncate(position);
    }

    fn name(&mut self, name: &str) -> Result<(), EncodeError> {
        self.output.put(b';')?;
        self.output.put_slice(name.as_bytes())?;
        self.output.put(b'=')
    }

    fn quoted<B: Bytes>(&mut self, text: B) -> Result<(), EncodeError> {
        self.output.put(b'"')?;
        let mut piece = [0; 32];
        let mut offset = 0_usize;
        loop {
            let count = text.copy(offset, &mut piece);
            for &byte in piece.get(..count).unwrap_or_default() {
                if matches!(byte, b'"' | b'\\') {
                    self.output.put(b'\\')?;
                }
                self.output.put(byte)?;
            }
            if count == 0 {
                return self.output.put(b'"');
            }
            offset = offset.saturating_add(count);
        }
    }

    fn settle(&mut self, start: usize, result: Result<(), EncodeError>) -> Result<(), EncodeError> {
        if result.is_err() {
            self.output.truncate(start);
        }
        result
    }
}

/// What the links of all that lies directly below a path begin with, `,</3/0/`.
pub(crate) struct Stem {
    text: [u8; 24],
    length: usize,
}

impl Stem {
    /// The stem of links below `path`.
    pub(crate) fn of(path: &Path) -> Self {
        let mut text = [0; 24];
        let mut output = Output::new(&mut text);
        // The longest has 22 bytes.
        let written = output
            .put_slice(b",<")
            .and_then(|()| number::put_path(&mut output, path))
            .and_then(|()| output.put(b'/'));
        debug_assert!(written.is_ok());
        let length = output.position();
        Stem { text, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discover_links_carry_attributes() {
        let mut buffer = [0; 128];
        let mut links = LinkWriter::new(Output::new(&mut buffer));
        links.link(&Path::instance(3, 0)).unwrap();
        links.number("pmin", 10).unwrap();
        links.link(&Path::resource(3, 0, 6)).unwrap();
        links.number("dim", 2).unwrap();
        links.float("gt", 42.5).unwrap();
        links
            .link(&Path::resource_instance(3, 0, 6, 65534))
            .unwrap();
        assert_eq!(
            links.finish().written(),
            b"</3/0>;pmin=10,</3/0/6>;dim=2;gt=42.5,</3/0/6/65534>"
        );
    }

    #[test]
    fn links_below_a_path_share_its_text() {
        let mut buffer = [0; 64];
        let mut links = LinkWriter::new(Output::new(&mut buffer));
        let path = Path::resource(65534, 10, 65534);
        links.link(&path).unwrap();
        links.link_below(&Stem::of(&path), 0).unwrap();
        links.link_below(&Stem::of(&path), 65534).unwrap();
        assert_eq!(
            links.finish().written(),
            b"</65534/10/65534>,</65534/10/65534/0>,</65534/10/65534/65534>"
        );
    }

    #[test]
    fn quotes_are_escaped() {
        let mut buffer = [0; 128];
        let mut links = LinkWriter::new(Output::new(&mut buffer));
        links.element(b"lwm2m=1.0").unwrap();
        links.link(&Path::instance(0, 0)).unwrap();
        links.text("x", &b"a\"b\\c"[..]).unwrap();
        assert_eq!(
            links.finish().written(),
            b"lwm2m=1.0,</0/0>;x=\"a\\\"b\\\\c\""
        );
    }

    #[test]
    fn a_part_that_does_not_fit_is_left_out_whole() {
        let mut buffer = [0; 10];
        let mut links = LinkWriter::new(Output::new(&mut buffer));
        links.link(&Path::object(3)).unwrap();
        assert_eq!(links.link(&Path::instance(3, 0)), Err(EncodeError::Full));
        assert_eq!(links.number("dim", 123), Err(EncodeError::Full));
        assert_eq!(links.version(1, 10), Err(EncodeError::Full));
        assert_eq!(links.text("t", &b"1234"[..]), Err(EncodeError::Full));
        links.number("d", 12).unwrap();
        assert_eq!(links.finish().written(), b"</3>;d=12");
    }
}
