// SPDX-License-Identifier: Apache-2.0
//! Setting and getting values as applications do.

use super::*;
use crate::error::{GetError, LookupError, ResourceInstanceError, SetError};
use crate::{Buffer, RawBuffer, RawValue};
use std::vec;

fn get(len: usize) -> Result<Vec<u8>, GetError> {
    let mut buffer = vec![0xa5; len];
    let written = registry().get(&VALUE, RawBuffer::new(&mut buffer))?;
    buffer.truncate(written);
    Ok(buffer)
}

fn stored(pointer: *const u8, len: usize) -> Vec<u8> {
    // SAFETY: the test's own buffer.
    unsafe { core::slice::from_raw_parts(pointer, len) }.to_vec()
}

#[test]
fn every_type_is_set_and_got_by_its_size() {
    for (data_type, size) in [
        (LWM2M_RES_TYPE_U8, 1),
        (LWM2M_RES_TYPE_S8, 1),
        (LWM2M_RES_TYPE_U16, 2),
        (LWM2M_RES_TYPE_S16, 2),
        (LWM2M_RES_TYPE_U32, 4),
        (LWM2M_RES_TYPE_S32, 4),
        (LWM2M_RES_TYPE_S64, 8),
        (LWM2M_RES_TYPE_BOOL, 1),
        (LWM2M_RES_TYPE_FLOAT, 8),
        (LWM2M_RES_TYPE_OBJLNK, 4),
        (LWM2M_RES_TYPE_TIME, size_of::<time_t>()),
    ] {
        let world = World::new();
        let (_, pointer) = one(data_type, size, size);
        let value: Vec<u8> = (1..=size as u8).collect();
        assert_eq!(
            world.set(&VALUE, RawValue::bytes(&value)),
            Ok(()),
            "{data_type}"
        );
        assert_eq!(stored(pointer, size), value);
        assert_eq!(get(size), Ok(value.clone()));
        assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
        // The same value again is no change.
        assert_eq!(world.set(&VALUE, RawValue::bytes(&value)), Ok(()));
        assert_eq!(changed(), []);
        for wrong in [size - 1, size + 1] {
            let wrong_value = vec![9; wrong];
            let set = world.set(&VALUE, RawValue::bytes(&wrong_value));
            assert_eq!(set, Err(SetError::WrongSize), "{data_type} in {wrong}");
            assert_eq!(
                get(wrong),
                Err(GetError::WrongSize),
                "{data_type} in {wrong}"
            );
        }
        assert_eq!(stored(pointer, size), value);
    }
}

#[test]
fn time_is_converted_between_four_and_eight_bytes() {
    let size = size_of::<time_t>();
    for room in [4, size] {
        for len in [4, size] {
            let world = World::new();
            let (_, pointer) = one(LWM2M_RES_TYPE_TIME, room, room);
            let mut value = vec![0; len];
            value[..4].copy_from_slice(&0x6553_F100_u32.to_ne_bytes());
            world.set(&VALUE, RawValue::bytes(&value)).unwrap();
            let mut expected = vec![0; room];
            expected[..4].copy_from_slice(&0x6553_F100_u32.to_ne_bytes());
            assert_eq!(stored(pointer, room), expected);
            assert_eq!(world.get_res_buf(&VALUE).unwrap().len, room as u16);
            assert_eq!(get(len), Ok(value));
        }
    }
    let world = World::new();
    one(LWM2M_RES_TYPE_TIME, 2, 2);
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&[0; 4])),
        Err(SetError::WrongSize)
    );
    assert_eq!(get(4), Err(GetError::WrongSize));
}

