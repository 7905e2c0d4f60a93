// SPDX-License-Identifier: Apache-2.0
//! Holds every table against `objects.tsv`, and the C nodes that are built from it against both.

use std::vec::Vec;
use std::{format, vec};

use lwm2m_config as config;
use lwm2m_registry::c_types::*;

use crate::access::lock;
use crate::definition::{ResourceDefinition, fields, layout, sizes};
use crate::object::Object;
use crate::test_client::alone;

/// What an object is, apart from its resources.
struct Facts {
    version: (u8, u8),
    core: bool,
    places: u32,
}

/// A row of `objects.tsv`.
struct Row<'a> {
    id: u16,
    permissions: u8,
    data_type: u8,
    multiple: bool,
    slots: usize,
    version_1_1: bool,
    instantiated: bool,
    default: &'a str,
}

/// Declared and never instantiated in C; here it is, with this default.
const INSTANTIATED_HERE: (u16, u16, &str) = (3340, 5501, "0");

fn rows(object: u16) -> Vec<Row<'static>> {
    include_str!("../objects.tsv")
        .lines()
        .filter(|line| line.starts_with(&format!("{object}\t")))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let id = columns[1].parse().unwrap();
            let optional = u8::from(columns[7] == "y") << LWM2M_FLAG_OPTIONAL;
            let here = (object, id) == (INSTANTIATED_HERE.0, INSTANTIATED_HERE.1);
            Row {
                id,
                permissions: permissions(columns[3]) | optional,
                data_type: data_type(columns[4]),
                multiple: columns[5] == "multiple",
                slots: slots(columns[6]),
                version_1_1: columns[8].contains("1_1"),
                instantiated: columns[9] == "y" || here,
                default: if here {
                    INSTANTIATED_HERE.2
                } else {
                    columns[10]
                },
            }
        })
        .collect()
}

fn permissions(operations: &str) -> u8 {
    match operations {
        "R" => LWM2M_PERM_R,
        "W" => LWM2M_PERM_W,
        "RW" => LWM2M_PERM_RW,
        "E" => LWM2M_PERM_X,
        other => panic!("{other}"),
    }
}

fn data_type(name: &str) -> u8 {
    match name {
        "none (execute)" => LWM2M_RES_TYPE_NONE,
        "OPAQUE" => LWM2M_RES_TYPE_OPAQUE,
        "STRING" => LWM2M_RES_TYPE_STRING,
        "U8" => LWM2M_RES_TYPE_U8,
        "U16" => LWM2M_RES_TYPE_U16,
        "U32" => LWM2M_RES_TYPE_U32,
        "S32" => LWM2M_RES_TYPE_S32,
        "BOOL" => LWM2M_RES_TYPE_BOOL,
        "TIME" => LWM2M_RES_TYPE_TIME,
        "FLOAT" => LWM2M_RES_TYPE_FLOAT,
        "OBJLNK" => LWM2M_RES_TYPE_OBJLNK,
        other => panic!("{other}"),
    }
}

fn slots(capacity: &str) -> usize {
    let slots = match capacity {
        "CONFIG_LWM2M_SECURITY_DTLS_TLS_CIPHERSUITE_MAX" => {
            config::SECURITY_DTLS_TLS_CIPHERSUITE_MAX
        }
        "CONFIG_LWM2M_DEVICE_PWRSRC_MAX" => config::DEVICE_PWRSRC_MAX,
        "CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX" => config::DEVICE_ERROR_CODE_MAX,
        "CONFIG_LWM2M_DEVICE_EXT_DEV_INFO_MAX" => config::DEVICE_EXT_DEV_INFO_MAX,
        number => number.parse().unwrap(),
    };
    slots as usize
}

