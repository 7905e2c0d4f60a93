// SPDX-License-Identifier: Apache-2.0
//! Floating-point numbers as text.
use super::{EncodeError, Output};
/// The text of a number as the nearest double.
#[must_use]
pub fn parse_float(_text: &[u8]) -> Option<f64> { None }
pub(super) fn put_float(_output: &mut Output<'_>, _value: f64) -> Result<(), EncodeError> { Err(EncodeError::Unsupported) }
/// The integer a float stands for, if it is one.
#[cfg(feature = "senml-cbor")]
pub(super) fn to_integer(_value: f64) -> Option<i64> { None }
