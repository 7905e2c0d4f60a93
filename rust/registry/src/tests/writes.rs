// SPDX-License-Identifier: Apache-2.0
//! What a server reads and writes.

use super::*;
use crate::error::SetError;
use crate::{Buffer, RawValue};
use lwm2m_core::model::{Fragment, ModelError};
use lwm2m_core::value::{Bytes, ObjectLink, Value};
use std::format;
use std::vec;

type V = Value<&'static [u8]>;

fn stored(pointer: *const u8, len: usize) -> Vec<u8> {
    // SAFETY: the test's own buffer.
    unsafe { core::slice::from_raw_parts(pointer, len) }.to_vec()
}

/// Writes as device management does: the check, then the write.
fn write(value: V) -> Result<bool, ModelError> {
    registry().check(&handle(), 0, value)?;
    registry().write(&handle(), 0, value)
}

fn read() -> Result<String, ModelError> {
    Ok(match registry().read(&handle(), 0)? {
        value @ (Value::String(_) | Value::Opaque(_)) => text(value),
        Value::Integer(value) => format!("{value}"),
        Value::Float(value) => format!("{value}"),
        Value::Boolean(value) => format!("{value}"),
        Value::Time(value) => format!("@{value}"),
        Value::ObjectLink(link) => format!("{}:{}", link.object, link.instance),
    })
}

#[test]
fn every_type_is_written_and_read_within_its_range() {
    let integers: [(u8, usize, i64, i64); 7] = [
        (LWM2M_RES_TYPE_U8, 1, 0, 255),
        (LWM2M_RES_TYPE_U16, 2, 0, 65_535),
        (LWM2M_RES_TYPE_U32, 4, 0, 4_294_967_295),
        (LWM2M_RES_TYPE_S8, 1, -128, 127),
        (LWM2M_RES_TYPE_S16, 2, -32_768, 32_767),
        (LWM2M_RES_TYPE_S32, 4, -2_147_483_648, 2_147_483_647),
        (LWM2M_RES_TYPE_S64, 8, i64::MIN, i64::MAX),
    ];
    for (data_type, size, low, high) in integers {
        let _world = World::new();
        // More room than the type needs is no harm.
        one(data_type, size + 8, size);
        for value in [high, low] {
            assert_eq!(write(V::Integer(value)), Ok(true));
            assert_eq!(write(V::Integer(value)), Ok(false));
            assert_eq!(read(), Ok(format!("{value}")));
        }
        for value in [low.checked_sub(1), high.checked_add(1)]
            .into_iter()
            .flatten()
        {
            assert_eq!(
                write(V::Integer(value)),
                Err(ModelError::BadRequest),
                "{value}"
            );
        }
        assert_eq!(read(), Ok(format!("{low}")));
        for wrong in [
            V::Boolean(true),
            V::Float(1.0),
            V::String(b"1"),
            V::Opaque(b"1"),
        ] {
            assert_eq!(write(wrong), Err(ModelError::BadRequest), "{wrong:?}");
        }
        assert_eq!(
            changed(),
            [Path::resource(OBJECT, 0, 0), Path::resource(OBJECT, 0, 0)]
        );
    }
    let link = ObjectLink {
        object: 3,
        instance: 65_535,
    };
    for (data_type, size, value, seen, wrong) in [
        (
            LWM2M_RES_TYPE_BOOL,
            1,
            V::Boolean(true),
            "true",
            V::Integer(1),
        ),
        (
            LWM2M_RES_TYPE_FLOAT,
            8,
            V::Float(-2.5),
            "-2.5",
            V::Boolean(true),
        ),
        (
            LWM2M_RES_TYPE_FLOAT,
            8,
            V::Integer(-2),
            "-2",
            V::String(b"-2"),
        ),
        (
            LWM2M_RES_TYPE_OBJLNK,
            4,
            V::ObjectLink(link),
            "3:65535",
            V::Integer(1),
        ),
    ] {
        let _world = World::new();
        one(data_type, size, size);
        assert_eq!(write(value), Ok(true));
        assert_eq!(read(), Ok(String::from(seen)));
        assert_eq!(write(wrong), Err(ModelError::BadRequest));
    }
}

