// SPDX-License-Identifier: Apache-2.0
//! Bootstrap-Discover, OMA-TS-LightweightM2M_Core-V1_1_1 §6.1.7.3, OMA-TS-LightweightM2M-V1_0_2
//! §5.2.7.3: the objects and instances there are, and which server an account is of.

use crate::content::{EncodeError, LinkWriter, Progress, RecordStream};
use crate::device_management::Failure;
use crate::device_management::read::Cursor;
use crate::model::{DataModel, ObjectInfo};
use crate::path::{Level, Path};
use crate::registration::accounts::{self, security, server};
use crate::value::{Bytes, Value};

/// The enabler version comes first. As a link without a target, as in the examples of version 1.0, it
/// would not be RFC 6690.
const ENABLER: &[u8] = if cfg!(feature = "lwm2m-1-1") {
    b"</>;lwm2m=1.1"
} else {
    b"</>;lwm2m=\"1.0\""
};

/// Lists what lies at `path`, the root or an object, from `cursor` on.
///
/// # Errors
/// The path names nothing, or the links do not fit.
pub(crate) fn append<M: DataModel>(
    model: &M,
    path: &Path,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    let single = path.level() == Level::Object;
    let first = match (single, cursor.object) {
        (true, _) => Some(model.object(path.object_id()).ok_or(Failure::NotFound)?),
        (false, None) => model.next_object(None),
        (false, Some(id)) => model.object(id).or_else(|| model.next_object(Some(id))),
    };
    if cursor.path == 0 {
        cursor.path = 1;
        if stream.link(&|links| links.element(ENABLER))? != Progress::Done {
            return Ok(Progress::Paused);
        }
    }
    let mut next = first;
    while let Some(object) = next {
        if cursor.object != Some(object.id) {
            cursor.object = Some(object.id);
            cursor.leave_object();
        }
        if object_links(model, &object, cursor, stream)? != Progress::Done {
            return Ok(Progress::Paused);
        }
        next = match single {
            true => None,
            false => model.next_object(Some(object.id)),
        };
    }
    Ok(Progress::Done)
}

/// An object has a link of its own where its version is to be told, or there is no instance.
fn object_links<M: DataModel>(
    model: &M,
    object: &ObjectInfo,
    cursor: &mut Cursor,
    stream: &mut RecordStream<'_>,
) -> Result<Progress, Failure> {
    if cursor.index == 0 {
        cursor.index = 1;
        if object.announce_version || model.next_instance(object.id, None).is_none() {
            let progress = stream.link(&|links| {
                links.link(&Path::object(object.id))?;
                if object.announce_version {
                    links.version(object.version.0, object.version.1)?;
                }
                Ok(())
            })?;
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
    }
    while let Some(instance) = model.next_instance(object.id, cursor.last) {
        cursor.last = Some(instance);
        let server = Account::of(model, object.id, instance);
        let progress = stream.link(&|links| {
            links.link(&Path::instance(object.id, instance))?;
            server.put_to(links)
        })?;
        if progress != Progress::Done {
            return Ok(progress);
        }
    }
    Ok(Progress::Done)
}

/// What a link tells of the account that an instance belongs to.
struct Account<B> {
    short_id: Option<u32>,
    uri: Option<B>,
}

impl<B: Bytes> Account<B> {
    fn of<M: DataModel<Bytes = B>>(model: &M, object: u16, instance: u16) -> Self {
        let mut account = Account {
            short_id: None,
            uri: None,
        };
        let node = model.instance(object, instance);
        let id = match object {
            accounts::SECURITY if !accounts::is_bootstrap(model, node) => security::SHORT_SERVER_ID,
            accounts::SERVER => server::SHORT_SERVER_ID,
            _ => return account,
        };
        // 0 and 65535 are the ids of no server.
        account.short_id = accounts::number(model, node, id).filter(|id| (1..65_535).contains(id));
        if cfg!(feature = "lwm2m-1-1") && object == accounts::SECURITY {
            if let Some(Value::String(uri)) = accounts::value(model, node, security::URI) {
                account.uri = Some(uri).filter(|uri| !uri.is_empty());
            }
        }
        account
    }

    fn put_to(&self, links: &mut LinkWriter<'_>) -> Result<(), EncodeError> {
        if let Some(id) = self.short_id {
            links.number("ssid", i64::from(id))?;
        }
        match self.uri {
            Some(uri) => links.text("uri", uri),
            None => Ok(()),
        }
    }
}
