// SPDX-License-Identifier: Apache-2.0
//! OMA TLV, OMA-TS-LightweightM2M-V1_0_2 §6.4.3.
use super::reader::{Payload, Record};
use super::writer::Shape;
use super::{DecodeError, EncodeError, Output};
use crate::path::Path;
use crate::value::{DataType, Value};
#[derive(Debug)]
pub(super) struct TlvWriter;
impl TlvWriter {
    pub(super) fn new(_request: Path) -> Self { TlvWriter }
    pub(super) fn begin_instance(&mut self, _path: &Path, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
    pub(super) fn end_instance(&mut self, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
    pub(super) fn begin_resource(&mut self, _path: &Path, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
    pub(super) fn end_resource(&mut self, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
    pub(super) fn record(_path: &Path, _shape: Shape, _output: &mut Output<'_>) -> Result<(), EncodeError> { Ok(()) }
}
#[derive(Clone, Debug)]
pub(super) struct TlvReader<'a> { rest: &'a [u8] }
impl<'a> TlvReader<'a> {
    pub(super) fn new(_request: Path, payload: &'a [u8]) -> Self { TlvReader { rest: payload } }
    pub(super) fn names_no_instance(&self) -> bool { self.rest.is_empty() }
    pub(super) fn step(&mut self) -> Result<Option<Record<'a>>, DecodeError> { Ok(None) }
}
pub(super) fn interpret(_bytes: &[u8], _data_type: DataType) -> Option<Value<Payload<'_>>> { None }