#[test]
fn time_fits_its_buffer_or_is_refused() {
    let narrow = if size_of::<time_t>() == 4 {
        i64::from(i32::MAX)
    } else {
        i64::from(u32::MAX)
    };
    let wide = if size_of::<time_t>() == 4 {
        narrow
    } else {
        i64::MAX
    };
    for (room, highest) in [(4, narrow), (size_of::<time_t>(), wide)] {
        let _world = World::new();
        one(LWM2M_RES_TYPE_TIME, room, room);
        assert_eq!(write(V::Time(highest)), Ok(true));
        assert_eq!(read(), Ok(format!("@{highest}")));
        if let Some(beyond) = highest.checked_add(1) {
            assert_eq!(write(V::Time(beyond)), Err(ModelError::BadRequest));
        }
    }
    let _world = World::new();
    one(LWM2M_RES_TYPE_TIME, 3, 3);
    assert_eq!(write(V::Time(1)), Err(ModelError::Internal));
    assert_eq!(read(), Err(ModelError::Internal));
}

#[test]
fn a_variable_narrower_than_its_type_serves_within_its_own_range() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_S32, 2, 2);
    assert_eq!(write(V::Integer(-3)), Ok(true));
    assert_eq!(stored(pointer, 2), (-3i16).to_ne_bytes());
    assert_eq!(read(), Ok(String::from("-3")));
    assert_eq!(write(V::Integer(40_000)), Err(ModelError::BadRequest));
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&7i16.to_ne_bytes())),
        Ok(())
    );
    assert_eq!(read(), Ok(String::from("7")));
    drop(world);
    let _world = World::new();
    one(LWM2M_RES_TYPE_FLOAT, 4, 4);
    assert_eq!(write(V::Float(1.0)), Err(ModelError::Internal));
    assert_eq!(read(), Err(ModelError::Internal));
}

#[test]
fn strings_need_room_for_their_terminator() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_STRING, 4, 0);
    assert_eq!(read(), Ok(String::new()));
    assert_eq!(write(V::String(b"abc")), Ok(true));
    assert_eq!(stored(pointer, 4), b"abc\0");
    assert_eq!(world.get_res_buf(&VALUE).unwrap().len, 4);
    assert_eq!(write(V::String(b"abcd")), Err(ModelError::TooLarge));
    assert_eq!(
        world.write(&handle(), 0, V::String(b"abcd")),
        Err(ModelError::TooLarge)
    );
    assert_eq!(write(V::String(b"a\0b")), Err(ModelError::BadRequest));
    assert_eq!(read(), Ok(String::from("abc")));
    assert_eq!(write(V::String(b"")), Ok(true));
    assert_eq!(read(), Ok(String::new()));
    assert_eq!(write(V::Opaque(b"a")), Err(ModelError::BadRequest));
}

#[test]
fn a_string_ends_at_its_terminator_or_its_length() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_STRING, 8, 8);
    // SAFETY: the test's own buffer.
    unsafe { pointer.copy_from(b"ab\0defgh".as_ptr(), 8) };
    assert_eq!(read(), Ok(String::from("ab")));
    // SAFETY: the test's own buffer.
    unsafe { pointer.copy_from(b"abcdefgh".as_ptr(), 8) };
    assert_eq!(read(), Ok(String::from("abcdefgh")));
    world.set_res_data_len(&VALUE, 3).unwrap();
    assert_eq!(read(), Ok(String::from("abc")));
}

#[test]
fn a_value_without_data_is_not_found_except_strings_and_opaques() {
    for (data_type, seen) in [
        (LWM2M_RES_TYPE_STRING, Ok(String::new())),
        (LWM2M_RES_TYPE_OPAQUE, Ok(String::new())),
        (LWM2M_RES_TYPE_U8, Err(ModelError::NotFound)),
        (LWM2M_RES_TYPE_FLOAT, Err(ModelError::NotFound)),
    ] {
        let world = World::new();
        one(data_type, 8, 0);
        assert_eq!(read(), seen);
        // A length without data.
        let buffer = Buffer {
            data: null_mut(),
            room: 8,
            len: 8,
            flags: 0,
        };
        // SAFETY: no buffer.
        unsafe { world.set_res_buf(&VALUE, buffer) }.unwrap();
        assert_eq!(read(), Err(ModelError::NotFound));
        assert_eq!(world.read(&handle(), 1).err(), Some(ModelError::NotFound));
        assert_eq!(write(V::Integer(1)), Err(ModelError::NotFound));
    }
}

