// SPDX-License-Identifier: Apache-2.0
//! The Firmware Update object as an application and a server see it.

use core::ffi::c_void;
use std::format;
use std::string::String;
use std::sync::Mutex;
use std::vec;
use std::vec::Vec;

use lwm2m_core::model::{Fragment, ModelError};
use lwm2m_core::value::Value;
use lwm2m_registry::{RawValue, c_path};

use super::*;
use crate::callback::errno::{EFAULT, ENOMEM, ENOMSG, ENOMSG_GLIBC, ENOSPC};
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

fn set_uri(client: &Alone, uri: &[u8]) {
    assert_eq!(client.write("/5/0/1", Value::String(uri)), Ok(()));
}

/// The client after a server has written a Package URI, which is being fetched.
fn pulling() -> Alone {
    let client = begin();
    set_uri(&client, b"coap://host/image");
    let calls = client.calls();
    assert!(
        calls.contains(&"pull Firmware(0) coap://host/image".into()),
        "{calls:?}"
    );
    assert_eq!((state(0), result(0)), (1, 0));
    client
}

fn piece(data: &[u8], offset: usize, last: bool) -> c_int {
    let fragment = Fragment {
        data,
        offset,
        total: 100,
        last,
    };
    package::arrived(Package::Firmware(0), &fragment)
}

#[test]
fn a_package_is_fetched_from_its_uri_through_the_buffer_of_pushed_ones() {
    let client = pulling();
    assert_eq!(piece(&[7; 80], 0, false), 0);
    assert_eq!(state(0), 1);
    assert_eq!(piece(&[8; 20], 80, true), 0);
    assert_eq!(
        heard(),
        [
            "write 0/0 64x7 last false total 100 offset 0",
            "write 0/0 16x7 last false total 100 offset 64",
            "write 0/0 20x8 last true total 100 offset 80",
        ]
    );
    client.pulled(Package::Firmware(0), Ok(()));
    assert_eq!((state(0), result(0)), (2, 0));
}

#[test]
fn without_a_buffer_a_fetched_piece_is_handed_on_as_it_is() {
    let _client = pulling();
    let path = c_path(Path::resource(5, 0, 0));
    // SAFETY: none to be called.
    unsafe { lock().register_pre_write_callback(&path, None) }.unwrap();
    assert_eq!(piece(&[7; 80], 0, true), 0);
    assert_eq!(heard(), ["write 0/0 80x7 last true total 100 offset 0"]);
    assert_eq!(state(0), 2);
}

#[test]
fn how_the_fetching_failed_becomes_the_result() {
    for (failure, number) in [
        (DownloadFailure::NoStorage, 2),
        (DownloadFailure::OutOfMemory, 3),
        (DownloadFailure::ConnectionLost, 4),
        (DownloadFailure::IntegrityFailed, 5),
        (DownloadFailure::UnsupportedPackage, 6),
        (DownloadFailure::InvalidUri, 7),
        (DownloadFailure::Other, 8),
        (DownloadFailure::UnsupportedProtocol, 9),
    ] {
        let client = pulling();
        client.pulled(Package::Firmware(0), Err(failure));
        assert_eq!((state(0), result(0)), (0, number));

        drop(client);
        let client = begin();
        client.pulls(Err(failure));
        set_uri(&client, b"coap://host/image");
        assert_eq!((state(0), result(0)), (0, number), "before it began");
        assert_eq!(
            client.read("/5/0/1"),
            Ok(Value::String(b"coap://host/image".to_vec()))
        );
    }
}

#[test]
fn a_refused_piece_ends_the_fetching_with_the_result_of_a_pushed_one() {
    for (answer, number) in [
        (ENOMEM, 3),
        (ENOSPC, 2),
        (EFAULT, 5),
        (ENOMSG, 6),
        (EPERM, 8),
    ] {
        let client = pulling();
        *ANSWER.lock().unwrap() = answer;
        assert!(piece(&[7; 80], 0, false) < 0);
        assert_eq!(heard().len(), 1, "the part that was refused");
        client.pulled(Package::Firmware(0), Err(DownloadFailure::Refused));
        assert_eq!((state(0), result(0)), (0, number), "{answer}");
    }
}

