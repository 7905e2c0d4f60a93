// SPDX-License-Identifier: Apache-2.0
//! The Firmware Update object as an application and a server see it.

use core::ffi::c_void;
use std::format;
use std::string::String;
use std::sync::Mutex;
use std::vec::Vec;

use lwm2m_core::model::{Fragment, ModelError};
use lwm2m_core::value::Value;
use lwm2m_registry::c_path;

use super::*;
use crate::test_client::{Alone, alone};

/// The application: what it heard, and what its callbacks return.
static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());
static ANSWER: Mutex<c_int> = Mutex::new(0);
static mut BUFFER: [u8; 64] = [0; 64];

unsafe extern "C" fn buffer(_: u16, _: u16, _: u16, length: *mut usize) -> *mut c_void {
    // SAFETY: the registry's contract.
    unsafe { length.write(64) };
    (&raw mut BUFFER).cast()
}

unsafe extern "C" fn write(
    instance: u16,
    resource: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    last: bool,
    total: usize,
    offset: usize,
) -> c_int {
    let first = if length == 0 {
        0
    } else {
        // SAFETY: the registry's contract.
        unsafe { data.read() }
    };
    HEARD.lock().unwrap().push(format!(
        "write {instance}/{resource} {length}x{first} last {last} total {total} offset {offset}"
    ));
    *ANSWER.lock().unwrap()
}

unsafe extern "C" fn update(instance: u16, _: *mut u8, _: u16) -> c_int {
    HEARD.lock().unwrap().push(format!("update {instance}"));
    *ANSWER.lock().unwrap()
}

unsafe extern "C" fn cancel(instance: u16) -> c_int {
    HEARD.lock().unwrap().push(format!("cancel {instance}"));
    *ANSWER.lock().unwrap()
}

fn heard() -> Vec<String> {
    core::mem::take(&mut HEARD.lock().unwrap())
}

fn begin() -> Alone {
    let client = alone();
    heard();
    *ANSWER.lock().unwrap() = 0;
    set_write_callback(0, Some(write));
    set_update_callback(0, Some(update));
    set_cancel_callback(0, Some(cancel));
    init().unwrap();
    let path = c_path(Path::resource(5, 0, 0));
    // SAFETY: the callback keeps the contract.
    unsafe { lock().register_pre_write_callback(&path, Some(buffer)) }.unwrap();
    client.calls();
    client
}

fn block(client: &Alone, byte: u8, offset: usize, last: bool) -> Result<(), ModelError> {
    let data = [byte; 16];
    let fragment = Fragment {
        data: &data,
        offset,
        total: 32,
        last,
    };
    client.write_block("/5/0/0", fragment)
}

#[test]
fn a_package_in_two_blocks_is_downloaded_and_installed() {
    let client = begin();
    assert_eq!(block(&client, 1, 0, false), Ok(()));
    assert_eq!((state(0), result(0)), (1, 0));
    assert_eq!(client.calls(), ["changed /5/0/3"]);
    assert_eq!(block(&client, 2, 16, true), Ok(()));
    assert_eq!(client.read("/5/0/3"), Ok(Value::Integer(2)));
    assert_eq!(
        heard(),
        [
            "write 0/0 16x1 last false total 32 offset 0",
            "write 0/0 16x2 last true total 32 offset 16"
        ]
    );
    assert_eq!(client.execute("/5/0/2"), Ok(()));
    assert_eq!(heard(), ["update 0"]);
    assert_eq!(state(0), 3);
    set_result(0, UpdateResult::Success);
    assert_eq!((state(0), result(0)), (0, 1));
}

#[test]
fn update_needs_a_downloaded_package() {
    let client = begin();
    assert_eq!(client.execute("/5/0/2"), Err(ModelError::NotAllowed));
    block(&client, 1, 0, false).unwrap();
    assert_eq!(client.execute("/5/0/2"), Err(ModelError::NotAllowed));
    assert_eq!(heard().len(), 1, "the block alone");
}

#[test]
fn a_failing_update_callback_ends_the_update_but_not_the_execute() {
    for (answer, number) in [(EINVAL, 5), (EPERM, 8)] {
        let client = begin();
        block(&client, 1, 0, true).unwrap();
        *ANSWER.lock().unwrap() = answer;
        assert_eq!(client.execute("/5/0/2"), Ok(()));
        assert_eq!((state(0), result(0)), (0, number));
    }
}