#[test]
fn strings_keep_their_terminator_and_opaques_have_none() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_STRING, 8, 0);
    // SAFETY: the test's own buffer.
    unsafe { pointer.write_bytes(0xff, 8) };
    world.set_string(&VALUE, RawValue::text(c"Hello")).unwrap();
    assert_eq!(stored(pointer, 8), b"Hello\0\xff\xff");
    assert_eq!(world.get_res_buf(&VALUE).unwrap().len, 6);
    assert_eq!(get(6).unwrap(), b"Hello\0");
    assert_eq!(get(5), Err(GetError::TooLong));
    assert_eq!(world.set_string(&VALUE, RawValue::text(c"1234567")), Ok(()));
    let long = world.set_string(&VALUE, RawValue::text(c"12345678"));
    assert_eq!(long, Err(SetError::TooLong));
    assert_eq!(get(8).unwrap(), b"1234567\0");

    drop(world);
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_OPAQUE, 8, 0);
    // SAFETY: the test's own buffer.
    unsafe { pointer.write_bytes(0xff, 8) };
    world.set_string(&VALUE, RawValue::text(c"Hello")).unwrap();
    assert_eq!(stored(pointer, 8), b"Hello\xff\xff\xff");
    assert_eq!(world.get_res_buf(&VALUE).unwrap().len, 5);
    let mut buffer = [0xa5; 6];
    assert_eq!(world.get_string(&VALUE, RawBuffer::new(&mut buffer)), Ok(5));
    assert_eq!(&buffer, b"Hello\0");
    let short = world.get_string(&VALUE, RawBuffer::new(&mut buffer[..5]));
    assert_eq!(short, Err(GetError::TooLong));
}

#[test]
fn empty_strings_and_opaques() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_STRING, 8, 0);
    world.set_string(&VALUE, RawValue::text(c"x")).unwrap();
    world.set_string(&VALUE, RawValue::text(c"")).unwrap();
    assert_eq!(world.get_res_buf(&VALUE).unwrap().len, 1);
    assert_eq!(get(8).unwrap(), b"\0");
    assert_eq!(text(world.read(&handle(), 0).unwrap()), "");
    world.set_string(&VALUE, RawValue::text(c"x")).unwrap();
    // SAFETY: null with length 0.
    let nothing = unsafe { RawValue::from_raw(core::ptr::null(), 0) };
    world.set(&VALUE, nothing).unwrap();
    assert_eq!(world.get_res_buf(&VALUE).unwrap().len, 0);
    assert_eq!(stored(pointer, 2), b"\0\0");
    assert_eq!(get(8).unwrap(), b"\0");
    assert_eq!(text(world.read(&handle(), 0).unwrap()), "");

    drop(world);
    let world = World::new();
    one(LWM2M_RES_TYPE_OPAQUE, 8, 3);
    world.set(&VALUE, nothing).unwrap();
    assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
    assert_eq!(get(8).unwrap(), b"");
    assert_eq!(text(world.read(&handle(), 0).unwrap()), "");
}

#[test]
fn a_value_may_be_its_own_buffer() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_STRING, 8, 0);
    // SAFETY: the test's own buffer.
    let value = unsafe {
        pointer.copy_from(c"same".as_ptr().cast(), 5);
        RawValue::from_raw(pointer.cast(), 5)
    };
    world.set(&VALUE, value).unwrap();
    assert_eq!(text(world.read(&handle(), 0).unwrap()), "same");
    // SAFETY: as above; the value overlaps its destination.
    let value = unsafe { RawValue::from_raw(pointer.add(2).cast(), 3) };
    world.set(&VALUE, value).unwrap();
    assert_eq!(text(world.read(&handle(), 0).unwrap()), "me");
}

