// SPDX-License-Identifier: Apache-2.0
//! Read-Composite and Write-Composite, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.8 and §6.3.9: several
//! paths in one request, named by the payload.

use super::{Failure, SECURITY, access, authorize, read, write};
use crate::content::{ContentFormat, EncodeError, Output, RecordWriter, Records};
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::path::Path;
use crate::path_list::PathList;

/// Whether a format can name several paths.
const fn is_senml(format: ContentFormat) -> bool {
    matches!(format, ContentFormat::SenmlJson | ContentFormat::SenmlCbor)
}

/// The more compact of the formats there are.
pub(crate) const FORMAT: ContentFormat = if cfg!(feature = "senml-cbor") {
    ContentFormat::SenmlCbor
} else {
    ContentFormat::SenmlJson
};

/// The formats of a composite request and of its answer. Who names one of them means it for both.
///
/// # Errors
/// One of them is not SenML.
pub(crate) fn formats(
    content_format: Option<ContentFormat>,
    accept: Option<ContentFormat>,
) -> Result<(ContentFormat, ContentFormat), Failure> {
    let request = content_format.or(accept).unwrap_or(FORMAT);
    let answer = accept.unwrap_or(request);
    match (is_senml(request), is_senml(answer)) {
        (true, true) => Ok((request, answer)),
        _ if content_format.is_some_and(|format| !is_senml(format)) => {
            Err(Failure::UnsupportedContentFormat)
        }
        _ => Err(Failure::NotAcceptable),
    }
}

/// Takes the paths a payload asks for.
///
/// # Errors
/// The payload is malformed or names nothing, a path is for no server, or there are too many.
pub(crate) fn take_paths(
    paths: &mut PathList<'_>,
    format: ContentFormat,
    payload: &[u8],
) -> Result<(), Failure> {
    paths.clear();
    for record in Records::new(format, Path::ROOT, payload) {
        let path = record?.path;
        authorize(&path)?;
        paths.insert(path).map_err(|_| Failure::TooLarge)?;
    }
    if paths.as_slice().is_empty() {
        return Err(Failure::BadRequest);
    }
    Ok(())
}

/// Reads `paths` into `output` and returns where the payload ends. Read-Composite gives what there
/// is: a path without a value that can be read is left out.
///
/// # Errors
/// There is nothing at any of the paths, or the answer does not fit.
pub(crate) fn read<M: DataModel>(
    model: &M,
    paths: &[Path],
    format: ContentFormat,
    output: Output<'_>,
) -> Result<usize, Failure> {
    let mut writer = RecordWriter::new(format, Path::ROOT, output)?;
    let start = writer.position();
    for path in paths {
        if *path == Path::ROOT {
            append_all(model, &mut writer)?;
        } else {
            append(model, path, &mut writer)?;
        }
    }
    if writer.position() == start {
        return Err(Failure::NotFound);
    }
    Ok(writer.position())
}

/// Every object a server may see.
fn append_all<M: DataModel>(model: &M, writer: &mut RecordWriter<'_>) -> Result<(), Failure> {
    let mut last = None;
    while let Some(object) = model.next_object(last) {
        last = Some(object.id);
        if object.id != SECURITY {
            append(model, &Path::object(object.id), writer)?;
        }
    }
    Ok(())
}

fn append<M: DataModel>(
    model: &M,
    path: &Path,
    writer: &mut RecordWriter<'_>,
) -> Result<(), Failure> {
    match read::append(model, path, writer) {
        Err(failure @ Failure::Encode(EncodeError::Full | EncodeError::Changed)) => Err(failure),
        _ => Ok(()),
    }
}

/// Writes the records of a payload: all of them, or none when one cannot be written.
///
/// # Errors
/// See [`Failure`].
pub(crate) fn write<M: DataModel>(
    context: &Context<'_, '_, M>,
    format: Option<ContentFormat>,
    payload: &[u8],
) -> Result<(), Failure> {
    let format = format
        .filter(|format| is_senml(*format))
        .ok_or(Failure::UnsupportedContentFormat)?;
    let records = Records::new(format, Path::ROOT, payload);
    let mut any = false;
    for record in records.clone() {
        let record = record?;
        authorize(&record.path)?;
        access::check(context, Operation::Write, &record.path)?;
        if !record.has_value() {
            return Err(Failure::BadRequest);
        }
        any = true;
    }
    if !any {
        return Err(Failure::BadRequest);
    }
    write::update(context.model, &records)
}