#[test]
fn what_reads_as_empty_for_want_of_memory_can_be_written_back() {
    for (data_type, empty, more) in [
        (LWM2M_RES_TYPE_STRING, V::String(b""), V::String(b"a")),
        (LWM2M_RES_TYPE_OPAQUE, V::Opaque(b""), V::Opaque(b"a")),
    ] {
        let world = World::new();
        one(data_type, 8, 0);
        let buffer = Buffer {
            data: null_mut(),
            room: 0,
            len: 0,
            flags: 0,
        };
        // SAFETY: no buffer.
        unsafe { world.set_res_buf(&VALUE, buffer) }.unwrap();
        assert_eq!(read(), Ok(String::new()));
        assert_eq!(write(empty), Ok(false));
        assert_eq!(write(more), Err(ModelError::NotFound));
    }
}

#[test]
fn read_only_values_stay() {
    let world = World::new();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    let buffer = Buffer {
        flags: LWM2M_RES_DATA_FLAG_RO,
        ..world.get_res_buf(&VALUE).unwrap()
    };
    // SAFETY: the same buffer.
    unsafe { world.set_res_buf(&VALUE, buffer) }.unwrap();
    assert_eq!(write(V::Integer(1)), Err(ModelError::Unauthorized));
    assert_eq!(
        world.write(&handle(), 0, V::Integer(1)),
        Err(ModelError::Unauthorized)
    );
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&[1])),
        Err(SetError::ReadOnly)
    );
    assert_eq!(read(), Ok(String::from("0")));
}

#[test]
fn post_write_hears_of_a_server_write_as_the_last_block() {
    let world = World::new();
    one(LWM2M_RES_TYPE_STRING, 8, 0);
    // SAFETY: the test's own callback.
    unsafe { world.register_post_write_callback(&VALUE, Some(post_write_cb)) }.unwrap();
    then!(POST_WRITE, || -2);
    assert_eq!(write(V::String(b"ab")), Err(ModelError::NotFound));
    let told = Told {
        id: (0, 0, 0),
        data: b"ab\0".to_vec(),
        last: true,
        total: 0,
        offset: 0,
    };
    assert_eq!(post_written(), [told]);
    assert_eq!(read(), Ok(String::from("ab")));
    assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
}

#[cfg(validation)]
#[test]
fn a_value_the_validate_callback_refuses_leaves_the_old_one() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_S16, 2, 2);
    // SAFETY: the test's own callback.
    unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) }.unwrap();
    assert_eq!(write(V::Integer(1)), Ok(true));
    then!(VALIDATE, move |bytes: &[u8]| {
        assert_eq!(bytes, (-2i16).to_ne_bytes());
        -1
    });
    assert_eq!(write(V::Integer(-2)), Err(ModelError::BadRequest));
    assert_eq!(stored(pointer, 2), 1i16.to_ne_bytes());
    assert_eq!(validated().len(), 2);

    drop(world);
    let world = World::new();
    one(LWM2M_RES_TYPE_STRING, 300, 0);
    // SAFETY: the test's own callback.
    unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) }.unwrap();
    assert_eq!(write(V::String(b"good")), Ok(true));
    then!(VALIDATE, |_: &[u8]| -1);
    assert_eq!(write(V::String(b"bad")), Err(ModelError::BadRequest));
    assert_eq!(read(), Ok(String::from("good")));
    let told = |data: &[u8]| Told {
        id: (0, 0, 0),
        data: data.to_vec(),
        last: true,
        total: 0,
        offset: 0,
    };
    assert_eq!(validated(), [told(b"good\0"), told(b"bad\0")]);
    // A string the scratch buffer cannot hold is not divided.
    let long: &'static [u8] = vec![b'a'; crate::config::VALIDATION_BUFFER_SIZE].leak();
    assert_eq!(write(V::String(long)), Err(ModelError::TooLarge));
}

