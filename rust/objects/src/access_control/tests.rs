// SPDX-License-Identifier: Apache-2.0
//! The Access Control object as servers see it.

use std::vec::Vec;

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::{Alone, alone};
use crate::{location, temperature};

const DEFAULT_SSID: u16 = config::SERVER_DEFAULT_SSID as u16;

/// Server instance 0 has Short Server ID 1.
fn begin() -> Alone {
    let client = alone();
    server::init().unwrap();
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        client.create(1, 0).unwrap();
    }
    client
}

/// What there is: (object, instance, owner).
fn controlled() -> Vec<(u16, u16, u16)> {
    let lock = lock();
    let mut all: Vec<_> = OBJECT
        .instances(&lock)
        .map(|(slot, _)| {
            (
                OBJECT.load(&lock, slot, CONTROLLED_OBJECT),
                OBJECT.load(&lock, slot, CONTROLLED_INSTANCE),
                OBJECT.load(&lock, slot, OWNER),
            )
        })
        .collect();
    all.sort_unstable();
    all
}

/// The path of the entry of a server in the instance for a target.
fn entry(object: u16, instance: u16, server: u16) -> std::string::String {
    let lock = lock();
    let slot = find(&lock, object, instance).unwrap();
    let id = OBJECT.id_at(&lock, slot).unwrap();
    std::format!("/2/{id}/2/{server}")
}

#[test]
fn instances_follow_objects_and_instances_there_before_and_after() {
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        return;
    }
    let client = begin();
    location::init().unwrap();
    init();
    temperature::init();
    client.create(3303, 0).unwrap();
    assert_eq!(
        controlled(),
        [
            (1, 0, DEFAULT_SSID),
            (1, MAX_ID, DEFAULT_SSID),
            (6, 0, DEFAULT_SSID),
            (6, MAX_ID, DEFAULT_SSID),
            (3303, 0, DEFAULT_SSID),
            (3303, MAX_ID, DEFAULT_SSID),
        ]
    );
    client.delete(3303, 0).unwrap();
    client.delete(6, 0).unwrap();
    // SAFETY: the node is a static.
    unsafe { lock().unregister_obj(temperature::OBJECT.node()) };
    assert_eq!(
        controlled(),
        [
            (1, 0, DEFAULT_SSID),
            (1, MAX_ID, DEFAULT_SSID),
            (6, MAX_ID, DEFAULT_SSID)
        ]
    );
}

#[test]
fn the_right_instance_is_removed_whatever_its_number() {
    if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        return;
    }
    let client = begin();
    init();
    client.create(2, 900).unwrap();
    location::init().unwrap();
    client.delete(6, 0).unwrap();
    assert!(controlled().contains(&(6, MAX_ID, DEFAULT_SSID)));
    assert!(!controlled().contains(&(6, 0, DEFAULT_SSID)));
    assert!(controlled().contains(&(0, 0, 0)), "the server's own");
}

#[test]
fn the_owner_is_the_creating_server_or_the_default_one() {
    let _client = begin();
    init();
    add(77, 1, Some(0));
    add(77, 2, Some(9));
    add(77, 2, Some(0));
    add(2, 0, Some(0));
    assert!(controlled().contains(&(77, 1, 1)));
    assert!(controlled().contains(&(77, 2, DEFAULT_SSID)));
    assert!(!controlled().iter().any(|target| target.0 == 2));
    remove(77, 1);
    remove(77, 1);
    remove(2, 0);
    assert!(!controlled().contains(&(77, 1, 1)));
}

#[test]
fn objects_beyond_the_room_go_without() {
    let _client = begin();
    init();
    for instance in 0..=OBJECT.slots {
        add(77, instance, None);
    }
    assert_eq!(controlled().len(), usize::from(OBJECT.slots));
}

