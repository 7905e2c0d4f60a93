// SPDX-License-Identifier: Apache-2.0
//! The attributes of paths as `lwm2m_observation.h` shows them, where the functions are described.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_void};
use core::ptr::{null, null_mut};

use lwm2m_config as config;
use lwm2m_core::information_reporting::attributes::{Attribute, Kind};

use crate::author::lwm2m_get_path_reference_ptr;
use crate::path;
use crate::state;

/// `struct lwm2m_attr`.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct lwm2m_attr {
    reference: *mut c_void,
    value: lwm2m_attr_value,
    kind: u8,
}

/// The union in it.
#[repr(C)]
#[allow(non_camel_case_types)]
union lwm2m_attr_value {
    float_val: f64,
    int_val: i32,
}

const ATTRIBUTES: usize = config::NUM_ATTR as usize;

/// The attributes that were asked for, each where its own is in the library's table. Nothing of it is
/// in a program that does not ask.
struct Shown(UnsafeCell<[lwm2m_attr; ATTRIBUTES]>);

// SAFETY: reached with the lock held only.
unsafe impl Sync for Shown {}

static SHOWN: Shown = Shown(UnsafeCell::new(
    [const {
        lwm2m_attr {
            reference: null_mut(),
            value: lwm2m_attr_value { float_val: 0.0 },
            kind: 0,
        }
    }; ATTRIBUTES],
));

/// The name of an attribute, `LWM2M_ATTR_*`, as a server writes it; NULL for another number. The
/// text stays.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_attr_to_str(attr: u8) -> *const c_char {
    const NAMES: [&CStr; 5] = [c"pmin", c"pmax", c"gt", c"lt", c"st"];
    NAMES
        .get(usize::from(attr))
        .map_or(null(), |name| name.as_ptr())
}

/// The name of this attribute; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_attr_name(attr: *const lwm2m_attr) -> *const c_char {
    if attr.is_null() {
        return null();
    }
    // SAFETY: not NULL, so by the function's contract readable.
    lwm2m_attr_to_str(unsafe { (*attr).kind })
}

/// The attribute after `prev` (NULL: the first) of what `ref` points at: an object, an instance, a
/// resource, a resource instance. NULL when there is none. Evaluation periods are left out, which C
/// has no number for. The registry must be locked as long as the result is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_engine_get_next_attr(
    reference: *const c_void,
    prev: *mut lwm2m_attr,
) -> *mut lwm2m_attr {
    let first = SHOWN.0.get().cast::<lwm2m_attr>();
    let from = if prev.is_null() {
        0
    } else {
        // In bytes of addresses, because anything may be given.
        let bytes = prev.addr().wrapping_sub(first.addr());
        (bytes / size_of::<lwm2m_attr>()).saturating_add(1)
    };
    state::locked(|state| {
        let attributes = &state.shared.attributes;
        for index in from..ATTRIBUTES {
            let shown = attributes.at(index).and_then(|attribute| show(&attribute));
            if let Some(attribute) = shown.filter(|shown| shown.reference.cast_const() == reference)
            {
                let place = first.wrapping_add(index);
                // SAFETY: within the table, and the lock is held.
                unsafe { place.write(attribute) };
                return place;
            }
        }
        null_mut()
    })
}

fn show(attribute: &Attribute) -> Option<lwm2m_attr> {
    let (kind, value) = match attribute.kind() {
        Kind::MinimumPeriod => (0, None),
        Kind::MaximumPeriod => (1, None),
        Kind::GreaterThan => (2, Some(attribute.number())),
        Kind::LessThan => (3, Some(attribute.number())),
        Kind::Step => (4, Some(attribute.number())),
        _ => return None,
    };
    let value = match value {
        Some(float_val) => lwm2m_attr_value { float_val },
        None => lwm2m_attr_value {
            int_val: i32::try_from(attribute.seconds()).unwrap_or(i32::MAX),
        },
    };
    let path = path::to_c(&attribute.path());
    let mut reference = null_mut();
    // SAFETY: a path and a place for the answer, both alive through the call.
    let status = unsafe { lwm2m_get_path_reference_ptr(null_mut(), &path, &mut reference) };
    (status == 0).then_some(lwm2m_attr {
        reference,
        value,
        kind,
    })
}
