// SPDX-License-Identifier: Apache-2.0
//! Responses, RFC 7252 §5.2: what each begins with, and payloads that are read from the data model.

#[cfg(feature = "block-transfer")]
use crate::blockwise::{Downloads, Target};
#[cfg(feature = "bootstrap")]
use crate::bootstrap;
use crate::coap::{Block, Builder, Code, MessageType, Token, option};
use crate::content::{ContentFormat, EncodeError, Output, Progress, RecordStream, put_unsigned};
#[cfg(feature = "senml")]
use crate::device_management::composite;
use crate::device_management::read::{self, Cursor};
use crate::device_management::{Failure, access, discover};
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::Path;
use crate::time_series::Series;

/// What the payload of a response or notification is read from: enough to make it, and enough to
/// go on with it when it goes out in blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'p> {
    /// The operation that answers.
    pub source: Source,
    /// What it was asked for; one path, but for the composite operations.
    pub paths: &'p [Path],
    /// How it is written.
    pub format: ContentFormat,
    /// Which samples are in it.
    pub series: Series<'p>,
}

impl<'p> Content<'p> {
    /// The links of what one of the Discover operations was asked for.
    pub const fn links(source: Source, path: &'p Path) -> Self {
        Self {
            source,
            paths: core::slice::from_ref(path),
            format: ContentFormat::LinkFormat,
            series: Series::None,
        }
    }
}

/// An operation whose answer has a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Read, Observe, Notify.
    Read,
    /// Discover.
    Discover,
    /// Bootstrap-Discover.
    #[cfg(feature = "bootstrap")]
    BootstrapDiscover,
    /// Read-Composite, Observe-Composite and their notifications.
    #[cfg(feature = "senml")]
    Composite,
}

impl<'p> Content<'p> {
    /// Begins the payload.
    pub fn begin<'b>(&self, output: Output<'b>) -> Result<RecordStream<'b>, Failure>
    where
        'p: 'b,
    {
        let mut stream = match (self.source, self.paths) {
            (Source::Discover, _) => RecordStream::links(output),
            #[cfg(feature = "bootstrap")]
            (Source::BootstrapDiscover, _) => RecordStream::links(output),
            (Source::Read, [path]) => read::begin(path, self.format, output)?,
            #[cfg(feature = "senml")]
            (Source::Composite, _) => RecordStream::new(self.format, Path::ROOT, output)?,
            _ => return Err(Failure::MethodNotAllowed),
        };
        stream.set_series(self.series);
        Ok(stream)
    }

    /// Appends what comes from `cursor` on, all of it or until a block is full. A server is told of
    /// what it may read.
    pub fn append<M: DataModel>(
        &self,
        context: &Context<'_, '_, M>,
        cursor: &mut Cursor,
        stream: &mut RecordStream<'_>,
    ) -> Result<Progress, Failure> {
        let model = context.model;
        match (self.source, self.paths) {
            (Source::Discover, [path]) => {
                let attributes = &context.shared.attributes;
                discover::append(model, attributes, path, cursor, stream)
            }
            #[cfg(feature = "bootstrap")]
            (Source::BootstrapDiscover, [path]) => {
                bootstrap::discover::append(model, path, cursor, stream)
            }
            (Source::Read, [path]) => {
                access::reading(context, || read::append(model, path, cursor, stream))
            }
            #[cfg(feature = "senml")]
            (Source::Composite, paths) => {
                access::reading(context, || composite::append(model, paths, cursor, stream))
            }
            _ => Err(Failure::MethodNotAllowed),
        }
    }
}

/// What every message that answers a request begins and ends its options with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub kind: MessageType,
    pub message_id: u16,
    pub token: Token,
    /// The block of the request that is answered.
    pub block1: Option<Block>,
}

