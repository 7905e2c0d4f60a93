// SPDX-License-Identifier: Apache-2.0
//! Paths between C and Rust.

use core::ffi::c_char;

use lwm2m_core::path::{Level, Path};
use lwm2m_registry::c_types::lwm2m_obj_path;

/// The path that C names: the first `level` numbers. `None` when one of them is 65535, which is no id.
///
/// # Safety
/// `path` is NULL or points at a readable `struct lwm2m_obj_path`.
pub(crate) unsafe fn from_c(path: *const lwm2m_obj_path) -> Option<Path> {
    if path.is_null() {
        return None;
    }
    // SAFETY: by the contract.
    from_value(unsafe { path.read() })
}

/// See [`from_c`].
pub(crate) fn from_value(path: lwm2m_obj_path) -> Option<Path> {
    let numbers = [path.obj_id, path.obj_inst_id, path.res_id, path.res_inst_id];
    numbers
        .into_iter()
        .take(usize::from(path.level))
        .try_fold(Path::ROOT, |path, number| path.child(number).ok())
}

/// The path as C holds it; numbers beyond its level are 0.
pub(crate) fn to_c(path: &Path) -> lwm2m_obj_path {
    let level = match path.level() {
        Level::Root => 0,
        Level::Object => 1,
        Level::ObjectInstance => 2,
        Level::Resource => 3,
        Level::ResourceInstance => 4,
    };
    let mut numbers = path.segments();
    let mut next = || numbers.next().unwrap_or(0);
    lwm2m_obj_path {
        obj_id: next(),
        obj_inst_id: next(),
        res_id: next(),
        res_inst_id: next(),
        level,
    }
}

/// Writes the path as text, such as `3/0/1`, for a log line.
///
/// @param buf   Takes the text; room for LWM2M_MAX_PATH_STR_SIZE bytes. May be NULL.
/// @param path  The path; NULL is written as `/`.
///
/// @return `buf`.
///
/// Any thread; nothing is locked. A path without numbers is written as `0`, as ever.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_path_log_buf(
    buf: *mut c_char,
    path: *mut lwm2m_obj_path,
) -> *mut c_char {
    if buf.is_null() {
        return buf;
    }
    let mut text = Text { at: 0, buf };
    if path.is_null() {
        text.put(b'/');
    } else {
        // SAFETY: not NULL, so by the function's contract a readable path.
        let path = unsafe { path.read() };
        text.number(path.obj_id);
        let rest = [path.obj_inst_id, path.res_id, path.res_inst_id];
        for number in rest.into_iter().take(usize::from(path.level.max(1)) - 1) {
            text.put(b'/');
            text.number(number);
        }
    }
    text.put(0);
    buf
}

/// Text in a buffer of LWM2M_MAX_PATH_STR_SIZE bytes.
struct Text {
    at: usize,
    buf: *mut c_char,
}

impl Text {
    fn put(&mut self, byte: u8) {
        // SAFETY: the caller's buffer has room for the longest path, four numbers of five digits
        // with a slash before each, and its terminator.
        unsafe { self.buf.add(self.at).write(byte as c_char) };
        self.at += 1;
    }

    fn number(&mut self, number: u16) {
        let mut divisor = 10_000;
        while divisor > 1 && number < divisor {
            divisor /= 10;
        }
        while divisor > 0 {
            self.put(b'0' + (number / divisor % 10) as u8);
            divisor /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(path: Option<[u16; 5]>) -> std::string::String {
        let mut path =
            path.map(
                |[obj_id, obj_inst_id, res_id, res_inst_id, level]| lwm2m_obj_path {
                    obj_id,
                    obj_inst_id,
                    res_id,
                    res_inst_id,
                    level: level as u8,
                },
            );
        let pointer = path
            .as_mut()
            .map_or(core::ptr::null_mut(), core::ptr::from_mut);
        let mut buffer = [0x55; 25];
        // SAFETY: the buffer has the room the function asks for, the path is readable or NULL.
        let result = unsafe { lwm2m_path_log_buf(buffer.as_mut_ptr(), pointer) };
        assert_eq!(result, buffer.as_mut_ptr());
        // SAFETY: the function has written a terminated text.
        unsafe { CStr::from_ptr(result) }.to_str().unwrap().into()
    }

    #[test]
    fn paths_are_written_to_their_level() {
        assert_eq!(text(None), "/");
        assert_eq!(text(Some([3, 9, 9, 9, 0])), "3");
        assert_eq!(text(Some([3, 0, 1, 2, 1])), "3");
        assert_eq!(text(Some([3, 0, 1, 2, 3])), "3/0/1");
        assert_eq!(
            text(Some([65535, 65535, 65535, 65535, 4])),
            "65535/65535/65535/65535"
        );
        assert_eq!(text(Some([10, 100, 1000, 10000, 255])), "10/100/1000/10000");
    }

    #[test]
    fn a_path_survives_the_way_to_c_and_back() {
        for path in [
            Path::ROOT,
            Path::object(3),
            Path::instance(3, 0),
            Path::resource(3, 0, 11),
            Path::resource_instance(3, 0, 11, 4),
        ] {
            assert_eq!(from_value(to_c(&path)), Some(path));
        }
    }
}
