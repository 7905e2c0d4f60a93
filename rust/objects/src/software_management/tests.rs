// SPDX-License-Identifier: Apache-2.0
//! The Software Management object as an application and a server see it.

use core::ffi::c_void;
use std::format;
use std::string::String;
use std::sync::Mutex;
use std::vec::Vec;

use lwm2m_core::model::{Fragment, ModelError};
use lwm2m_core::value::Value;
use lwm2m_registry::c_path;

use super::*;
use crate::callback::errno::{EFAULT, ENOMEM, ENOSPC, EPERM};
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

unsafe extern "C" fn version(_: u16, _: u16, _: u16, length: *mut usize) -> *mut c_void {
    static mut VERSION: [u8; 4] = *b"1.2\0";
    // SAFETY: the registry's contract.
    unsafe { length.write(4) };
    (&raw mut VERSION).cast()
}

unsafe extern "C" fn write(
    instance: u16,
    _: u16,
    _: u16,
    data: *mut u8,
    length: u16,
    last: bool,
    _: usize,
    offset: usize,
) -> c_int {
    if data.is_null() {
        HEARD.lock().unwrap().push(format!("failed {instance}"));
        return 0;
    }
    HEARD
        .lock()
        .unwrap()
        .push(format!("write {instance} {length} at {offset} last {last}"));
    *ANSWER.lock().unwrap()
}

macro_rules! heard_as {
    ($($name:ident)*) => {$(
        unsafe extern "C" fn $name(instance: u16, arguments: *mut u8, length: u16) -> c_int {
            assert!(arguments.is_null() && length == 0);
            HEARD
                .lock()
                .unwrap()
                .push(format!("{} {instance}", stringify!($name)));
            *ANSWER.lock().unwrap()
        }
    )*};
}

heard_as!(install delete activate deactivate);

fn heard() -> Vec<String> {
    core::mem::take(&mut HEARD.lock().unwrap())
}

fn answers(answer: c_int) {
    *ANSWER.lock().unwrap() = answer;
}

fn begin() -> Alone {
    let client = alone();
    heard();
    answers(0);
    init();
    client.create(9, 0).unwrap();
    assert!(set_write_callback(0, Some(write)));
    assert!(set_install_callback(0, Some(install)));
    assert!(set_delete_callback(0, Some(delete)));
    assert!(set_activate_callback(0, Some(activate)));
    assert!(set_deactivate_callback(0, Some(deactivate)));
    assert!(set_version_callback(0, Some(version)));
    let path = c_path(Path::resource_instance(9, 0, 2, 0));
    lock().create_res_inst(&path).unwrap();
    // SAFETY: the callback keeps the contract.
    unsafe { lock().register_pre_write_callback(&path, Some(buffer)) }.unwrap();
    client.calls();
    client
}

fn block(client: &Alone, offset: usize, last: bool) -> Result<(), ModelError> {
    let fragment = Fragment {
        data: &[1; 16],
        offset,
        total: 32,
        last,
    };
    client.write_block("/9/0/2", fragment)
}

/// 9/0/7, 9/0/9.
fn numbers(client: &Alone) -> (i64, i64) {
    let number = |path| match client.read(path) {
        Ok(Value::Integer(number)) => number,
        other => panic!("{other:?}"),
    };
    (number("/9/0/7"), number("/9/0/9"))
}

fn set_state(state: State) {
    write_number(&lock(), 0, UPDATE_STATE, state as u8);
}

#[test]
fn a_pushed_package_is_downloaded_in_blocks() {
    let client = begin();
    assert_eq!(block(&client, 0, false), Ok(()));
    assert_eq!(numbers(&client), (1, 1));
    assert_eq!(client.calls(), ["changed /9/0/7", "changed /9/0/9"]);
    assert_eq!(block(&client, 16, true), Ok(()));
    assert_eq!(numbers(&client), (3, 3));
    assert_eq!(
        heard(),
        ["write 0 16 at 0 last false", "write 0 16 at 16 last true"]
    );
    assert!(block(&client, 0, true).is_err(), "one at a time");
    assert_eq!(numbers(&client), (3, 3));
}

