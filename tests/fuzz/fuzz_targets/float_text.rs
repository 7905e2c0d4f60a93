// SPDX-License-Identifier: Apache-2.0
#![no_main]

use lwm2m_core::content::parse_float;

// The standard library accepts more texts, but where both accept one they agree (up to 32 digits
// exactly, beyond to the last place).
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = core::str::from_utf8(input) else {
        return;
    };
    if let Some(value) = parse_float(input) {
        let other: f64 = text.parse().unwrap_or(f64::NAN);
        let near = value.to_bits().abs_diff(other.to_bits());
        assert!(
            near == 0 || (near == 1 && input.len() > 32),
            "{value} {other}"
        );
    }
});
