// SPDX-License-Identifier: Apache-2.0
//! SenML CBOR, RFC 8428 §6.
use super::reader::Record;
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output};
use crate::path::Path;
#[derive(Debug)]
pub(super) struct SenmlCborWriter;
impl SenmlCborWriter {
    pub(super) fn new(_request: Path, _output: &mut Output<'_>) -> Result<Self, EncodeError> { Ok(SenmlCborWriter) }
    pub(super) fn record(&mut self, _path: &Path, _shape: Shape, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
    pub(super) fn end_record(&mut self, _path: &Path, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
}
#[derive(Clone, Debug)]
pub(super) struct SenmlCborReader<'a> { _rest: &'a [u8] }
impl<'a> SenmlCborReader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self { SenmlCborReader { _rest: payload } }
    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> { Ok(None) }
}