#[test]
fn what_the_write_callback_returns_becomes_the_result() {
    for (answer, number, error) in [
        (ENOMEM, 3, ModelError::Internal),
        (ENOSPC, 2, ModelError::TooLarge),
        (EFAULT, 5, ModelError::Incomplete),
        (ENOMSG, 6, ModelError::UnsupportedFormat),
        (ENOMSG_GLIBC, 6, ModelError::UnsupportedFormat),
        (EPERM, 8, ModelError::NotAllowed),
    ] {
        let client = begin();
        block(&client, 1, 0, false).unwrap();
        *ANSWER.lock().unwrap() = answer;
        assert_eq!(block(&client, 2, 16, true), Err(error), "{answer}");
        assert_eq!((state(0), result(0)), (0, number), "{answer}");
    }
}

#[test]
fn a_downloaded_package_is_not_overwritten_but_an_empty_write_cancels_it() {
    let client = begin();
    block(&client, 1, 0, true).unwrap();
    assert_eq!(block(&client, 2, 0, false), Err(ModelError::NotAllowed));
    assert_eq!(state(0), 2);
    heard();
    assert_eq!(client.write("/5/0/0", Value::Opaque(&[0])), Ok(()));
    assert_eq!(heard(), ["cancel 0"]);
    assert_eq!((state(0), result(0)), (0, 0));
}

#[test]
fn nothing_is_written_while_updating() {
    let client = begin();
    block(&client, 1, 0, true).unwrap();
    client.execute("/5/0/2").unwrap();
    assert_eq!(block(&client, 2, 0, false), Err(ModelError::NotAllowed));
    assert_eq!(state(0), 3);
}

#[test]
fn the_application_sets_state_and_result_itself() {
    let client = begin();
    set_state(0, State::Downloading);
    set_state(0, State::Downloaded);
    set_state(0, State::Updating);
    set_state(0, State::Downloaded);
    assert_eq!(
        (state(0), result(0)),
        (2, 8),
        "an update that went back failed"
    );
    lock().set_u8(Path::resource(5, 0, STATE), 0).unwrap();
    lock()
        .set_u8(Path::resource(5, 0, UPDATE_RESULT), 1)
        .unwrap();
    assert_eq!((state(0), result(0)), (0, 1));
    assert_eq!(
        block(&client, 1, 0, false),
        Ok(()),
        "and that is the state that counts"
    );
    assert_eq!((state(0), result(0)), (1, 0));
}

#[test]
fn a_state_that_is_none_refuses_packages() {
    let client = begin();
    lock().set_u8(Path::resource(5, 0, STATE), 77).unwrap();
    assert_eq!(block(&client, 1, 0, false), Err(ModelError::NotAllowed));
    assert_eq!(client.execute("/5/0/2"), Err(ModelError::NotAllowed));
    assert_eq!(state(0), 77);
}

#[test]
fn a_uri_starts_the_download() {
    if !config::FIRMWARE_UPDATE_PULL_SUPPORT {
        return;
    }
    let client = begin();
    client
        .write("/5/0/1", Value::String(b"coap://host/image"))
        .unwrap();
    assert!(client.calls().iter().any(|call| call == "pull 0"));
    assert_eq!((state(0), result(0)), (1, 0));
    set_state(0, State::Downloaded);
    client.write("/5/0/1", Value::String(b"")).unwrap();
    assert_eq!((state(0), result(0)), (0, 0));
    assert_eq!(
        heard(),
        [""; 0],
        "the cancel callback is for pushed packages"
    );
}

#[test]
fn a_uri_that_cannot_be_fetched_is_an_unsupported_protocol() {
    if !config::FIRMWARE_UPDATE_PULL_SUPPORT {
        return;
    }
    let client = begin();
    client.pulls(no_pull(0));
    assert_eq!(
        client.write("/5/0/1", Value::String(b"coap://host/image")),
        Ok(())
    );
    assert_eq!((state(0), result(0)), (0, 9));
    assert_eq!(
        client.read("/5/0/1"),
        Ok(Value::String(b"coap://host/image".to_vec()))
    );
}

#[test]
fn callbacks_are_kept_by_instance_and_ignored_beyond_the_last() {
    let _client = begin();
    assert!(write_callback(0).is_some() && update_callback(0).is_some());
    assert!(cancel_callback(0).is_some());
    let beyond = PLACES as u16;
    set_write_callback(beyond, Some(write));
    set_update_callback(beyond, Some(update));
    set_cancel_callback(beyond, Some(cancel));
    assert!(write_callback(beyond).is_none() && update_callback(beyond).is_none());
    assert!(cancel_callback(beyond).is_none());
    set_write_callback(0, None);
    assert!(write_callback(0).is_none());
    assert_eq!((state(beyond), result(beyond)), (0, 0));
}