impl Header {
    pub fn begin<'b>(&self, buffer: &'b mut [u8], code: Code) -> Builder<'b> {
        Builder::new(buffer, self.kind, code, self.message_id, &self.token)
    }

    /// Begins a 2.05; `observe` is the sequence number of a notification.
    pub fn begin_content<'b>(
        &self,
        buffer: &'b mut [u8],
        observe: Option<u32>,
        format: ContentFormat,
    ) -> Builder<'b> {
        let mut message = self.begin(buffer, Code::CONTENT);
        if let Some(sequence) = observe {
            message.option_uint(option::OBSERVE, sequence);
        }
        message.option_uint(option::CONTENT_FORMAT, format as u32);
        message
    }

    /// Adds the option that comes after the others.
    pub fn end(&self, message: &mut Builder<'_>) {
        if let Some(block) = self.block1 {
            message.option_uint(option::BLOCK1, block.value());
        }
    }

    /// A code and nothing else.
    pub fn code(&self, buffer: &mut [u8], code: Code) -> Result<usize, EncodeError> {
        let mut message = self.begin(buffer, code);
        self.end(&mut message);
        message.finish()
    }
}

/// Makes the one answer to a request.
pub(crate) struct Response<'r, 'c, 'a, M> {
    pub context: &'r Context<'c, 'a, M>,
    pub header: Header,
    #[cfg(feature = "block-transfer")]
    pub blocks: Blocks<'r, 'a>,
    /// Where the answer is written.
    pub buffer: &'r mut [u8],
}

/// How an answer that is too long goes out.
#[cfg(feature = "block-transfer")]
pub(crate) struct Blocks<'r, 'a> {
    pub downloads: &'r mut Downloads<'a>,
    pub target: Target,
    /// The block the request asks for.
    pub wanted: Option<Block>,
}

impl<M: DataModel> Response<'_, '_, '_, M> {
    /// A code and nothing else.
    pub fn code(&mut self, code: Code) -> Result<usize, Failure> {
        Ok(self.header.code(self.buffer, code)?)
    }

    /// 2.01 with the path of the new instance.
    pub fn created(&mut self, location: &Path) -> Result<usize, Failure> {
        let mut answer = self.header.begin(self.buffer, Code::CREATED);
        for id in location.segments() {
            let mut digits = [0; 5];
            let mut text = Output::new(&mut digits);
            put_unsigned(&mut text, u64::from(id))?;
            answer.option(option::LOCATION_PATH, text.written());
        }
        self.header.end(&mut answer);
        Ok(answer.finish()?)
    }

    /// 2.05 with a payload; `observe` is the sequence number of an answer to Observe. What does not
    /// fit goes out in blocks.
    #[cfg(feature = "block-transfer")]
    pub fn content(
        &mut self,
        observe: Option<u32>,
        content: &Content<'_>,
    ) -> Result<usize, Failure> {
        let Blocks {
            downloads,
            target,
            wanted,
        } = &mut self.blocks;
        let wanted = wanted.map(|block| block.size);
        downloads.begin(
            self.context,
            target,
            &self.header,
            observe,
            content,
            wanted,
            self.buffer,
        )
    }

    /// 2.05 with a payload; `observe` is the sequence number of an answer to Observe.
    #[cfg(not(feature = "block-transfer"))]
    pub fn content(
        &mut self,
        observe: Option<u32>,
        content: &Content<'_>,
    ) -> Result<usize, Failure> {
        match content.write(self.context, &self.header, observe, self.buffer) {
            // Without the samples the rest may have room.
            Err(Failure::Full)
                if crate::time_series::TIME_SERIES && matches!(content.series, Series::Show) =>
            {
                let series = Series::None;
                let content = Content { series, ..*content };
                content.write(self.context, &self.header, observe, self.buffer)
            }
            written => written,
        }
    }
}

impl Content<'_> {
    /// Writes a 2.05 with all of it.
    pub fn write<M: DataModel>(
        &self,
        context: &Context<'_, '_, M>,
        header: &Header,
        observe: Option<u32>,
        buffer: &mut [u8],
    ) -> Result<usize, Failure> {
        let mut message = header.begin_content(buffer, observe, self.format);
        header.end(&mut message);
        message.payload(|output| {
            let mut stream = self.begin(output)?;
            self.append(context, &mut Cursor::default(), &mut stream)?;
            Ok(stream.position())
        })
    }
}
