// SPDX-License-Identifier: Apache-2.0
#![no_main]

use lwm2m_core::content::ContentFormat;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    lwm2m_fuzz::with_request(ContentFormat::SenmlJson, input);
});
