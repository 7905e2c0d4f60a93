// SPDX-License-Identifier: Apache-2.0
//! Asks the C compiler for the layout of `struct lwm2m_ctx` and `struct lwm2m_message`, which depend
//! on the configuration, and for the C library's error numbers, and writes them as constants.
//!
//! | variable | meaning |
//! |---|---|
//! | `LWM2M_LAYOUT` | a file of `NAME OFFSET SIZE` lines to use; no compiler is run |
//! | `LWM2M_LAYOUT_OBJECT` | the object file of `layout_probe.c`, compiled by somebody else |
//! | `LWM2M_CC`, `LWM2M_CFLAGS` | the compiler and its flags, separated by spaces; default `cc` and none |
//! | `LWM2M_DOTCONFIG` | the `.config`; default the host's own, as for `lwm2m-config` |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Offset and size (for a whole struct alignment and size) by `STRUCT.field`, or `STRUCT_WHOLE`.
type Layout = BTreeMap<String, (usize, usize)>;

const MARKER: &[u8] = b"LWM2M_LAYOUT:";

/// Fields that exist in some configurations only.
const OPTIONAL: &[&str] = &[
    "CONTEXT.tls_tag",
    "CONTEXT.desthostname",
    "CONTEXT.desthostnamelen",
    "CONTEXT.load_credentials",
    "CONTEXT.queued_messages",
    "CONTEXT.buffer_client_messages",
];

fn main() {
    for variable in [
        "LWM2M_LAYOUT",
        "LWM2M_LAYOUT_OBJECT",
        "LWM2M_CC",
        "LWM2M_CFLAGS",
        "LWM2M_DOTCONFIG",
    ] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    println!("cargo::rustc-check-cfg=cfg(cache)");
    if lwm2m_config::RESOURCE_DATA_CACHE_SUPPORT {
        println!("cargo::rustc-cfg=cache");
    }
    println!("cargo::rustc-check-cfg=cfg(pull, pull_proxy)");
    if lwm2m_config::FIRMWARE_UPDATE_PULL_SUPPORT {
        println!("cargo::rustc-cfg=pull");
    }
    if lwm2m_config::FIRMWARE_UPDATE_PULL_COAP_PROXY_SUPPORT {
        println!("cargo::rustc-cfg=pull_proxy");
    }
    println!("cargo::rustc-check-cfg=cfg(bootstrap)");
    if lwm2m_config::RD_CLIENT_SUPPORT_BOOTSTRAP {
        println!("cargo::rustc-cfg=bootstrap");
    }
    println!("cargo::rustc-check-cfg=cfg(block_transfer)");
    if lwm2m_config::COAP_BLOCK_TRANSFER {
        println!("cargo::rustc-cfg=block_transfer");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=struct_layout.tsv");
    let layout = match env::var_os("LWM2M_LAYOUT") {
        Some(path) => from_file(Path::new(&path)),
        None => match env::var_os("LWM2M_LAYOUT_OBJECT") {
            Some(object) => from_object(Path::new(&object)),
            None => from_compiler(),
        },
    };
    let target = env::var("TARGET").unwrap();
    let own_headers =
        env::var_os("LWM2M_LAYOUT").is_none() && env::var_os("LWM2M_LAYOUT_OBJECT").is_none();
    if own_headers && target.starts_with("x86_64-") {
        compare(&layout);
    }
    let (items, errors) = constants(&layout);
    fs::write(out_dir().join("layout.rs"), items).unwrap();
    fs::write(out_dir().join("errno.rs"), errors).unwrap();
}

fn out_dir() -> PathBuf {
    PathBuf::from(env::var_os("OUT_DIR").unwrap())
}

fn from_file(path: &Path) -> Layout {
    println!("cargo::rerun-if-changed={}", path.display());
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, offset, size] = words[..] else {
                panic!("{}: `{line}` is not NAME OFFSET SIZE", path.display());
            };
            (
                name.to_string(),
                (offset.parse().unwrap(), size.parse().unwrap()),
            )
        })
        .collect()
}