#[test]
fn rights_are_the_server_s_own_or_the_owner_s_or_the_default() {
    let client = begin();
    init();
    add(77, 0, None);
    let read = || check(77, 0, 0, Operation::Read, false);
    assert_eq!(read(), Err(Denied::AccessRight), "somebody else's");
    let write = |server, rights| client.write(&entry(77, 0, server), Value::Integer(rights));
    write(0, 0b11).unwrap();
    assert_eq!(read(), Ok(()));
    assert_eq!(
        check(77, 0, 0, Operation::Execute, false),
        Err(Denied::AccessRight)
    );
    write(1, 0b100).unwrap();
    assert_eq!(read(), Err(Denied::AccessRight), "its own entry counts");
    assert_eq!(check(77, 0, 0, Operation::Execute, false), Ok(()));

    add(77, 1, Some(0));
    for operation in [Operation::Read, Operation::Write, Operation::Delete] {
        assert_eq!(check(77, 1, 0, operation, false), Ok(()), "its own");
    }
    assert_eq!(
        check(77, 5, 0, Operation::Read, false),
        Err(Denied::AccessRight),
        "nothing is known"
    );
    assert_eq!(
        check(77, 1, 9, Operation::Read, false),
        Err(Denied::AccessRight),
        "no such server"
    );
}

#[test]
fn objects_are_discovered_by_all_and_instantiated_by_those_who_may_create() {
    let client = begin();
    init();
    add(77, MAX_ID, None);
    for operation in [Operation::Discover, Operation::WriteAttributes] {
        assert_eq!(check(77, MAX_ID, 0, operation, false), Ok(()));
    }
    for operation in [Operation::Read, Operation::Write, Operation::Other] {
        assert_eq!(
            check(77, MAX_ID, 0, operation, false),
            Err(Denied::AccessRight)
        );
    }
    let create = || check(77, 3, 0, Operation::Create, false);
    assert_eq!(create(), Err(Denied::AccessRight));
    client
        .write(&entry(77, MAX_ID, 1), Value::Integer(0b10000))
        .unwrap();
    assert_eq!(create(), Ok(()));
}

#[test]
fn the_object_itself_is_read_by_all_and_written_by_the_owner() {
    let _client = begin();
    init();
    add(77, 0, Some(0));
    add(77, 1, None);
    let id = |instance| {
        let lock = lock();
        let slot = find(&lock, 77, instance).unwrap();
        OBJECT.id_at(&lock, slot).unwrap()
    };
    let own = |instance, operation| check(2, id(instance), 0, operation, false);
    assert_eq!(own(1, Operation::Read), Ok(()));
    assert_eq!(own(0, Operation::Write), Ok(()));
    assert_eq!(own(1, Operation::Write), Err(Denied::AccessRight));
    for operation in [Operation::Create, Operation::Delete, Operation::Execute] {
        assert_eq!(own(0, operation), Err(Denied::NotAllowed));
    }
    assert_eq!(own(0, Operation::Discover), Err(Denied::AccessRight));
}

#[test]
fn everyone_may_while_the_object_is_not_there_and_a_bootstrap_server_always() {
    let _client = begin();
    assert_eq!(check(77, 0, 9, Operation::Write, false), Ok(()));
    init();
    let expected = if config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        Ok(())
    } else {
        Err(Denied::AccessRight)
    };
    assert_eq!(check(77, 0, 9, Operation::Write, true), expected);
}

#[test]
fn entries_for_unknown_servers_are_taken_back_and_the_write_succeeds() {
    let client = begin();
    init();
    add(77, 0, Some(0));
    let entry = |server| entry(77, 0, server);
    for _ in 0..ENTRIES {
        assert_eq!(client.write(&entry(55), Value::Integer(31)), Ok(()));
    }
    client.write(&entry(1), Value::Integer(1)).unwrap();
    client.write(&entry(0), Value::Integer(2)).unwrap();
    let mut entries = client.resource_instances(entry(0).trim_end_matches("/0"));
    entries.sort_unstable();
    assert_eq!(entries, [0, 1]);
    assert_eq!(check(77, 0, 0, Operation::Read, false), Ok(()));
}

#[test]
fn a_bootstrap_server_may_name_a_server_that_it_creates_later() {
    let client = begin();
    init();
    add(77, 0, Some(0));
    client.bootstraps(true);
    client.write(&entry(77, 0, 55), Value::Integer(1)).unwrap();
    client.bootstraps(false);
    let entries = client.resource_instances(entry(77, 0, 55).trim_end_matches("/55"));
    let kept = config::RD_CLIENT_SUPPORT_BOOTSTRAP;
    assert_eq!(entries.contains(&55), kept);
}