#[test]
fn what_cannot_be_set_is_refused() {
    let world = World::new();
    let (resource, pointer) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: null, length 1.
    let null = unsafe { RawValue::from_raw(core::ptr::null(), 1) };
    assert_eq!(world.set(&VALUE, null), Err(SetError::Null));
    let level = lwm2m_obj_path { level: 2, ..VALUE };
    let lookup = |error| Err(SetError::Lookup(error));
    let value = RawValue::bytes(&[7]);
    assert_eq!(world.set(&level, value), lookup(LookupError::Level));
    for missing in [
        lwm2m_obj_path { obj_id: 1, ..VALUE },
        lwm2m_obj_path {
            obj_inst_id: 1,
            ..VALUE
        },
        lwm2m_obj_path { res_id: 1, ..VALUE },
        lwm2m_obj_path {
            res_inst_id: 1,
            level: 4,
            ..VALUE
        },
        lwm2m_obj_path {
            res_inst_id: 65_535,
            level: 4,
            ..VALUE
        },
    ] {
        assert_eq!(
            world.set(&missing, value),
            lookup(LookupError::NotFound),
            "{missing:?}"
        );
    }
    let buffer = Buffer {
        flags: LWM2M_RES_DATA_FLAG_RO,
        ..world.get_res_buf(&VALUE).unwrap()
    };
    // SAFETY: the same buffer.
    unsafe { world.set_res_buf(&VALUE, buffer) }.unwrap();
    assert_eq!(world.set(&VALUE, value), Err(SetError::ReadOnly));
    let none = Buffer {
        data: null_mut(),
        flags: 0,
        ..buffer
    };
    // SAFETY: no buffer.
    unsafe { world.set_res_buf(&VALUE, none) }.unwrap();
    assert_eq!(world.set(&VALUE, value), Err(SetError::NoBuffer));
    assert_eq!(get(1), Ok(vec![]));
    assert_eq!(stored(pointer, 1), [0]);
    assert_eq!(changed(), []);
    // SAFETY: the test's own node.
    unsafe { assert!((*resource).post_write_cb.is_none()) };
}

#[cfg(validation)]
#[test]
fn callbacks_run_in_the_order_of_c_and_their_answers_count() {
    let world = World::new();
    let (resource, pointer) = one(LWM2M_RES_TYPE_U16, 2, 2);
    // SAFETY: the test's own node and callbacks.
    unsafe {
        world
            .register_validate_callback(&VALUE, Some(validate_cb))
            .unwrap();
        world
            .register_post_write_callback(&VALUE, Some(post_write_cb))
            .unwrap();
        assert!((*resource).post_write_cb.is_some());
    }
    let value = 0x1234u16.to_ne_bytes();
    then!(VALIDATE, move |bytes: &[u8]| {
        assert_eq!((bytes, &stored(pointer, 2)[..]), (&value[..], &[0, 0][..]));
        -5
    });
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&value)),
        Err(SetError::Refused)
    );
    assert_eq!(
        (stored(pointer, 2), post_written(), changed()),
        (vec![0, 0], vec![], vec![])
    );
    then!(POST_WRITE, || -42);
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&value)),
        Err(SetError::Callback(-42))
    );
    let told = Told {
        id: (0, 0, 0),
        data: value.to_vec(),
        last: false,
        total: 0,
        offset: 0,
    };
    assert_eq!(validated(), [told.clone(), told.clone()]);
    assert_eq!(post_written(), [told]);
    assert_eq!(changed(), [Path::resource(OBJECT, 0, 0)]);
    // SAFETY: as above.
    unsafe { world.register_pre_write_callback(&VALUE, Some(pre_write_cb)) }.unwrap();
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&value)),
        Err(SetError::NoBuffer)
    );
    let other = bytes(2);
    then!(PRE_WRITE, move |len: &mut usize| {
        assert_eq!(*len, 2);
        other.cast()
    });
    world.set(&VALUE, RawValue::bytes(&[1, 2])).unwrap();
    assert_eq!(
        (stored(other.cast(), 2), stored(pointer, 2)),
        (vec![1, 2], value.to_vec())
    );
}

#[test]
fn bulk_stops_at_the_first_error() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_U8, 1, 1);
    let missing = lwm2m_obj_path { res_id: 9, ..VALUE };
    let item = |path, value: u8| lwm2m_res_item {
        path: Box::into_raw(Box::new(path)),
        value: Box::into_raw(Box::new(value)).cast(),
        size: 1,
    };
    let items = [item(VALUE, 1), item(missing, 2), item(VALUE, 3)];
    // SAFETY: the test's own paths and values.
    let result = unsafe { world.set_bulk(&items) };
    assert_eq!(result, Err(SetError::Lookup(LookupError::NotFound)));
    assert_eq!(stored(pointer, 1), [1]);
}