/// The memory and the value that a default describes: capacity and bytes; `None` when the
/// application supplies both.
fn expected(default: &str, data_type: u8) -> Option<(usize, Vec<u8>)> {
    let buffer = |capacity: usize, text: &str| {
        let mut bytes = Vec::from(text);
        if !text.is_empty() {
            bytes.push(0);
        }
        Some((capacity, bytes))
    };
    let number = |value: f64| {
        let bytes = match data_type {
            LWM2M_RES_TYPE_U8 | LWM2M_RES_TYPE_BOOL => vec![value as u8],
            LWM2M_RES_TYPE_U16 => Vec::from((value as u16).to_ne_bytes()),
            LWM2M_RES_TYPE_U32 => Vec::from((value as u32).to_ne_bytes()),
            LWM2M_RES_TYPE_S32 => Vec::from((value as i32).to_ne_bytes()),
            LWM2M_RES_TYPE_FLOAT => Vec::from(value.to_ne_bytes()),
            other => panic!("{other}"),
        };
        Some((bytes.len(), bytes))
    };
    let binding = if config::VERSION_1_0 && config::QUEUE_MODE_ENABLED {
        "UQ"
    } else {
        "U"
    };
    match default {
        "-" => None,
        text if text.starts_with("time offset") => None,
        "empty (8 byte buffer)" => buffer(8, ""),
        "empty (64 byte buffer)" => buffer(64, ""),
        "empty (255 byte buffer)" => buffer(255, ""),
        "empty (CONFIG_LWM2M_SECURITY_KEY_SIZE bytes)" => {
            buffer(config::SECURITY_KEY_SIZE as usize, "")
        }
        text if text.starts_with("U, or UQ") => {
            buffer(if text.contains("(4 byte") { 4 } else { 8 }, binding)
        }
        "false" => number(0.0),
        "true" => number(1.0),
        "slot index + 1" => number(1.0),
        "CONFIG_LWM2M_ENGINE_DEFAULT_LIFETIME (30)" => {
            number(f64::from(config::ENGINE_DEFAULT_LIFETIME))
        }
        "CONFIG_LWM2M_SERVER_DEFAULT_PMIN (0)" => number(f64::from(config::SERVER_DEFAULT_PMIN)),
        "CONFIG_LWM2M_SERVER_DEFAULT_PMAX (0)" => number(f64::from(config::SERVER_DEFAULT_PMAX)),
        "CONFIG_LWM2M_SERVER_BOOTSTRAP_ON_FAIL (true)" => {
            number(f64::from(u8::from(config::SERVER_BOOTSTRAP_ON_FAIL)))
        }
        text if text.starts_with("2 with CONFIG_LWM2M_FIRMWARE_UPDATE_PULL_SUPPORT") => {
            number(if config::FIRMWARE_UPDATE_PULL_SUPPORT {
                2.0
            } else {
                1.0
            })
        }
        text if text.starts_with("instance 0 = 0") => number(0.0),
        text => number(text.split(' ').next().unwrap().parse().unwrap()),
    }
}

/// The table has the rows of `objects.tsv`, in their order.
fn check_table<const N: usize>(object: u16, table: &[ResourceDefinition; N]) {
    let rows = rows(object);
    assert_eq!(rows.len(), N);
    for (field, row) in fields::<N>(table).iter().zip(&rows) {
        assert_eq!(
            (field.res_id, field.permissions, field.data_type),
            (row.id, row.permissions, row.data_type),
            "{object}/-/{}",
            row.id
        );
    }
    let instantiated: Vec<&Row> = rows.iter().filter(|row| row.instantiated).collect();
    assert_eq!(sizes(table).resources, instantiated.len());
    for (resource, row) in layout::<N>(table).iter().zip(instantiated) {
        assert_eq!(
            (resource.id, resource.multiple, usize::from(resource.slots)),
            (row.id, row.multiple, row.slots),
            "{object}/-/{}",
            row.id
        );
    }
}

