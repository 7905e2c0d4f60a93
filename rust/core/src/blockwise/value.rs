// SPDX-License-Identifier: Apache-2.0
//! One string or opaque value that arrives in blocks, in whatever content format: each block is taken
//! out of its format and delivered at once, so that a package of any length needs no buffer.

use crate::content::{Base64Decoder, ContentFormat, Encoding, Leading, Utf8};
use crate::device_management::write::{Mode, instance_id};
use crate::device_management::{Failure, resource_at};
use crate::model::{DataModel, Fragment};
use crate::path::{Level, Path};
use crate::value::DataType;

/// A value under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueStream {
    /// The resource or resource instance it is for.
    path: Path,
    encoding: Encoding,
    /// What has to follow the value, without white space.
    tail: &'static [u8],
    /// Judges a string; `None` for an opaque value.
    text: Option<Utf8>,
    delivered: usize,
    /// The length of the value, 0 if it is not known.
    total: usize,
}

impl ValueStream {
    /// Recognises, by its first block, a payload that is one value of a resource and takes more than
    /// that block. Returns the value, and where it begins. `whole` is the length of the payload, if
    /// the peer has told it.
    pub fn recognise<M: DataModel>(
        model: &M,
        request: &Path,
        format: ContentFormat,
        mode: Mode,
        block: &[u8],
        whole: Option<usize>,
    ) -> Result<Option<(Self, usize)>, Failure> {
        let Some(leading) = Leading::read(format, *request, block, whole) else {
            return Ok(None);
        };
        let Leading {
            path,
            start,
            encoding,
            tail,
        } = leading;
        if !request.contains(&path) || path.level() < Level::Resource {
            return Err(Failure::BadRequest);
        }
        let resource = resource_at(model, &path)?;
        if !resource.permissions.write() {
            return Err(Failure::MethodNotAllowed);
        }
        let text = match (resource.data_type, encoding) {
            (DataType::String, Encoding::Text { .. } | Encoding::Binary { .. }) => {
                Some(Utf8::default())
            }
            (DataType::Opaque, Encoding::Opaque { .. } | Encoding::Binary { .. }) => None,
            (DataType::Opaque, Encoding::Base64 { .. }) => None,
            // Plain text is Base64 to an opaque resource.
            (DataType::Opaque, Encoding::Text { left: None }) => None,
            _ => return Ok(None),
        };
        let encoding = match encoding {
            Encoding::Text { left: None } if text.is_none() => {
                Encoding::Base64(Base64Decoder::standard())
            }
            other => other,
        };
        instance_id(&resource, &path)?;
        if mode == Mode::Replace && resource.multiple && request.level() != Level::ResourceInstance
        {
            model.clear(&resource);
        }
        let total = match encoding {
            Encoding::Base64(_) => None,
            Encoding::Text { left } | Encoding::Opaque { left } | Encoding::Binary { left } => {
                left.or(whole)
            }
        };
        let stream = Self {
            path,
            encoding,
            tail,
            text,
            delivered: 0,
            total: total.unwrap_or(0),
        };
        Ok(Some((stream, start)))
    }

    /// Delivers what a block brings. `scratch` is room for what has to be decoded.
    pub fn deliver<M: DataModel>(
        &mut self,
        model: &M,
        block: &[u8],
        last: bool,
        scratch: &mut [u8],
    ) -> Result<(), Failure> {
        match &mut self.encoding {
            Encoding::Text { left } | Encoding::Opaque { left } | Encoding::Binary { left } => {
                let count = left.unwrap_or(block.len()).min(block.len());
                let (data, rest) = block.split_at_checked(count).unwrap_or((block, &[]));
                if let Some(left) = left {
                    *left = left.saturating_sub(count);
                    if last && *left > 0 {
                        return Err(Failure::BadRequest);
                    }
                }
                self.end(rest, last)?;
                self.hand_over(model, data, last)
            }
            Encoding::Base64(_) => self.deliver_base64(model, block, last, scratch),
        }
    }

    fn deliver_base64<M: DataModel>(
        &mut self,
        model: &M,
        block: &[u8],
        last: bool,
        scratch: &mut [u8],
    ) -> Result<(), Failure> {
        let Encoding::Base64(decoder) = &mut self.encoding else {
            return Ok(());
        };
        let mut length = 0_usize;
        let mut rest = block;
        while let Some((digit, after)) = rest.split_first() {
            if decoder.is_over(*digit) {
                break;
            }
            rest = after;
            let byte = decoder.push(*digit).ok_or(Failure::BadRequest)?;
            if let (Some(byte), Some(place)) = (byte, scratch.get_mut(length)) {
                *place = byte;
                length = length.saturating_add(1);
            }
        }
        if last && !decoder.is_complete() {
            return Err(Failure::BadRequest);
        }
        self.end(rest, last)?;
        let data = scratch.get(..length).unwrap_or_default();
        self.hand_over(model, data, last)
    }

    /// Checks what follows the value.
    fn end(&mut self, rest: &[u8], last: bool) -> Result<(), Failure> {
        let json = matches!(self.encoding, Encoding::Base64(_));
        for byte in rest {
            if json && matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                continue;
            }
            match self.tail.split_first() {
                Some((expected, tail)) if expected == byte => self.tail = tail,
                _ => return Err(Failure::BadRequest),
            }
        }
        if last && !self.tail.is_empty() {
            return Err(Failure::BadRequest);
        }
        Ok(())
    }

    fn hand_over<M: DataModel>(
        &mut self,
        model: &M,
        data: &[u8],
        last: bool,
    ) -> Result<(), Failure> {
        if let Some(text) = &mut self.text {
            if !text.feed(data) || (last && !text.is_complete()) {
                return Err(Failure::BadRequest);
            }
        }
        if data.is_empty() && !last {
            return Ok(());
        }
        let resource = resource_at(model, &self.path)?;
        let fragment = Fragment {
            data,
            offset: self.delivered,
            total: self.total,
            last,
        };
        model.write_fragment(&resource, instance_id(&resource, &self.path)?, fragment)?;
        self.delivered = self.delivered.saturating_add(data.len());
        Ok(())
    }
}