#[test]
fn resource_instances_come_and_go() {
    let world = World::new();
    object(OBJECT, &[(0, LWM2M_PERM_RW, LWM2M_RES_TYPE_U8)]);
    instance(OBJECT, 0, vec![multiple(0, 2, 1)]);
    let path = |res_inst_id| lwm2m_obj_path {
        res_inst_id,
        level: 4,
        ..VALUE
    };
    assert_eq!(
        world.create_res_inst(&VALUE),
        Err(LookupError::Level.into())
    );
    assert_eq!(
        world.create_res_inst(&path(65_535)),
        Err(ResourceInstanceError::Taken)
    );
    assert_eq!(world.create_res_inst(&path(300)), Ok(()));
    assert_eq!(
        world.create_res_inst(&path(300)),
        Err(ResourceInstanceError::Taken)
    );
    assert_eq!(world.create_res_inst(&path(44)), Ok(()));
    assert_eq!(
        world.create_res_inst(&path(1)),
        Err(ResourceInstanceError::NoRoom)
    );
    world.set(&path(300), RawValue::bytes(&[3])).unwrap();
    assert_eq!(changed(), [Path::resource_instance(OBJECT, 0, 0, 300)]);
    let instances = [0, 1, 2].map(|slot| world.next_resource_instance(&handle(), slot));
    assert_eq!(instances, [Some((0, 300)), Some((1, 44)), None]);
    assert_eq!(world.delete_res_inst(&path(300)), Ok(()));
    assert_eq!(
        world.delete_res_inst(&path(300)),
        Err(LookupError::NotFound)
    );
    assert_eq!(world.next_resource_instance(&handle(), 0), Some((1, 44)));
    assert_eq!(
        world.get_create_res_inst(&VALUE).unwrap_err(),
        ResourceInstanceError::NotNamed
    );
    let (_, slot) = world.get_create_res_inst(&path(7)).unwrap();
    assert_eq!(world.get_res_inst(&path(7)), Ok(slot));
    assert_eq!(
        world.get_res_inst(&lwm2m_obj_path {
            level: 3,
            ..path(7)
        }),
        Err(LookupError::Level)
    );
    // Its buffer went with the deletion.
    assert_eq!(
        world.set(&path(7), RawValue::bytes(&[3])),
        Err(SetError::NoBuffer)
    );
}

#[test]
fn values_at_odd_addresses_are_set_got_and_read() {
    for (data_type, size) in [
        (LWM2M_RES_TYPE_U16, 2),
        (LWM2M_RES_TYPE_S32, 4),
        (LWM2M_RES_TYPE_S64, 8),
        (LWM2M_RES_TYPE_OBJLNK, 4),
        (LWM2M_RES_TYPE_OPAQUE, 21),
    ] {
        let world = World::new();
        let room = bytes(size + 1);
        // SAFETY: within the memory just made.
        let value = unsafe { room.cast::<u8>().add(1) };
        let value = core::ptr::slice_from_raw_parts_mut(value, size);
        object(OBJECT, &[(0, LWM2M_PERM_RW, data_type)]);
        instance(OBJECT, 0, vec![single(0, value, size)]);
        let value: Vec<u8> = (0..size as u8).map(|byte| byte + 0x81).collect();
        world.set(&VALUE, RawValue::bytes(&value)).unwrap();
        assert_eq!(get(size), Ok(value));
        assert!(world.read(&handle(), 0).is_ok());
    }
}

#[test]
fn validation_is_refused_where_the_configuration_has_none() {
    let world = World::new();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own callback.
    let result = unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) };
    assert_eq!(result.is_ok(), cfg!(validation));
}