#[test]
fn restarted_upload_begins_again_at_block_zero() {
    let client = begin();
    block(&client, 0, false).unwrap();
    block(&client, 0, false).unwrap();
    block(&client, 16, true).unwrap();
    assert_eq!(numbers(&client), (3, 3));
    assert_eq!(heard().len(), 3);
}

#[test]
fn the_package_is_not_there_until_the_application_creates_it() {
    let client = alone();
    init();
    client.create(9, 0).unwrap();
    assert_eq!(client.resource_instances("/9/0/2"), [0; 0]);
    assert_eq!(block(&client, 0, true), Err(ModelError::NotFound));
}

#[test]
fn what_the_write_callback_returns_becomes_the_result() {
    for (answer, number, error) in [
        (ENOMEM, 51, ModelError::Internal),
        (ENOSPC, 50, ModelError::TooLarge),
        (EFAULT, 53, ModelError::Incomplete),
        (EPERM, 52, ModelError::NotAllowed),
    ] {
        let client = begin();
        block(&client, 0, false).unwrap();
        answers(answer);
        assert_eq!(block(&client, 16, true), Err(error));
        assert_eq!(numbers(&client), (0, number));
        assert_eq!(heard().last().unwrap(), "failed 0");
    }
}

#[test]
fn without_callbacks_nothing_works() {
    let client = begin();
    set_write_callback(0, None);
    set_install_callback(0, None);
    assert!(block(&client, 0, true).is_err());
    assert_eq!(numbers(&client), (0, 52));
    set_state(State::Delivered);
    assert!(client.execute("/9/0/4").is_err());
    assert_eq!(heard(), [""; 0]);
}

#[test]
fn a_delivered_package_is_installed_activated_deactivated_and_removed() {
    let client = begin();
    for path in ["/9/0/4", "/9/0/6", "/9/0/10", "/9/0/11"] {
        assert!(client.execute(path).is_err(), "{path}");
    }
    set_state(State::Delivered);
    assert!(client.execute("/9/0/10").is_err(), "not installed");
    client.execute("/9/0/4").unwrap();
    assert_eq!(numbers(&client), (3, 0), "it is under way");
    assert!(install_completed(0, true));
    assert_eq!(numbers(&client), (4, 2));
    assert!(!install_completed(0, true));
    client.execute("/9/0/10").unwrap();
    assert_eq!(client.read("/9/0/12"), Ok(Value::Boolean(true)));
    client.execute("/9/0/11").unwrap();
    assert_eq!(client.read("/9/0/12"), Ok(Value::Boolean(false)));
    client.execute("/9/0/6").unwrap();
    assert_eq!(numbers(&client), (0, 0));
    assert_eq!(
        heard(),
        ["install 0", "activate 0", "deactivate 0", "delete 0"]
    );
}

#[test]
fn commands_that_the_application_refuses_change_nothing() {
    let client = begin();
    set_state(State::Installed);
    answers(EPERM);
    for path in ["/9/0/6", "/9/0/10", "/9/0/11"] {
        assert_eq!(client.execute(path), Err(ModelError::NotAllowed), "{path}");
    }
    assert_eq!(numbers(&client), (4, 0));
    assert_eq!(client.read("/9/0/12"), Ok(Value::Boolean(false)));
}

#[test]
fn a_failed_installation_can_be_tried_again_or_given_up() {
    let client = begin();
    set_state(State::Delivered);
    client.execute("/9/0/4").unwrap();
    assert!(install_completed(0, false));
    assert_eq!(numbers(&client), (3, 58));
    client.execute("/9/0/4").unwrap();
    client.execute("/9/0/6").unwrap();
    assert_eq!(numbers(&client), (0, 58), "the result stays");
}

fn set_uri(client: &Alone, uri: &[u8]) -> Result<(), ModelError> {
    client.write("/9/0/3", Value::String(uri))
}

/// The client after a server has written a Package URI, which is being fetched.
fn pulling() -> Alone {
    let client = begin();
    assert_eq!(set_uri(&client, b"coap://host/app"), Ok(()));
    assert!(
        client
            .calls()
            .contains(&"pull Software(0) coap://host/app".into())
    );
    assert_eq!(numbers(&client), (1, 1));
    client
}

fn piece(offset: usize, last: bool) -> c_int {
    let fragment = Fragment {
        data: &[1; 80],
        offset,
        total: 160,
        last,
    };
    package::arrived(Package::Software(0), &fragment)
}

