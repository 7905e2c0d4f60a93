// SPDX-License-Identifier: Apache-2.0
//! A [`RecordWriter`] whose payload may outgrow its buffer: it goes on in a second one, and there it
//! stops where a block is full, to be resumed when the next block is asked for, RFC 7959.

#[cfg(feature = "block-transfer")]
use super::writer::{Codec, Shape};
use super::{ContentFormat, EncodeError, LinkWriter, Output, RecordWriter};
use crate::path::Path;
use crate::time_series::Series;
use crate::value::{Bytes, Value};

/// How far a walk over the data model came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Through what it was to write.
    Done,
    /// The block is full; the next one begins behind what was written.
    Paused,
    /// The block is full; the next one goes on with the value that was being written.
    Within,
}

/// What a stream is resumed with.
#[cfg(feature = "block-transfer")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paused {
    /// How many bytes at the end the next record takes back.
    pub unsettled: usize,
    codec: Codec,
    part: Option<Part>,
}

/// A string or opaque value that is longer than the block.
#[cfg(feature = "block-transfer")]
#[derive(Clone, Copy, Debug)]
struct Part {
    path: Path,
    /// Its length and place when it was begun; another one then is another value.
    length: usize,
    place: usize,
    /// How much of it is written.
    written: usize,
}

/// Records on their way into a message, or into blocks.
#[derive(Debug)]
pub(crate) struct RecordStream<'b> {
    writer: RecordWriter<'b>,
    #[cfg(feature = "time-series")]
    series: Series<'b>,
    #[cfg(feature = "block-transfer")]
    blocks: Blocks<'b>,
}

#[cfg(feature = "block-transfer")]
#[derive(Debug)]
struct Blocks<'b> {
    /// Where the payload goes on when it outgrows its buffer.
    spare: Option<&'b mut [u8]>,
    /// Whether it did.
    moved: bool,
    /// The walk pauses once more bytes than that are settled; `None` to write all of it first.
    block: Option<usize>,
    part: Option<Part>,
}

impl<'b> RecordStream<'b> {
    /// Begins an answer to `request`, for one message.
    ///
    /// # Errors
    /// As for [`RecordWriter::new`].
    pub fn new(
        format: ContentFormat,
        request: Path,
        output: Output<'b>,
    ) -> Result<Self, EncodeError> {
        RecordWriter::new(format, request, output).map(Self::of)
    }

    /// Begins an answer that is made of links.
    pub fn links(output: Output<'b>) -> Self {
        Self::of(RecordWriter::links(output))
    }

    fn of(writer: RecordWriter<'b>) -> Self {
        Self {
            writer,
            #[cfg(feature = "time-series")]
            series: Series::None,
            #[cfg(feature = "block-transfer")]
            blocks: Blocks {
                spare: None,
                moved: false,
                block: None,
                part: None,
            },
        }
    }

    /// Says which samples of resources are written in the place of their values.
    #[cfg(feature = "time-series")]
    pub fn set_series(&mut self, series: Series<'b>) {
        self.series = series;
    }

    /// Says which samples of resources are written: none are in this build.
    #[cfg(not(feature = "time-series"))]
    pub fn set_series(&mut self, _: Series<'b>) {}

    /// Which samples are written; none where the format cannot tell their time.
    #[cfg(feature = "time-series")]
    pub fn series(&self) -> Series<'b> {
        if self.writer.tells_time() {
            self.series
        } else {
            Series::None
        }
    }

    /// How many bytes still fit where the payload is now.
    #[cfg(feature = "time-series")]
    pub fn remaining(&self) -> usize {
        self.writer.remaining()
    }

    /// As [`RecordWriter::sample`]; the payload does not outgrow its buffer for it.
    #[cfg(feature = "time-series")]
    pub fn sample<B: Bytes>(
        &mut self,
        path: &Path,
        time: i64,
        value: Value<B>,
    ) -> Result<(), EncodeError> {
        self.writer.sample(path, time, value)
    }

