// SPDX-License-Identifier: Apache-2.0
//! Read-Composite and Write-Composite, OMA-TS-LightweightM2M_Core-V1_1_1 §6.3.8 and §6.3.9: several
//! paths in one request, named by the payload.

use super::read::Cursor;
use super::{Failure, access, authorize, holds_keys, read, write};
use crate::content::{ContentFormat, Progress, RecordStream, Records};
use crate::engine::Context;
use crate::model::{DataModel, Operation};
use crate::path::Path;
use crate::path_list::{PathList, is_below_another};

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
#[inline(never)]
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

/// Appends the values at `paths`, from `cursor` on. Read-Composite gives what there is: a path
/// without a value that can be read is left out.
///
/// # Errors
/// There is nothing at any of the paths, or the answer does not fit.
pub(crate) fn append<M: DataModel>(
    model: &M,
    paths: &[Path],
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let whole = *cursor == Cursor::default();
    let start = stream.position();
    while let Some(path) = paths.get(usize::from(cursor.path)) {
        if is_below_another(paths, usize::from(cursor.path)) {
            cursor.next_path();
            continue;
        }
        let progress = if *path == Path::ROOT {
            append_all(model, cursor, stream)?
        } else {
            append_what_is_there(model, path, cursor, stream)?
        };
        if progress != Progress::Done {
            return Ok(progress);
        }
        cursor.next_path();
    }
    if whole && stream.position() == start {
        return Err(Failure::NotFound);
    }
    Ok(Progress::Done)
}

/// Every object a server may see.
fn append_all<M: DataModel>(
    model: &M,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let first = || model.next_object(None).map(|object| object.id);
    let mut next = cursor.object.or_else(first);
    while let Some(object) = next {
        cursor.object = next;
        if !holds_keys(object) {
            let progress = append_what_is_there(model, &Path::object(object), cursor, stream)?;
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
        cursor.leave_object();
        next = model.next_object(Some(object)).map(|object| object.id);
    }
    Ok(Progress::Done)
}

fn append_what_is_there<M: DataModel>(
    model: &M,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    match read::append(model, path, cursor, stream) {
        Err(Failure::Unsupported) if !stream.is_within() => Ok(Progress::Done),
        Err(failure) if stream.is_within() || failure.is_of_encoding() => Err(failure),
        Err(_) => Ok(Progress::Done),
        progress => progress,
    }
}

/// Writes the records of a payload: all of them, or none when one cannot be written.
///
/// # Errors
/// See [`Failure`].
#[inline(never)]
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
    for record in records {
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