#[test]
fn operations_of_servers_are_judged_as_the_specification_says() {
    let client = begin();
    temperature::init();
    if temperature::OBJECT.slots < 2 || client.create(1, 1).is_err() {
        return;
    }
    for instance in [0, 1] {
        client.create(3303, instance).unwrap();
    }
    init();
    add(3303, MAX_ID, None);
    add(3303, 0, None);
    add(3303, 1, None);
    let judged = |operation, path: &str| {
        let lock = lock();
        DataModel::authorize(&*lock, 0, operation, &Path::parse(path.as_bytes()).unwrap())
    };
    let denied = Err(ModelError::Unauthorized);
    let write = |instance, rights| {
        let path = entry(3303, instance, 1);
        client.write(&path, Value::Integer(rights)).unwrap();
    };
    write(0, 0b00_0001);
    for (operation, path, expected) in [
        (model::Operation::Read, "/3303/0/5700", Ok(())),
        (model::Operation::Read, "/3303/1/5700", denied),
        (model::Operation::Read, "/3303", Ok(())),
        (model::Operation::WriteAttributes, "/3303/0", Ok(())),
        (model::Operation::WriteAttributes, "/3303/1", denied),
        (model::Operation::WriteAttributes, "/3303", Ok(())),
        (model::Operation::Discover, "/3303/1", Ok(())),
        (model::Operation::Write, "/3303/0/5700", denied),
        (model::Operation::Execute, "/3303/0/5605", denied),
        (model::Operation::Delete, "/3303/0", denied),
        (model::Operation::Create, "/3303", denied),
        // Somebody else says that it is not there.
        (model::Operation::Write, "/3303/7/5700", Ok(())),
        (model::Operation::Create, "/2", Err(ModelError::NotAllowed)),
    ] {
        assert_eq!(judged(operation, path), expected, "{operation:?} {path}");
    }
    write(0, 0b11110);
    assert_eq!(
        judged(model::Operation::Read, "/3303"),
        denied,
        "no instance may be read"
    );
    assert_eq!(judged(model::Operation::Read, "/3303/0"), denied);
    assert_eq!(judged(model::Operation::Execute, "/3303/0/5605"), Ok(()));
    assert_eq!(judged(model::Operation::Delete, "/3303/0"), Ok(()));
}

/// The entries and the owner are the owner's to write; what an instance speaks of is nobody's.
#[test]
fn servers_cannot_make_an_instance_speak_of_another_target() {
    let client = begin();
    init();
    add(77, 0, Some(0));
    let lock = lock();
    let slot = find(&lock, 77, 0).unwrap();
    let id = OBJECT.id_at(&lock, slot).unwrap();
    let instance = lock.instance(OBJECT.id(), id).unwrap();
    let writable = [0, 1, 2, 3].map(|resource| {
        let resource = lock.resource(&instance, resource).unwrap();
        resource.permissions.write()
    });
    assert_eq!(writable, [false, false, true, true]);
    drop(lock);
    // The application and a Bootstrap-Server are not asked for permission.
    client
        .write(&std::format!("/2/{id}/0"), Value::Integer(78))
        .unwrap();
    assert!(controlled().contains(&(78, 0, 1)));
}

#[test]
fn the_only_server_may_do_everything() {
    let client = begin();
    temperature::init();
    client.create(3303, 0).unwrap();
    init();
    let judged = |operation, path: &str| {
        let lock = lock();
        DataModel::authorize(&*lock, 0, operation, &Path::parse(path.as_bytes()).unwrap())
    };
    // Nobody has given it a right to the instance.
    for (operation, path) in [
        (model::Operation::Read, "/3303/0/5700"),
        (model::Operation::Execute, "/3303/0/5605"),
        (model::Operation::Delete, "/3303/0"),
        (model::Operation::Create, "/3303"),
    ] {
        assert_eq!(judged(operation, path), Ok(()), "{operation:?} {path}");
    }
}

#[test]
fn what_a_server_may_not_read_is_not_there_while_it_reads() {
    let client = begin();
    temperature::init();
    if temperature::OBJECT.slots < 2 || client.create(1, 1).is_err() {
        return;
    }
    for instance in [0, 1] {
        client.create(3303, instance).unwrap();
    }
    init();
    add(3303, 0, None);
    created_by(0, 3303, 1);
    let lock = lock();
    lock.restrict(Some(0));
    let seen = lock.next_instance(3303, None);
    let hidden = lock.instance(3303, 0).is_none();
    lock.restrict(None);
    created_by(0, 3303, 0);
    assert_eq!((seen, hidden), (lock.next_instance(3303, Some(0)), true));
    assert_eq!(lock.next_instance(3303, None), Some(0));
    assert!(controlled().contains(&(3303, 0, server::short_id(0).unwrap())));
}