    /// Appends a link with its attributes, as a whole.
    pub fn link(
        &mut self,
        write: &dyn Fn(&mut LinkWriter<'_>) -> Result<(), EncodeError>,
    ) -> Result<Progress, EncodeError> {
        self.attempt(|writer| writer.link(write))?;
        Ok(self.progress())
    }

    /// How many bytes were written.
    pub fn position(&self) -> usize {
        self.writer.position()
    }

    /// As [`RecordWriter::begin_instance`].
    pub fn begin_instance(&mut self, path: &Path) -> Result<(), EncodeError> {
        self.attempt(|writer| writer.begin_instance(path))
    }

    /// As [`RecordWriter::end_instance`].
    pub fn end_instance(&mut self) -> Result<(), EncodeError> {
        self.attempt(RecordWriter::end_instance)
    }

    /// As [`RecordWriter::begin_resource`].
    pub fn begin_resource(&mut self, path: &Path, multiple: bool) -> Result<(), EncodeError> {
        self.attempt(|writer| writer.begin_resource(path, multiple))
    }

    /// As [`RecordWriter::end_resource`].
    pub fn end_resource(&mut self) -> Result<Progress, EncodeError> {
        self.attempt(RecordWriter::end_resource)?;
        Ok(self.progress())
    }

    /// As [`RecordWriter::value`]; after [`Progress::Within`] the same value comes next.
    #[cfg(not(feature = "block-transfer"))]
    pub fn value<B: Bytes>(
        &mut self,
        path: &Path,
        value: Value<B>,
    ) -> Result<Progress, EncodeError> {
        self.writer.value(path, value)?;
        Ok(Progress::Done)
    }

    /// Whether a value is not written to its end.
    #[cfg(all(feature = "senml", not(feature = "block-transfer")))]
    pub fn is_within(&self) -> bool {
        false
    }

    #[cfg(not(feature = "block-transfer"))]
    fn attempt(
        &mut self,
        write: impl Fn(&mut RecordWriter<'b>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        write(&mut self.writer)
    }

    /// Whether the walk is to pause where it is, between two records.
    #[cfg(not(feature = "block-transfer"))]
    pub fn progress(&self) -> Progress {
        Progress::Done
    }
}

#[cfg(feature = "block-transfer")]
impl<'b> RecordStream<'b> {
    /// Lends the buffer in which a payload that does not fit goes on. With `block`, the length of a
    /// block, the walk pauses when one is full; without it all must find room there.
    pub fn with_spare(mut self, spare: Option<&'b mut [u8]>, block: Option<usize>) -> Self {
        self.blocks.spare = spare;
        self.blocks.block = block;
        self
    }

    /// Goes on where a stream paused. `output` holds what is left of the last block.
    pub fn resume(paused: Paused, output: Output<'b>, block: usize) -> Self {
        Self {
            writer: RecordWriter::resume(paused.codec, output),
            #[cfg(feature = "time-series")]
            series: Series::None,
            blocks: Blocks {
                spare: None,
                moved: true,
                block: Some(block),
                part: paused.part,
            },
        }
    }

    /// Goes to the second buffer with a payload that is complete, unless it is there.
    pub fn finish(&mut self) -> Result<(), EncodeError> {
        self.blocks.block = None;
        self.spill().map(drop)
    }

    /// Whether the payload went on in the second buffer.
    pub fn moved(&self) -> bool {
        self.blocks.moved
    }

    /// Whether a value is not written to its end.
    pub fn is_within(&self) -> bool {
        self.blocks.part.is_some()
    }

    /// What [`RecordStream::resume`] needs.
    pub fn pause(&self) -> Paused {
        let unsettled = match self.blocks.part {
            Some(_) => 0,
            None => self.position().saturating_sub(self.writer.settled()),
        };
        Paused {
            unsettled,
            codec: self.writer.codec(),
            part: self.blocks.part,
        }
    }

    /// As [`RecordWriter::value`]; after [`Progress::Within`] the same value comes next.
    pub fn value<B: Bytes>(
        &mut self,
        path: &Path,
        value: Value<B>,
    ) -> Result<Progress, EncodeError> {
        if let Some(part) = self.blocks.part {
            return self.go_on(part, path, value);
        }
        let mut written = self.writer.value(path, value);
        if written == Err(EncodeError::Full) && self.spill()? {
            written = self.writer.value(path, value);
        }
        if written == Err(EncodeError::Full) && self.blocks.moved && self.blocks.block.is_some() {
            return self.begin_parts(path, value);
        }
        written?;
        Ok(self.progress())
    }

    fn begin_parts<B: Bytes>(
        &mut self,
        path: &Path,
        value: Value<B>,
    ) -> Result<Progress, EncodeError> {
        let (shape, bytes) = match value {
            Value::String(bytes) => (Shape::String(bytes.len()), bytes),
            Value::Opaque(bytes) => (Shape::Opaque(bytes.len()), bytes),
            _ => return Err(EncodeError::Full),
        };
        self.writer.begin_parts(path, shape)?;
        let part = Part {
            path: *path,
            length: bytes.len(),
            place: bytes.place(),
            written: 0,
        };
        self.go_on(part, path, value)
    }

    fn go_on<B: Bytes>(
        &mut self,
        mut part: Part,
        path: &Path,
        value: Value<B>,
    ) -> Result<Progress, EncodeError> {
        let (Value::String(bytes) | Value::Opaque(bytes)) = value else {
            return Err(EncodeError::Changed);
        };
        let same = bytes.len() == part.length && bytes.place() == part.place;
        if !same || part.path != *path {
            return Err(EncodeError::Changed);
        }
        // One byte more than the block tells that another one follows.
        let end = self.blocks.block.unwrap_or(0).saturating_add(1);
        while part.written < part.length {
            if self.writer.position() >= end {
                self.blocks.part = Some(part);
                return Ok(Progress::Within);
            }
            let count = self.writer.part(bytes, part.written, end)?;
            part.written = part.written.saturating_add(count);
        }
        self.blocks.part = None;
        self.writer.end_parts()?;
        Ok(self.progress())
    }

    fn attempt(
        &mut self,
        write: impl Fn(&mut RecordWriter<'b>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let written = write(&mut self.writer);
        if written == Err(EncodeError::Full) && self.spill()? {
            return write(&mut self.writer);
        }
        written
    }

    /// Goes on in the second buffer, if there is one.
    fn spill(&mut self) -> Result<bool, EncodeError> {
        let Some(spare) = self.blocks.spare.take() else {
            return Ok(false);
        };
        self.writer.move_to(spare, self.blocks.block.is_some())?;
        self.blocks.moved = true;
        Ok(true)
    }

    /// Whether the walk is to pause where it is, between two records.
    pub fn progress(&self) -> Progress {
        match self.blocks.block {
            Some(block) if self.blocks.moved && self.writer.settled() > block => Progress::Paused,
            _ => Progress::Done,
        }
    }
}
