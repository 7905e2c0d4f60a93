// SPDX-License-Identifier: Apache-2.0
//! Values in application memory: loaded and stored through raw pointers of any alignment, read
//! volatile because the application may write them at any moment without our lock.

use crate::c_types::{
    LWM2M_RES_TYPE_BOOL, LWM2M_RES_TYPE_FLOAT, LWM2M_RES_TYPE_OBJLNK, LWM2M_RES_TYPE_OPAQUE,
    LWM2M_RES_TYPE_S8, LWM2M_RES_TYPE_S16, LWM2M_RES_TYPE_S32, LWM2M_RES_TYPE_S64,
    LWM2M_RES_TYPE_STRING, LWM2M_RES_TYPE_TIME, LWM2M_RES_TYPE_U8, LWM2M_RES_TYPE_U16,
    LWM2M_RES_TYPE_U32, time_t,
};
use lwm2m_core::content::from_decimal;
use lwm2m_core::model::ModelError;
use lwm2m_core::value::{Bytes, DataType, ObjectLink, Value};

/// Bytes of `time_t`.
pub(crate) const TIME_SIZE: usize = size_of::<time_t>();

/// The data type behind a `LWM2M_RES_TYPE_*`.
pub(crate) const fn data_type(c_type: u8) -> DataType {
    match c_type {
        LWM2M_RES_TYPE_OPAQUE => DataType::Opaque,
        LWM2M_RES_TYPE_STRING => DataType::String,
        LWM2M_RES_TYPE_U32 => DataType::U32,
        LWM2M_RES_TYPE_U16 => DataType::U16,
        LWM2M_RES_TYPE_U8 => DataType::U8,
        LWM2M_RES_TYPE_S64 => DataType::S64,
        LWM2M_RES_TYPE_S32 => DataType::S32,
        LWM2M_RES_TYPE_S16 => DataType::S16,
        LWM2M_RES_TYPE_S8 => DataType::S8,
        LWM2M_RES_TYPE_BOOL => DataType::Boolean,
        LWM2M_RES_TYPE_TIME => DataType::Time,
        LWM2M_RES_TYPE_FLOAT => DataType::Float,
        LWM2M_RES_TYPE_OBJLNK => DataType::ObjectLink,
        _ => DataType::None,
    }
}

const fn is_signed(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::S8 | DataType::S16 | DataType::S32 | DataType::S64
    )
}

/// The size of the integer that really is in `room` bytes, fewer than its type takes: some
/// applications give a narrower variable than the resource calls for.
const fn integer_room(room: usize) -> usize {
    match room {
        0 | 1 => room,
        2 | 3 => 2,
        4..=7 => 4,
        _ => 8,
    }
}

/// A string or opaque value in application memory. It is consumed before another application
/// callback runs, and nothing keeps it.
#[derive(Clone, Copy, Debug)]
pub struct AppBytes {
    pointer: *const u8,
    len: usize,
}

impl Bytes for AppBytes {
    fn len(&self) -> usize {
        self.len
    }

    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        let count = self.len.saturating_sub(offset).min(into.len());
        if count > 0 {
            // SAFETY: `len` bytes are readable at `pointer`, as the application said when it set
            // the resource up or returned them from its read callback; `offset + count <= len`.
            unsafe { copy_out(self.pointer.add(offset), into.as_mut_ptr(), count) };
        }
        count
    }

    fn place(&self) -> usize {
        self.pointer as usize
    }
}