#[cfg(validation)]
#[test]
fn a_long_opaque_value_is_judged_in_parts_and_stored_whole() {
    let world = World::new();
    one(LWM2M_RES_TYPE_OPAQUE, 200, 0);
    // SAFETY: the test's own callback.
    unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) }.unwrap();
    let value: &'static [u8] = (0..150).map(|byte| byte % 100).collect::<Vec<u8>>().leak();
    let parts = |told: &[Told]| -> Vec<_> {
        told.iter()
            .map(|told| (told.offset, told.data.len(), told.last, told.total))
            .collect()
    };
    assert_eq!(write(V::Opaque(value)), Ok(true));
    assert_eq!(read().unwrap().as_bytes(), value);
    let expected = [
        (0, 64, false, 150),
        (64, 64, false, 150),
        (128, 22, true, 150),
    ];
    assert_eq!(parts(&validated()), expected);
    // The same in blocks: 100 bytes, then 50.
    world.set_res_data_len(&VALUE, 0).unwrap();
    for (offset, end) in [(0, 100), (100, 150)] {
        let fragment = Fragment {
            data: &value[offset..end],
            offset,
            total: 150,
            last: end == 150,
        };
        assert_eq!(world.write_fragment(&handle(), 0, fragment), Ok(()));
    }
    assert_eq!(read().unwrap().as_bytes(), value);
    assert_eq!(
        parts(&validated()),
        [
            (0, 64, false, 150),
            (64, 36, false, 150),
            (100, 50, true, 150)
        ]
    );
}

#[test]
fn an_application_that_assembles_gets_values_longer_than_its_buffer() {
    let world = World::new();
    one(LWM2M_RES_TYPE_OPAQUE, 4, 0);
    assert_eq!(write(V::Opaque(b"0123456789")), Err(ModelError::TooLarge));
    // SAFETY: the test's own callback.
    unsafe { world.register_post_write_callback(&VALUE, Some(post_write_cb)) }.unwrap();
    assert_eq!(write(V::Opaque(b"0123456789")), Ok(true));
    let told = |data: &[u8], offset, last| Told {
        id: (0, 0, 0),
        data: data.to_vec(),
        last,
        total: 10,
        offset,
    };
    let all = [
        told(b"0123", 0, false),
        told(b"4567", 4, false),
        told(b"89", 8, true),
    ];
    assert_eq!(post_written(), all);
    assert_eq!(read(), Ok(String::from("89")));
    for (data, offset, last) in [(&b"01234"[..], 0, false), (b"56789", 5, true)] {
        let fragment = Fragment {
            data,
            offset,
            total: 0,
            last,
        };
        assert_eq!(world.write_fragment(&handle(), 0, fragment), Ok(()));
    }
    let told = |data, offset, last| Told {
        total: 0,
        ..told(data, offset, last)
    };
    let all = [
        told(b"0123", 0, false),
        told(b"4", 4, false),
        told(b"5678", 5, false),
        told(b"9", 9, true),
    ];
    assert_eq!(post_written(), all);
    // An empty value is told, too.
    assert_eq!(write(V::Opaque(b"")), Ok(true));
    assert_eq!(
        post_written(),
        [Told {
            total: 0,
            ..told(b"", 0, true)
        }]
    );
}

#[test]
fn blocks_fill_the_buffer_at_their_offset() {
    let world = World::new();
    one(LWM2M_RES_TYPE_STRING, 8, 0);
    let fragment = |data, offset, total, last| {
        registry().write_fragment(
            &handle(),
            0,
            Fragment {
                data,
                offset,
                total,
                last,
            },
        )
    };
    assert_eq!(fragment(b"abcd", 0, 7, false), Ok(()));
    assert_eq!(read(), Ok(String::from("abcd")));
    assert_eq!(changed(), []);
    assert_eq!(fragment(b"efg", 4, 7, true), Ok(()));
    assert_eq!(read(), Ok(String::from("abcdefg")));
    assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
    assert_eq!(fragment(b"h", 7, 0, true), Err(ModelError::TooLarge));
    assert_eq!(fragment(b"a", 0, 8, false), Err(ModelError::TooLarge));
    assert_eq!(fragment(b"", 9, 0, true), Err(ModelError::TooLarge));
    assert_eq!(
        fragment(b"", usize::MAX / 2, 0, true),
        Err(ModelError::TooLarge)
    );
    assert_eq!(fragment(b"a\0", 0, 0, true), Err(ModelError::BadRequest));
    assert_eq!(read(), Ok(String::from("abcdefg")));
    drop(world);
    let world = World::new();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    let number = Fragment {
        data: b"1",
        offset: 0,
        total: 0,
        last: true,
    };
    assert_eq!(
        world.write_fragment(&handle(), 0, number),
        Err(ModelError::BadRequest)
    );
}

