// SPDX-License-Identifier: Apache-2.0
//! Responses, RFC 7252 §5.2: what each begins with, and payloads that are read from the data model.

use crate::coap::{Builder, Code, MessageType, Token, option};
use crate::content::{ContentFormat, Output, put_unsigned};
#[cfg(feature = "senml")]
use crate::device_management::composite;
use crate::device_management::{Failure, access, discover, read};
use crate::engine::Context;
use crate::model::DataModel;
use crate::path::Path;

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
}

/// An operation whose answer has a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Read, Observe, Notify.
    Read,
    /// Discover.
    Discover,
    /// Read-Composite, Observe-Composite and their notifications.
    #[cfg(feature = "senml")]
    Composite,
}

impl Content<'_> {
    /// Writes all of it and returns where it ends.
    pub fn write<M: DataModel>(
        &self,
        context: &Context<'_, '_, M>,
        output: Output<'_>,
    ) -> Result<usize, Failure> {
        match self.source {
            Source::Discover => self.write_all(context.model, output),
            _ => access::reading(context, || self.write_all(context.model, output)),
        }
    }

    fn write_all<M: DataModel>(&self, model: &M, output: Output<'_>) -> Result<usize, Failure> {
        match (self.source, self.paths) {
            (Source::Discover, [path]) => discover::discover(model, path, output),
            (Source::Read, [path]) => read::read(model, path, self.format, output),
            #[cfg(feature = "senml")]
            (Source::Composite, paths) => composite::read(model, paths, self.format, output),
            _ => Err(Failure::MethodNotAllowed),
        }
    }
}

/// What every message that answers a request begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub kind: MessageType,
    pub message_id: u16,
    pub token: Token,
}

impl Header {
    pub fn begin<'b>(&self, buffer: &'b mut [u8], code: Code) -> Builder<'b> {
        Builder::new(buffer, self.kind, code, self.message_id, &self.token)
    }
}

/// Makes the one answer to a request.
pub(crate) struct Response<'r, 'c, 'a, M> {
    pub context: &'r Context<'c, 'a, M>,
    pub header: Header,
    /// Where the answer is written.
    pub buffer: &'r mut [u8],
}

impl<M: DataModel> Response<'_, '_, '_, M> {
    /// A code and nothing else.
    pub fn code(self, code: Code) -> Result<usize, Failure> {
        Ok(self.header.begin(self.buffer, code).finish()?)
    }

    /// 2.01 with the path of the new instance.
    pub fn created(self, location: &Path) -> Result<usize, Failure> {
        let mut answer = self.header.begin(self.buffer, Code::CREATED);
        for id in location.segments() {
            let mut digits = [0; 5];
            let mut text = Output::new(&mut digits);
            put_unsigned(&mut text, u64::from(id))?;
            answer.option(option::LOCATION_PATH, text.written());
        }
        Ok(answer.finish()?)
    }

    /// 2.05 with a payload; `observe` is the sequence number of an answer to Observe.
    pub fn content(self, observe: Option<u32>, content: &Content<'_>) -> Result<usize, Failure> {
        let context = self.context;
        let mut answer = self.header.begin(self.buffer, Code::CONTENT);
        if let Some(sequence) = observe {
            answer.option_uint(option::OBSERVE, sequence);
        }
        answer.option_uint(option::CONTENT_FORMAT, content.format as u32);
        answer.payload(|output| content.write(context, output))
    }
}
