// SPDX-License-Identifier: Apache-2.0
//! Every object that measures something, as an application and a server see it.

use std::format;

use lwm2m_core::value::Value;

use super::*;
use crate::test_client::alone;
use crate::{current, generic_sensor, humidity, pressure, temperature, voltage};

/// An object that measures, how it is initialised, and whether its version has 5750 in memory of
/// the object.
const SENSORS: [(u16, fn(), bool); 6] = [
    (3300, generic_sensor::init, true),
    (3303, temperature::init, false),
    (3304, humidity::init, false),
    (3316, voltage::init, true),
    (3317, current::init, true),
    (3323, pressure::init, false),
];

#[test]
fn every_sensor_remembers_its_extremes_until_reset() {
    for (object, init, _) in SENSORS {
        let client = alone();
        init();
        client.create(object, 2).unwrap();
        let read = |resource| client.read(&format!("/{object}/2/{resource}"));
        for value in [20.0, -4.0, 7.5] {
            lock()
                .set_f64(Path::resource(object, 2, SENSOR_VALUE), value)
                .unwrap();
        }
        assert_eq!(read(5601), Ok(Value::Float(-4.0)), "{object}");
        assert_eq!(read(5602), Ok(Value::Float(20.0)), "{object}");
        client.execute(&format!("/{object}/2/5605")).unwrap();
        assert_eq!(read(5601), Ok(Value::Float(7.5)), "{object}");
        assert_eq!(read(5602), Ok(Value::Float(7.5)), "{object}");
        client.delete(object, 2).unwrap();
        client.create(object, 2).unwrap();
        assert_eq!(read(SENSOR_VALUE), Ok(Value::Float(0.0)), "{object}");
        assert_eq!(read(5602), Ok(Value::Float(-NOTHING_MEASURED)), "{object}");
    }
}

#[test]
fn the_application_type_is_kept_where_there_is_memory() {
    for (object, init, kept) in SENSORS {
        let client = alone();
        init();
        client.create(object, 0).unwrap();
        let path = format!("/{object}/0/5750");
        let written = client.write(&path, Value::String(b"cellar"));
        assert_eq!(written.is_ok(), kept, "{object}");
    }
}