/// The value in `len` bytes at `pointer`.
///
/// # Safety
/// `len` bytes are readable at `pointer`, unless it is null.
pub(crate) unsafe fn value_at(
    pointer: *const u8,
    len: usize,
    data_type: DataType,
) -> Result<Value<AppBytes>, ModelError> {
    if len == 0 {
        // Only these can be empty; the pointer may be anything then.
        let none = AppBytes { pointer, len };
        return match data_type {
            DataType::Opaque => Ok(Value::Opaque(none)),
            DataType::String => Ok(Value::String(none)),
            _ => Err(ModelError::NotFound),
        };
    }
    if pointer.is_null() {
        return Err(ModelError::NotFound);
    }
    let natural = match data_type {
        DataType::Opaque => return Ok(Value::Opaque(AppBytes { pointer, len })),
        DataType::String => {
            // SAFETY: by the contract.
            let len = unsafe { text_len(pointer, len) };
            return Ok(Value::String(AppBytes { pointer, len }));
        }
        DataType::Boolean | DataType::U8 | DataType::S8 => 1,
        DataType::U16 | DataType::S16 => 2,
        DataType::U32 | DataType::S32 | DataType::ObjectLink => 4,
        DataType::S64 | DataType::Float => 8,
        DataType::Time if len == TIME_SIZE || len == 4 => len,
        DataType::Time | DataType::None => return Err(ModelError::Internal),
    };
    let size = if natural <= len {
        natural
    } else if data_type.integer_range().is_some() {
        integer_room(len)
    } else {
        return Err(ModelError::Internal);
    };
    // SAFETY: `size <= len` bytes are readable.
    let bits = unsafe { load(pointer, size) };
    Ok(match data_type {
        DataType::Boolean => Value::Boolean(bits as u8 != 0),
        // Four bytes are a `uint32_t`, unless `time_t` itself has four.
        DataType::Time if TIME_SIZE == 4 => Value::Time(i64::from(bits as i32)),
        DataType::Time => Value::Time(bits as i64),
        DataType::Float => Value::Float(f64::from_bits(bits)),
        DataType::ObjectLink => {
            let [a, b, c, d] = (bits as u32).to_ne_bytes();
            Value::ObjectLink(ObjectLink {
                object: u16::from_ne_bytes([a, b]),
                instance: u16::from_ne_bytes([c, d]),
            })
        }
        _ => Value::Integer(if is_signed(data_type) {
            let unused = 64 - 8 * size;
            ((bits << unused) as i64) >> unused
        } else {
            bits as i64
        }),
    })
}

/// What a value that is neither string nor opaque becomes in `room` bytes: the bits and how many
/// bytes of them are stored.
///
/// # Errors
/// The type does not suit, the number is out of range, or the buffer cannot hold the type.
pub(crate) fn encode<B>(
    value: &Value<B>,
    data_type: DataType,
    room: usize,
) -> Result<(u64, usize), ModelError> {
    match (data_type, value) {
        (DataType::Boolean, Value::Boolean(value)) => sized(u64::from(*value), 1, room),
        (DataType::Float, Value::Float(value)) => sized(value.to_bits(), 8, room),
        (DataType::Float, Value::Integer(value)) => {
            // The converter of text serves here too; that of the compiler is one more.
            let nearest = from_decimal(*value < 0, value.unsigned_abs(), 0);
            sized(nearest.map_or(0, f64::to_bits), 8, room)
        }
        (DataType::ObjectLink, Value::ObjectLink(link)) => {
            let [a, b] = link.object.to_ne_bytes();
            let [c, d] = link.instance.to_ne_bytes();
            sized(u64::from(u32::from_ne_bytes([a, b, c, d])), 4, room)
        }
        (DataType::Time, Value::Time(value) | Value::Integer(value)) => {
            let range = match room {
                8 if TIME_SIZE == 8 => i64::MIN..=i64::MAX,
                4 if TIME_SIZE == 4 => i64::from(i32::MIN)..=i64::from(i32::MAX),
                4 => 0..=i64::from(u32::MAX),
                _ => return Err(ModelError::Internal),
            };
            if range.contains(value) {
                Ok((*value as u64, room))
            } else {
                Err(ModelError::BadRequest)
            }
        }
        (integer, Value::Integer(value) | Value::Time(value)) => {
            let Some((low, high)) = integer.integer_range() else {
                return Err(ModelError::BadRequest);
            };
            let natural = match integer {
                DataType::U8 | DataType::S8 => 1,
                DataType::U16 | DataType::S16 => 2,
                DataType::U32 | DataType::S32 => 4,
                _ => 8,
            };
            let size = integer_room(natural.min(room));
            if size == 0 {
                return Err(ModelError::Internal);
            }
            let missing = 8 * (natural - size);
            if (low >> missing..=high >> missing).contains(value) {
                Ok((*value as u64, size))
            } else {
                Err(ModelError::BadRequest)
            }
        }
        _ => Err(ModelError::BadRequest),
    }
}

const fn sized(bits: u64, size: usize, room: usize) -> Result<(u64, usize), ModelError> {
    if size <= room {
        Ok((bits, size))
    } else {
        Err(ModelError::Internal)
    }
}

