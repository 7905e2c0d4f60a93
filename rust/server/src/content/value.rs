// SPDX-License-Identifier: Apache-2.0
//! Values of resources (OMA-TS-LightweightM2M_Core-V1_1_1 appendix C).

use std::fmt;

/// The value of a resource or resource instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value: a record that only names a path.
    Null,
    /// Signed integer.
    Integer(i64),
    /// Unsigned integer; self-describing formats give it only above `i64::MAX` or where the
    /// resource is known to be unsigned.
    Unsigned(u64),
    /// Number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// UTF-8 text.
    String(String),
    /// Bytes.
    Opaque(Vec<u8>),
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Object and object instance referred to.
    ObjectLink(u16, u16),
}

/// Reads the text of an object link, `3:0`.
pub(super) fn object_link(text: &str) -> Option<Value> {
    let (object, instance) = text.split_once(':')?;
    Some(Value::ObjectLink(
        object.parse().ok()?,
        instance.parse().ok()?,
    ))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Integer(number) => number.fmt(f),
            Value::Unsigned(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
            Value::Boolean(truth) => truth.fmt(f),
            Value::String(text) => write!(f, "{text:?}"),
            Value::Opaque(bytes) => fmt_bytes(f, bytes),
            Value::Time(seconds) => fmt_time(f, *seconds),
            Value::ObjectLink(object, instance) => write!(f, "{object}:{instance}"),
        }
    }
}

/// The first bytes in hexadecimal, and how many there are when that is not all.
fn fmt_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const SHOWN: usize = 16;
    f.write_str("h'")?;
    bytes
        .iter()
        .take(SHOWN)
        .try_for_each(|byte| write!(f, "{byte:02x}"))?;
    if bytes.len() > SHOWN {
        return write!(f, "…' ({} bytes)", bytes.len());
    }
    f.write_str("'")
}

/// `2013-05-02T11:24:07Z`, by the civil calendar's 400-year cycle counted from 0000-03-01.
fn fmt_time(f: &mut fmt::Formatter<'_>, seconds: i64) -> fmt::Result {
    const DAYS_TO_EPOCH: i64 = 719_468;
    const DAYS_PER_CYCLE: i64 = 146_097;
    let days = seconds.div_euclid(86_400) + DAYS_TO_EPOCH;
    let (cycle, day) = (
        days.div_euclid(DAYS_PER_CYCLE),
        days.rem_euclid(DAYS_PER_CYCLE),
    );
    let year_of_cycle = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    // Months counted from March, whose lengths repeat every five.
    let from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(
        f,
        "{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}Z"
    )
}

macro_rules! value_from {
    ($($type:ty => |$value:ident| $expression:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $expression
            }
        })*
    };
}

value_from! {
    i32 => |value| Value::Integer(value.into());
    i64 => |value| Value::Integer(value);
    u64 => |value| Value::Unsigned(value);
    f64 => |value| Value::Float(value);
    bool => |value| Value::Boolean(value);
    &str => |value| Value::String(value.to_owned());
    String => |value| Value::String(value);
    &[u8] => |value| Value::Opaque(value.to_vec());
    Vec<u8> => |value| Value::Opaque(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_legible() {
        let shown: &[(Value, &str)] = &[
            (Value::Float(22.5), "22.5"),
            ("a \"b\"".into(), r#""a \"b\"""#),
            (vec![1, 2, 0xab].into(), "h'0102ab'"),
            (
                vec![0; 17].into(),
                "h'00000000000000000000000000000000…' (17 bytes)",
            ),
            (Value::ObjectLink(3, 0), "3:0"),
            (Value::Time(0), "1970-01-01T00:00:00Z"),
            (Value::Time(1_367_491_215), "2013-05-02T10:40:15Z"),
            (Value::Time(951_782_400), "2000-02-29T00:00:00Z"),
            (Value::Time(-1), "1969-12-31T23:59:59Z"),
            (Value::Time(4_107_542_400), "2100-03-01T00:00:00Z"),
        ];
        for (value, text) in shown {
            assert_eq!(value.to_string(), *text);
        }
    }
}
