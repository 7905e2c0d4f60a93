// SPDX-License-Identifier: Apache-2.0
//! Sets `cfg(validation)`, `cfg(cache)` and `cfg(ring_buffer_large)` from the configuration, and turns `struct_layout.tsv` (offset/size pairs
//! measured with the C compilers) into compile-time assertions for the target's column.

use std::fmt::Write as _;
use std::{env, fs, path::PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=struct_layout.tsv");
    let validation = lwm2m_config::ENGINE_VALIDATION_BUFFER_SIZE != 0;
    for (name, is_set) in [
        ("validation", validation),
        ("cache", lwm2m_config::RESOURCE_DATA_CACHE_SUPPORT),
        (
            "ring_buffer_large",
            lwm2m_config::outside::RING_BUFFER_LARGE,
        ),
    ] {
        println!("cargo::rustc-check-cfg=cfg({name})");
        if is_set {
            println!("cargo::rustc-cfg={name}");
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("layout.rs");
    fs::write(out, assertions(validation)).unwrap();
}

/// The columns to look at, in order of preference, for the target being built.
fn columns(validation: bool) -> &'static [&'static str] {
    let bits = env::var("CARGO_CFG_TARGET_POINTER_WIDTH").unwrap();
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap();
    match (bits.as_str(), arch.as_str(), validation) {
        ("64", _, true) => &["x86_64_full"],
        ("64", _, false) => &["x86_64_no_validation"],
        ("32", "x86", true) => &["i386_full"],
        ("32", "x86", false) => &["i386_full", "arm32_no_validation"],
        ("32", _, true) => &["arm32_full"],
        ("32", _, false) => &["arm32_no_validation"],
        other => panic!("no measured layout for {other:?}"),
    }
}

fn assertions(validation: bool) -> String {
    let table = fs::read_to_string("struct_layout.tsv").unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let columns: Vec<usize> = columns(validation)
        .iter()
        .map(|name| header.iter().position(|column| column == name).unwrap())
        .collect();
    let mut out = String::new();
    for row in lines.map(|line| line.split('\t').collect::<Vec<_>>()) {
        let name = row[1].strip_prefix("struct ").unwrap();
        // The last preference is the only one measured without validation on 32-bit x86, where the
        // one struct that differs holds pointers and nothing aligned otherwise than on Arm.
        let column = if name == "lwm2m_engine_res" {
            columns[columns.len() - 1]
        } else {
            columns[0]
        };
        let value = row[column];
        // Ring buffers were measured with narrow positions.
        let wide = lwm2m_config::outside::RING_BUFFER_LARGE && name == "lwm2m_time_series_resource";
        if value == "-" || wide {
            continue;
        }
        let (offset, size) = value.split_once('/').unwrap();
        // "34 bit0 w1": the byte that holds the bit-field.
        let offset = offset.split(' ').next().unwrap();
        if row[2] == "(whole)" {
            // On this row the pair is size/alignment.
            let (size, align) = (offset, size);
            writeln!(
                out,
                "const _: () = assert!(size_of::<{name}>() == {size} && align_of::<{name}>() == {align});"
            )
            .unwrap();
            continue;
        }
        let field = match (name, row[2]) {
            ("lwm2m_time_series_elem", member) if member != "t" => format!("value.{member}"),
            (_, member) => member.to_string(),
        };
        writeln!(
            out,
            "const _: () = assert!(core::mem::offset_of!({name}, {field}) == {offset});\n\
             const _: () = {{\n\
             \x20   let place = core::mem::MaybeUninit::<{name}>::uninit();\n\
             \x20   // SAFETY: the pointer is to a live place, and only a field's address is formed.\n\
             \x20   let field = unsafe {{ &raw const (*place.as_ptr()).{field} }};\n\
             \x20   assert!(pointee_size(field) == {size});\n\
             }};"
        )
        .unwrap();
    }
    out
}
