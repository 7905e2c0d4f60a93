// SPDX-License-Identifier: Apache-2.0
//! Programs that the project needs and does not bring: found on the machine, or installed below the
//! target folder by the package manager they belong to, once, so that later runs need no network.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use crate::{Result, Workspace, process};

/// A Python package in the version this project is tested with.
pub struct PythonPackage {
    /// As pip knows it.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
}

/// Reads Kconfig files.
pub const KCONFIGLIB: PythonPackage = PythonPackage {
    name: "kconfiglib",
    version: "14.1.0",
};

/// Tests run in parallel and must not install the same thing twice.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A Python that can import `packages`: a virtual environment below the target folder.
pub fn python(workspace: &Workspace, packages: &[PythonPackage]) -> Result<PathBuf> {
    let _guard = INSTALLING
        .lock()
        .map_err(|_| "installing a Python package failed before")?;
    let environment = workspace.target.join("xtask/python");
    let python = environment.join("bin/python3");
    // The interpreter is there before pip is: only this file says that both are.
    let complete = environment.join("complete");
    if !complete.exists() {
        println!(
            "xtask: making a Python environment in {} ...",
            environment.display()
        );
        // What an interrupted run left behind cannot be trusted.
        let _ = fs::remove_dir_all(&environment);
        let mut venv = Command::new("python3");
        process::output(venv.args(["-m", "venv"]).arg(&environment)).map_err(|error| {
            format!("{error}\nPython 3 with its venv module is needed (python3-venv on Debian)")
        })?;
        fs::write(complete, "")?;
    }
    for package in packages {
        if !has(&python, package) {
            println!(
                "xtask: installing {} {} with pip ...",
                package.name, package.version
            );
            let mut pip = Command::new(&python);
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]);
            process::output(pip.arg(format!("{}=={}", package.name, package.version)))?;
        }
    }
    Ok(python)
}

fn has(python: &PathBuf, package: &PythonPackage) -> bool {
    let ask = format!(
        "import importlib.metadata as m; print(m.version('{}'))",
        package.name
    );
    let answer = process::output(Command::new(python).args(["-c", &ask]));
    answer.is_ok_and(|version| version.trim() == package.version)
}

/// The C compiler: what the variable `CC` names, else `cc`.
pub fn c_compiler() -> Result<Command> {
    let named = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    // CC may carry options, as in `ccache gcc`.
    let mut words = named.split_whitespace();
    let compiler = || {
        let mut command = Command::new(words.next().unwrap_or("cc"));
        command.args(words);
        command
    };
    let mut command = compiler();
    let mut probe = Command::new(command.get_program());
    process::output(probe.args(command.get_args()).arg("--version"))
        .map_err(|error| format!("{error}\nA C compiler is needed (`cc`, or name one in CC)"))?;
    command.env_remove("CFLAGS");
    Ok(command)
}

/// Whether a C++ compiler is here, which libFuzzer is built with.
pub fn cxx_compiler() -> Result<()> {
    let named = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
    process::output(Command::new(named).arg("--version"))
        .map(drop)
        .map_err(|error| format!("{error}\nA C++ compiler is needed to build libFuzzer").into())
}

/// Whether Java and Maven are here, which Leshan needs.
pub fn java_and_maven() -> Result<()> {
    for (program, argument) in [("java", "-version"), ("mvn", "-version")] {
        process::output(Command::new(program).arg(argument))
            .map_err(|error| format!("{error}\nJava and Maven are needed to run Leshan"))?;
    }
    Ok(())
}

/// Callgrind, which counts instructions. Where there is none and Debian's packages can be
/// installed, it is.
pub fn valgrind() -> Result<()> {
    let ask = || process::output(Command::new("valgrind").arg("--version"));
    if ask().is_err() {
        println!("xtask: installing valgrind ...");
        let _ = process::output(Command::new("apt-get").arg("update"));
        let _ = process::output(Command::new("apt-get").args(["install", "-y", "valgrind"]));
    }
    ask()
        .map(drop)
        .map_err(|error| format!("{error}\nvalgrind is needed to count instructions").into())
}