fn from_object(path: &Path) -> Layout {
    println!("cargo::rerun-if-changed={}", path.display());
    rows(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Compiles the probe and reads the rows out of the object file, whatever its format is.
fn from_compiler() -> Layout {
    let include = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../include");
    println!("cargo::rerun-if-changed=layout_probe.c");
    println!("cargo::rerun-if-changed={}", include.display());
    let object = out_dir().join("layout_probe.o");
    let compiler = env::var("LWM2M_CC").unwrap_or_else(|_| "cc".into());
    let flags = env::var("LWM2M_CFLAGS").unwrap_or_default();
    let mut command = Command::new(&compiler);
    command.args(flags.split_whitespace());
    if flags.is_empty() {
        command.arg("-imacros").arg(autoconf());
        command
            .arg("-I")
            .arg(&include)
            .arg("-I")
            .arg(include.join("lwm2m"));
    }
    command
        .args(["-fno-lto", "-c", "layout_probe.c", "-o"])
        .arg(&object);
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(_) => panic!("{compiler} does not compile layout_probe.c"),
        Err(error) => panic!("cannot run the C compiler {compiler} (set LWM2M_CC): {error}"),
    }
    rows(&fs::read(object).unwrap())
}

/// The `.config` as C macros, as Zephyr's autoconf.h has them.
fn autoconf() -> PathBuf {
    let dotconfig = env::var_os("LWM2M_DOTCONFIG")
        .map_or_else(|| PathBuf::from("../config/host.config"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", dotconfig.display());
    let text = fs::read_to_string(&dotconfig)
        .unwrap_or_else(|error| panic!("{}: {error}", dotconfig.display()));
    let mut macros = String::new();
    for line in text.lines().filter(|line| line.starts_with("CONFIG_")) {
        let (name, value) = line.split_once('=').unwrap();
        let value = if value == "y" { "1" } else { value };
        writeln!(macros, "#define {name} {value}").unwrap();
    }
    let path = out_dir().join("autoconf.h");
    fs::write(&path, macros).unwrap();
    path
}

/// The rows behind their markers: `NAME\0...OOOOO\0SSSSS\0`, see `struct row` in the probe.
fn rows(object: &[u8]) -> Layout {
    let mut layout = Layout::new();
    let starts = (0..object.len()).filter(|&at| object[at..].starts_with(MARKER));
    for start in starts {
        let row = &object[start..start + 62];
        let name = row[MARKER.len()..50]
            .split(|&byte| byte == 0)
            .next()
            .unwrap();
        let number = |at: usize| {
            std::str::from_utf8(&row[at..at + 5])
                .unwrap()
                .parse()
                .unwrap()
        };
        let name = String::from_utf8(name.to_vec()).unwrap();
        layout.insert(name, (number(50), number(56)));
    }
    assert!(
        !layout.is_empty(),
        "no rows in the object file of layout_probe.c"
    );
    layout
}

/// `CONTEXT_SOCK_FD: usize` and the like, optional fields as `Option<usize>`; and the error numbers.
fn constants(layout: &Layout) -> (String, String) {
    let (mut items, mut errors) = (String::new(), String::new());
    for (name, (offset, size)) in layout {
        let constant = name.replace('.', "_").to_uppercase();
        if name.starts_with("ERRNO.") {
            let number = constant.trim_start_matches("ERRNO_");
            writeln!(
                errors,
                "/// `{number}`\npub const {number}: c_int = {offset};"
            )
            .unwrap();
        } else if OPTIONAL.contains(&name.as_str()) {
            writeln!(
                items,
                "pub const {constant}: Option<usize> = Some({offset});"
            )
            .unwrap();
        } else if name.contains('.') {
            writeln!(items, "pub const {constant}: usize = {offset};").unwrap();
            writeln!(items, "pub const {constant}_LENGTH: usize = {size};").unwrap();
        } else {
            writeln!(items, "pub const {constant}: usize = {size};").unwrap();
        }
    }
    for name in OPTIONAL.iter().filter(|name| !layout.contains_key(**name)) {
        let constant = name.replace('.', "_").to_uppercase();
        writeln!(items, "pub const {constant}: Option<usize> = None;").unwrap();
    }
    (items, errors)
}

/// Fails when the host's structs differ from Zephyr's on x86-64 in what they share. Compared are,
/// for each field that holds no socket address: its size, and, where the field before it holds
/// none either, the distance between the two. A configuration between the two that were measured
/// (some optional fields, not all) is not compared.
fn compare(layout: &Layout) {
    let table = fs::read_to_string("struct_layout.tsv").unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    let has = |name: &str| layout.contains_key(name);
    let distance = |from: &str, to: &str| layout[to].0 - layout[from].0;
    let context = (
        has("CONTEXT.tls_tag"),
        has("CONTEXT.buffer_client_messages"),
    );
    let message = (
        layout["MESSAGE.out"].1 == 32,
        distance("MESSAGE.reply", "MESSAGE.token") == 16,
    );
    for (name, options) in [("CONTEXT", context), ("MESSAGE", message)] {
        let column = match options {
            (false, false) => 2,
            (true, true) => 3,
            _ => continue,
        };
        let rows = rows
            .iter()
            .filter(|row| row[0] == name && row[column] != "-");
        compare_struct(layout, rows.map(|row| (row[1], row[column])), name);
    }
}

fn compare_struct<'t>(layout: &Layout, rows: impl Iterator<Item = (&'t str, &'t str)>, name: &str) {
    /// Fields with a socket address, or whose length the configuration sets.
    const SIZED_OTHERWISE: &[&str] = &[
        "remote_addr",
        "pendings",
        "replies",
        "validate_buf",
        "msg_data",
    ];
    let mut before: Option<(usize, usize)> = None;
    for (field, measured) in rows {
        let (offset, size) = measured.split_once('/').unwrap();
        let (offset, size): (usize, usize) = (offset.parse().unwrap(), size.parse().unwrap());
        let ours = layout[&format!("{name}.{field}")];
        if let Some((measured_before, ours_before)) = before {
            assert_eq!(
                ours.0 - ours_before,
                offset - measured_before,
                "place of {name}.{field}"
            );
        }
        before = None;
        if !SIZED_OTHERWISE.contains(&field) {
            assert_eq!(ours.1, size, "size of {name}.{field}");
            before = Some((offset, ours.0));
        }
    }
}