#[test]
fn resource_instances_are_created_by_writing_and_removed_by_replacing() {
    let world = World::new();
    object(OBJECT, &[(0, LWM2M_PERM_RW, LWM2M_RES_TYPE_STRING)]);
    instance(OBJECT, 0, vec![multiple(0, 2, 4)]);
    assert_eq!(world.write(&handle(), 300, V::String(b"a")), Ok(true));
    assert_eq!(changed(), [Path::resource_instance(OBJECT, 0, 0, 300)]);
    // What does not fit leaves no instance behind.
    assert_eq!(
        world.write(&handle(), 1, V::String(b"long")),
        Err(ModelError::TooLarge)
    );
    assert_eq!(world.next_resource_instance(&handle(), 1), None);
    assert_eq!(world.check(&handle(), 1, V::String(b"b")), Ok(()));
    assert_eq!(world.write(&handle(), 1, V::String(b"b")), Ok(true));
    assert_eq!(
        world.write(&handle(), 2, V::String(b"c")),
        Err(ModelError::NoMemory)
    );
    // Whether others go first is for the caller to know.
    assert_eq!(world.check(&handle(), 2, V::String(b"c")), Ok(()));
    assert_eq!(
        world.check(&handle(), 65_535, V::String(b"c")),
        Err(ModelError::NotFound)
    );
    assert_eq!(
        world.write(&handle(), 65_535, V::String(b"c")),
        Err(ModelError::NotFound)
    );
    changed();
    world.clear(&handle());
    assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
    assert_eq!(world.read(&handle(), 300).err(), Some(ModelError::NotFound));
    assert_eq!(world.write(&handle(), 2, V::String(b"c")), Ok(true));
    assert_eq!(text(world.read(&handle(), 2).unwrap()), "c");
    assert_eq!(world.next_resource_instance(&handle(), 0), Some((0, 2)));

    drop(world);
    let world = World::new();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    world.clear(&handle());
    assert_eq!(world.next_resource_instance(&handle(), 0), Some((0, 0)));
    assert_eq!(
        world.check(&handle(), 1, V::Integer(1)),
        Err(ModelError::NotFound)
    );
    assert_eq!(
        world.write(&handle(), 1, V::Integer(1)),
        Err(ModelError::NotFound)
    );
}

#[test]
fn execute_passes_its_arguments() {
    let world = World::new();
    one(LWM2M_RES_TYPE_NONE, 1, 0);
    assert_eq!(world.execute(&handle(), b""), Err(ModelError::NotFound));
    // SAFETY: the test's own callback.
    unsafe { world.register_exec_callback(&VALUE, Some(execute_cb)) }.unwrap();
    for (answer, expected) in [
        (0, Ok(())),
        (1, Ok(())),
        (-1, Err(ModelError::NotAllowed)),
        (-17, Err(ModelError::BadRequest)),
        (-134, Err(ModelError::NotImplemented)),
        (-95, Err(ModelError::NotImplemented)),
        (-5, Err(ModelError::Internal)),
        (i32::MIN, Err(ModelError::Internal)),
    ] {
        then!(EXECUTE, move |args: &[u8]| {
            assert_eq!(args, b"0='x'");
            answer
        });
        assert_eq!(world.execute(&handle(), b"0='x'"), expected);
    }
}

#[test]
fn bytes_are_copied_from_any_offset() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_OPAQUE, 40, 37);
    let expected: Vec<u8> = (0..37).collect();
    // SAFETY: the test's own buffer.
    unsafe { pointer.copy_from(expected.as_ptr(), 37) };
    let Value::Opaque(source) = world.read(&handle(), 0).unwrap() else {
        panic!("not opaque");
    };
    for offset in 0..40 {
        for len in 0..40 {
            let mut into = vec![0xee; len];
            let count = source.copy(offset, &mut into);
            let rest = expected.get(offset..).unwrap_or_default();
            assert_eq!(count, rest.len().min(len));
            assert_eq!(into[..count], rest[..count]);
            assert!(into[count..].iter().all(|&byte| byte == 0xee));
        }
    }
}