#[test]
fn a_download_that_the_application_ended_takes_no_more_pieces() {
    let client = pulling();
    set_result(0, UpdateResult::UpdateFailed);
    assert_eq!(piece(&[7; 80], 0, false), EPERM);
    client.pulled(Package::Firmware(0), Err(DownloadFailure::Refused));
    assert_eq!((state(0), result(0)), (0, 8));
    assert_eq!(heard(), [""; 0]);
}

#[test]
fn nothing_is_pushed_while_a_package_is_fetched() {
    let client = pulling();
    assert_eq!(block(&client, 1, 0, false), Err(ModelError::NotAllowed));
    set_uri(&client, b"coap://host/another");
    assert_eq!(client.calls(), ["changed /5/0/1"]);
    assert_eq!((state(0), heard().len()), (1, 0));
}

#[test]
fn an_empty_uri_or_package_throws_away_what_there_is() {
    let uri = |client: &Alone| set_uri(client, b"");
    let none = |client: &Alone| client.write("/5/0/0", Value::Opaque(b"")).unwrap();
    let zero = |client: &Alone| client.write("/5/0/0", Value::Opaque(&[0])).unwrap();
    for empty in [uri, none, zero] {
        let client = pulling();
        empty(&client);
        assert!(client.calls().contains(&"cancel Firmware(0)".into()));
        assert_eq!(
            (state(0), result(0), heard()),
            (0, 0, vec!["cancel 0".into()])
        );

        drop(client);
        let client = begin();
        block(&client, 1, 0, false).unwrap();
        heard();
        empty(&client);
        assert_eq!(
            (state(0), result(0), heard()),
            (0, 0, vec!["cancel 0".into()])
        );

        drop(client);
        let client = begin();
        set_state(0, State::Downloaded);
        empty(&client);
        assert_eq!(
            (state(0), result(0), heard()),
            (0, 0, vec!["cancel 0".into()])
        );

        drop(client);
        let client = begin();
        set_result(0, UpdateResult::InvalidUri);
        empty(&client);
        assert_eq!((state(0), result(0), heard()), (0, 0, vec![]));
    }
    let client = begin();
    set_state(0, State::Updating);
    uri(&client);
    assert_eq!(
        client.write("/5/0/0", Value::Opaque(b"")),
        Err(ModelError::NotAllowed)
    );
    assert_eq!(
        (state(0), heard().len()),
        (3, 0),
        "an installation is not interrupted"
    );
}

#[test]
fn the_last_block_of_a_push_may_be_empty() {
    let client = begin();
    block(&client, 1, 0, false).unwrap();
    let fragment = Fragment {
        data: &[],
        offset: 16,
        total: 16,
        last: true,
    };
    assert_eq!(client.write_block("/5/0/0", fragment), Ok(()));
    assert_eq!((state(0), result(0)), (2, 0));
    assert_eq!(heard().len(), 2);
}

#[test]
fn nobody_to_take_the_package_is_a_failed_update() {
    let client = begin();
    set_write_callback(0, None);
    set_uri(&client, b"coap://host/image");
    assert_eq!((state(0), result(0)), (0, 8));
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

#[test]
fn the_application_s_uri_is_fetched_too_and_one_in_pieces_is_refused() {
    let client = begin();
    let path = c_path(Path::resource(5, 0, 1));
    lock()
        .set_string(&path, RawValue::bytes(b"coap://host/x\0"))
        .unwrap();
    assert!(
        client
            .calls()
            .contains(&"pull Firmware(0) coap://host/x".into())
    );
    for (offset, total) in [(0, 32), (16, 0)] {
        let fragment = Fragment {
            data: b"coap://host/imag",
            offset,
            total,
            last: false,
        };
        let outcome = client.write_block("/5/0/1", fragment);
        assert_eq!(outcome, Err(ModelError::TooLarge));
    }
    assert!(client.calls().iter().all(|call| !call.starts_with("pull")));
}
