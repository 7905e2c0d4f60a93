// SPDX-License-Identifier: Apache-2.0
//! Compiles C programs against `include/` and the static library.

use std::path::{Path, PathBuf};

use crate::kconfig::Configuration;
use crate::{Result, Workspace, process, tools};

/// What every C file of this project is held to.
pub const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Werror"];

/// What a Rust static library asks of the system.
const SYSTEM_LIBRARIES: &[&str] = if cfg!(target_os = "macos") {
    &["-framework", "CoreFoundation", "-framework", "Security"]
} else {
    &["-lpthread", "-lm", "-ldl"]
};

/// A C program to make.
pub struct Program<'a> {
    /// Its C files.
    pub sources: &'a [PathBuf],
    /// What it is configured with; the library must be built from the same.
    pub configuration: &'a Configuration,
    /// `liblwm2m.a`.
    pub library: &'a Path,
    /// Further flags, for compiling and linking alike, such as `-fsanitize=address`.
    pub flags: &'a [String],
    /// The program's file.
    pub output: &'a Path,
}

/// Compiles and links `program`, with the autoconf.h before its first line as Zephyr does it.
pub fn link(workspace: &Workspace, program: &Program) -> Result<()> {
    let mut compiler = tools::c_compiler()?;
    compiler
        .args(["-std=gnu17", "-O1", "-g"])
        .args(WARNINGS)
        .args(program.flags);
    compiler.arg("-I").arg(workspace.root.join("include"));
    compiler
        .arg("-imacros")
        .arg(&program.configuration.autoconf);
    compiler
        .args(program.sources)
        .arg(program.library)
        .args(SYSTEM_LIBRARIES);
    process::run(compiler.arg("-o").arg(program.output))
}