/// The nodes of a fresh instance are as `objects.tsv` says.
fn check_nodes(object: &'static Object, facts: &Facts) {
    let version_1_1 = facts.version.1 == 1;
    let rows: Vec<Row> = rows(object.id())
        .into_iter()
        .filter(|row| version_1_1 || !row.version_1_1)
        .collect();
    object.prepare(&lock());
    // SAFETY: the object was just prepared, and no other test runs.
    let node = unsafe { object.node().read() };
    assert_eq!((node.version_major, node.version_minor), facts.version);
    assert_eq!(node.is_core, u8::from(facts.core));
    assert_eq!(u32::from(node.max_instance_count), facts.places);
    assert_eq!(usize::from(node.field_count), rows.len());

    // SAFETY: the create callback of this object, alone.
    let instance = unsafe { node.create_cb.unwrap()(0) };
    // SAFETY: it was just made, and no other test runs.
    let instance = unsafe { instance.read() };
    assert!(instance.obj.is_null(), "the registry gives it its numbers");
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.instantiated).collect();
    assert_eq!(usize::from(instance.resource_count), rows.len());
    for (index, row) in rows.iter().enumerate() {
        // SAFETY: below the count of resources.
        let resource = unsafe { instance.resources.add(index).read() };
        let name = format!("{}/0/{}", object.id(), row.id);
        assert_eq!(resource.res_id, row.id, "{name}");
        assert_eq!(resource.multi_res_inst, u8::from(row.multiple), "{name}");
        assert_eq!(usize::from(resource.res_inst_count), row.slots, "{name}");
        assert_eq!(resource.res_instances.is_null(), row.slots == 0, "{name}");
        for slot in 0..row.slots {
            // SAFETY: below the count of slots.
            check_slot(&name, row, slot, unsafe {
                resource.res_instances.add(slot).read()
            });
        }
    }
}

fn check_slot(name: &str, row: &Row, slot: usize, node: lwm2m_engine_res_inst) {
    let created = !row.multiple || row.default.starts_with("instance 0") && slot == 0;
    let id = if created {
        slot as u16
    } else {
        RES_INSTANCE_NOT_CREATED
    };
    assert_eq!((node.res_inst_id, node.data_flags), (id, 0), "{name}");
    let Some((capacity, value)) = expected(row.default, row.data_type) else {
        assert!(node.data_ptr.is_null(), "{name}");
        assert_eq!((node.max_data_len, node.data_len), (0, 0), "{name}");
        return;
    };
    assert_eq!(usize::from(node.max_data_len), capacity, "{name}");
    // SAFETY: as many bytes as the value has.
    let bytes = unsafe {
        core::slice::from_raw_parts(node.data_ptr.cast::<u8>(), usize::from(node.data_len))
    };
    assert_eq!(bytes, value, "{name}");
    let alignment = match row.data_type {
        LWM2M_RES_TYPE_STRING | LWM2M_RES_TYPE_OPAQUE => 1,
        _ => capacity,
    };
    assert_eq!(node.data_ptr.addr() % alignment, 0, "{name}");
}

fn places(configured: u32) -> u32 {
    configured.max(1)
}

macro_rules! table_tests {
    ($($module:ident = $id:literal, $version:expr, $core:literal, $places:expr;)*) => {$(
        #[test]
        fn $module() {
            let _alone = alone();
            check_table($id, &crate::$module::RESOURCES);
            assert_eq!(crate::$module::OBJECT.id(), $id);
            let facts = Facts { version: $version, core: $core, places: $places };
            check_nodes(&crate::$module::OBJECT, &facts);
        }
    )*};
}

table_tests! {
    security = 0, (1, u8::from(config::SECURITY_OBJECT_VERSION_1_1)), true,
        places(config::SECURITY_INSTANCE_COUNT);
    server = 1, (1, u8::from(config::SERVER_OBJECT_VERSION_1_1)), true,
        places(config::SERVER_INSTANCE_COUNT);
    device = 3, (1, 0), true, 1;
    firmware = 5, (1, 0), true,
        if config::FIRMWARE_UPDATE_OBJ_SUPPORT_MULTIPLE {
            places(config::FIRMWARE_UPDATE_OBJ_INSTANCE_COUNT)
        } else {
            1
        };
    temperature = 3303, (1, u8::from(config::IPSO_TEMP_SENSOR_VERSION_1_1)), false,
        places(config::IPSO_TEMP_SENSOR_INSTANCE_COUNT);
    light_control = 3311, (1, 0), false, places(config::IPSO_LIGHT_CONTROL_INSTANCE_COUNT);
    timer = 3340, (1, 0), false, places(config::IPSO_TIMER_INSTANCE_COUNT);
}

#[test]
fn every_row_of_the_contract_belongs_to_a_tested_object() {
    let objects = [0, 1, 3, 5, 3303, 3311, 3340];
    let covered: usize = objects.iter().map(|&object| rows(object).len()).sum();
    let all = include_str!("../objects.tsv")
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    assert_eq!(covered, all.count());
}