/// `size` (at most 8) bytes at `from` as a number, zero-extended. One read where the address is
/// aligned, so that a value the application writes at once is not seen half written.
///
/// # Safety
/// `size` bytes are readable at `from`.
pub(crate) unsafe fn load(from: *const u8, size: usize) -> u64 {
    let address = from.addr();
    // SAFETY: as many bytes as the contract says, and the alignment is checked.
    unsafe {
        match size {
            2 if address % align_of::<u16>() == 0 => {
                return u64::from(from.cast::<u16>().read_volatile());
            }
            4 if address % align_of::<u32>() == 0 => {
                return u64::from(from.cast::<u32>().read_volatile());
            }
            8 if address % align_of::<u64>() == 0 => {
                return from.cast::<u64>().read_volatile();
            }
            _ => {}
        }
    }
    let mut bits = 0;
    for index in 0..size.min(8) {
        // SAFETY: `index` is below `size`.
        let byte = u64::from(unsafe { from.add(index).read_volatile() });
        bits |= byte << (8 * place(index, size));
    }
    bits
}

/// Stores the low `size` (at most 8) bytes of `bits` at `to`, in one write where the address is
/// aligned.
///
/// # Safety
/// `size` bytes are writable at `to`.
pub(crate) unsafe fn store(to: *mut u8, bits: u64, size: usize) {
    let address = to.addr();
    // SAFETY: as many bytes as the contract says, and the alignment is checked.
    unsafe {
        match size {
            2 if address % align_of::<u16>() == 0 => {
                return to.cast::<u16>().write_volatile(bits as u16);
            }
            4 if address % align_of::<u32>() == 0 => {
                return to.cast::<u32>().write_volatile(bits as u32);
            }
            8 if address % align_of::<u64>() == 0 => {
                return to.cast::<u64>().write_volatile(bits);
            }
            _ => {}
        }
    }
    for index in 0..size.min(8) {
        let byte = (bits >> (8 * place(index, size))) as u8;
        // SAFETY: `index` is below `size`.
        unsafe { to.add(index).write_volatile(byte) };
    }
}

/// The significance of the byte at `index`.
const fn place(index: usize, size: usize) -> usize {
    if cfg!(target_endian = "big") {
        size - 1 - index
    } else {
        index
    }
}

/// How many bytes come before the terminator, at most `len`.
///
/// # Safety
/// The bytes up to the terminator, or `len` of them, are readable at `text`.
pub(crate) unsafe fn text_len(text: *const u8, len: usize) -> usize {
    let mut count = 0;
    // SAFETY: `count` is below `len`, and no terminator came before.
    while count < len && unsafe { text.add(count).read_volatile() } != 0 {
        count += 1;
    }
    count
}

/// Copies application memory, a word at a time where the address is aligned.
///
/// # Safety
/// `len` bytes are readable at `from` and writable at `into`, and the two do not overlap.
pub(crate) unsafe fn copy_out(from: *const u8, into: *mut u8, len: usize) {
    const WORD: usize = size_of::<usize>();
    let mut at = 0;
    while at < len {
        // SAFETY: `at` is below `len`, and at most up to `len` bytes are touched.
        unsafe {
            let source = from.add(at);
            if len - at >= WORD && source.addr() % WORD == 0 {
                let word = source.cast::<usize>().read_volatile();
                into.add(at).cast::<usize>().write_unaligned(word);
                at += WORD;
            } else {
                into.add(at).write(source.read_volatile());
                at += 1;
            }
        }
    }
}

/// Makes `to` equal to `from` and says whether it was not.
///
/// # Safety
/// `len` bytes are readable at `from` and writable at `to`; the two may overlap.
pub(crate) unsafe fn update(to: *mut u8, from: *const u8, len: usize) -> bool {
    let mut at = 0;
    // SAFETY: `at` is below `len`.
    while at < len && unsafe { to.add(at).read_volatile() == from.add(at).read_volatile() } {
        at += 1;
    }
    if at == len {
        return false;
    }
    // SAFETY: by the contract; `copy` is made for overlapping memory.
    unsafe { to.add(at).copy_from(from.add(at), len - at) };
    true
}

/// Makes `to` zero from `from` to `len` and says whether it was not.
///
/// # Safety
/// `len` bytes are writable at `to`.
pub(crate) unsafe fn update_zero(to: *mut u8, from: usize, len: usize) -> bool {
    let mut changed = false;
    for at in from..len {
        // SAFETY: `at` is below `len`.
        unsafe {
            if to.add(at).read_volatile() != 0 {
                to.add(at).write_volatile(0);
                changed = true;
            }
        }
    }
    changed
}