#[test]
fn a_fetched_package_is_delivered() {
    let client = pulling();
    assert_eq!(piece(0, false), 0);
    assert_eq!(numbers(&client), (1, 1));
    assert_eq!(piece(80, true), 0);
    client.pulled(Package::Software(0), Ok(()));
    assert_eq!(numbers(&client), (3, 3));
    assert_eq!(
        heard(),
        [
            "write 0 64 at 0 last false",
            "write 0 16 at 64 last false",
            "write 0 64 at 80 last false",
            "write 0 16 at 144 last true",
        ]
    );
}

#[test]
fn how_the_fetching_failed_becomes_the_result() {
    for (failure, number) in [
        (DownloadFailure::NoStorage, 50),
        (DownloadFailure::OutOfMemory, 51),
        (DownloadFailure::ConnectionLost, 52),
        (DownloadFailure::IntegrityFailed, 53),
        (DownloadFailure::UnsupportedPackage, 54),
        (DownloadFailure::InvalidUri, 56),
        (DownloadFailure::UnsupportedProtocol, 56),
    ] {
        let client = pulling();
        client.pulled(Package::Software(0), Err(failure));
        assert_eq!(numbers(&client), (0, number));
        assert_eq!(heard(), ["failed 0"]);

        drop(client);
        let client = begin();
        client.pulls(Err(failure));
        assert_eq!(set_uri(&client, b"x"), Ok(()));
        assert_eq!(numbers(&client), (0, number), "before it began");
    }
}

#[test]
fn a_refused_piece_ends_the_fetching() {
    let client = pulling();
    answers(ENOSPC);
    assert!(piece(0, false) < 0);
    client.pulled(Package::Software(0), Err(DownloadFailure::Refused));
    assert_eq!(numbers(&client), (0, 50));
    assert_eq!(heard().last().unwrap(), "failed 0");
}

#[test]
fn a_uri_is_followed_while_there_is_no_package_and_an_empty_one_ends_that() {
    let client = pulling();
    assert!(set_uri(&client, b"coap://host/other").is_err());
    assert!(block(&client, 0, false).is_err(), "two packages do not mix");
    assert_eq!(numbers(&client), (1, 1));
    assert_eq!(set_uri(&client, b""), Ok(()));
    assert!(client.calls().contains(&"cancel Software(0)".into()));
    assert_eq!(numbers(&client), (0, 0));
    assert_eq!(heard(), ["failed 0"]);
    assert_eq!(set_uri(&client, b""), Ok(()), "nothing to end");
    for state in [State::Downloaded, State::Delivered, State::Installed] {
        set_state(state);
        assert!(set_uri(&client, b"coap://host/app").is_err());
    }
}

#[test]
fn installed_software_makes_room_for_its_successor() {
    let client = begin();
    assert!(
        client.execute_with("/9/0/6", b"1").is_err(),
        "nothing is installed"
    );
    set_state(State::Installed);
    assert_eq!(client.execute_with("/9/0/6", b"1"), Ok(()));
    assert_eq!(numbers(&client), (0, 0));
    assert_eq!(heard(), [""; 0], "it stays");
    block(&client, 0, true).unwrap();
    client.execute("/9/0/4").unwrap();
    assert!(install_completed(0, true));
    assert_eq!(client.execute_with("/9/0/6", b"0"), Ok(()));
    assert_eq!(heard()[1..], ["install 0", "delete 0"]);
}

#[test]
fn the_version_is_the_application_s() {
    let client = begin();
    assert_eq!(client.read("/9/0/1"), Ok(Value::String(b"1.2".to_vec())));
    set_version_callback(0, None);
    assert_ne!(client.read("/9/0/1"), Ok(Value::String(b"1.2".to_vec())));
}

#[test]
fn callbacks_belong_to_an_instance_that_is_there() {
    let client = begin();
    assert!(!set_write_callback(7, Some(write)));
    assert!(!set_install_callback(7, Some(install)));
    assert!(!install_completed(7, true));
    client.delete(9, 0).unwrap();
    assert!(!set_activate_callback(0, Some(activate)));
    client.create(9, 0).unwrap();
    set_state(State::Delivered);
    assert!(client.execute("/9/0/4").is_err(), "they went with it");
}
