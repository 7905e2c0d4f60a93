// SPDX-License-Identifier: Apache-2.0
//! The Kconfig mirror in `kconfig/`, read with kconfiglib by `kconfig/load.py`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, Workspace, process, tools};

/// What to configure.
pub struct Request<'a> {
    /// `prj.conf` and overlays; a later one overrides.
    pub configurations: &'a [PathBuf],
    /// The application's own Kconfig, which says `source "Kconfig.zephyr"`.
    pub application: Option<&'a Path>,
    /// The folder that takes `.config` and `autoconf.h`.
    pub output: &'a Path,
}

/// A loaded configuration.
pub struct Configuration {
    /// For Rust: goes into the variable `LWM2M_DOTCONFIG`.
    pub dotconfig: PathBuf,
    /// For C: goes into `-imacros`.
    pub autoconf: PathBuf,
}

/// Loads a configuration. Unknown symbols, values out of range and assignments without effect are
/// errors.
pub fn load(workspace: &Workspace, request: &Request) -> Result<Configuration> {
    fs::create_dir_all(request.output)?;
    let configuration = Configuration {
        dotconfig: request.output.join(".config"),
        autoconf: request.output.join("autoconf.h"),
    };
    let mut command = loader(workspace)?;
    command.arg("--config-out").arg(&configuration.dotconfig);
    command.arg("--header-out").arg(&configuration.autoconf);
    if let Some(application) = request.application {
        command
            .arg("--kconfig")
            .arg(std::path::absolute(application)?);
    }
    process::output(command.arg("--").args(request.configurations))?;
    Ok(configuration)
}

/// The LwM2M symbols as the mirror defines them, in the columns of `rust/config/symbols.tsv`.
fn describe(workspace: &Workspace) -> Result<String> {
    process::output(loader(workspace)?.arg("--describe"))
}

fn loader(workspace: &Workspace) -> Result<Command> {
    let mut command = Command::new(tools::python(workspace, &[tools::KCONFIGLIB])?);
    // No `__pycache__` beside the script.
    command
        .arg("-B")
        .arg(workspace.root.join("kconfig/load.py"));
    Ok(command)
}

/// Where the mirror and `rust/config/symbols.tsv` differ: `+` is only in the mirror, `-` only in
/// the table.
pub fn differences(workspace: &Workspace) -> Result<Vec<String>> {
    let mirror = describe(workspace)?;
    let table = fs::read_to_string(workspace.root.join("rust/config/symbols.tsv"))?;
    let table: Vec<&str> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let mirror: Vec<&str> = mirror.lines().collect();
    let extra = mirror
        .iter()
        .filter(|row| !table.contains(row))
        .map(|row| format!("+ {row}"));
    let missing = table
        .iter()
        .filter(|row| !mirror.contains(row))
        .map(|row| format!("- {row}"));
    Ok(extra.chain(missing).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads `text` as a prj.conf; gives the `.config` and the autoconf.h.
    fn configure(test: &str, text: &str) -> Result<(String, String)> {
        let workspace = Workspace::locate()?;
        let output = workspace.target.join("xtask/tests").join(test);
        fs::create_dir_all(&output)?;
        let configurations = [output.join("prj.conf")];
        fs::write(&configurations[0], text)?;
        let request = Request {
            configurations: &configurations,
            application: None,
            output: &output,
        };
        let configuration = load(&workspace, &request)?;
        Ok((
            fs::read_to_string(configuration.dotconfig)?,
            fs::read_to_string(configuration.autoconf)?,
        ))
    }

    fn refusal(test: &str, text: &str) -> String {
        match configure(test, text) {
            Ok(_) => panic!("{text} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    const ON: &str = "CONFIG_NETWORKING=y\nCONFIG_LWM2M=y\n";

    #[test]
    fn the_mirror_agrees_with_the_table_row_by_row() {
        let workspace = Workspace::locate().unwrap();
        let differences = differences(&workspace).unwrap();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    #[test]
    fn the_table_has_every_symbol_of_the_subsystem() {
        let workspace = Workspace::locate().unwrap();
        let table = fs::read_to_string(workspace.root.join("rust/config/symbols.tsv")).unwrap();
        let theirs = |line: &&str| line.starts_with("LWM2M") && !line.starts_with("LWM2M_RUST");
        assert_eq!(table.lines().filter(theirs).count(), 171);
    }

    #[test]
    fn defaults_follow_what_they_depend_on() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                "plain",
                "",
                &["LWM2M_COAP_MAX_MSG_SIZE=1232", "LWM2M_RW_OMA_TLV_SUPPORT=y"],
            ),
            (
                "dtls",
                "CONFIG_LWM2M_DTLS_SUPPORT=y\n",
                &["LWM2M_COAP_MAX_MSG_SIZE=1195"],
            ),
            (
                "cid",
                "CONFIG_LWM2M_DTLS_SUPPORT=y\nCONFIG_MBEDTLS_SSL_DTLS_CONNECTION_ID=y\n",
                &["LWM2M_DTLS_CID=y", "LWM2M_COAP_MAX_MSG_SIZE=1187"],
            ),
            (
                "bootstrap",
                "CONFIG_LWM2M_RD_CLIENT_SUPPORT_BOOTSTRAP=y\n",
                &[
                    "LWM2M_SECURITY_INSTANCE_COUNT=2",
                    "LWM2M_SERVER_INSTANCE_COUNT=2",
                ],
            ),
            (
                "version",
                "CONFIG_LWM2M_VERSION_1_1=y\n",
                &[
                    "ZCBOR=y",
                    "LWM2M_RW_CBOR_SUPPORT=y",
                    "LWM2M_SERVER_OBJECT_VERSION_1_1=y",
                    "LWM2M_SECURITY_DTLS_TLS_CIPHERSUITE_MAX=5",
                ],
            ),
            (
                "wake",
                "CONFIG_ZVFS_EVENTFD=y\nCONFIG_ZVFS_EVENTFD_MAX=2\n",
                &["LWM2M_TICKLESS=y"],
            ),
            (
                "own",
                "CONFIG_LWM2M_COAP_MAX_MSG_SIZE=4096\n",
                &[
                    "LWM2M_RUST=y",
                    "LWM2M_RUST_ARENA_SIZE=4096",
                    "LWM2M_RUST_INDEX_SIZE=64",
                    "LWM2M_RUST_DEDUPLICATION=4",
                ],
            ),
        ];
        for (name, text, expected) in cases {
            let (dotconfig, _) = configure(name, &format!("{ON}{text}")).unwrap();
            for assignment in *expected {
                let line = format!("CONFIG_{assignment}");
                assert!(
                    dotconfig.lines().any(|found| found == line),
                    "{line} with {name}"
                );
            }
        }
    }

    #[test]
    fn c_sees_the_configuration_as_zephyr_writes_it() {
        let (_, autoconf) = configure("header", ON).unwrap();
        let lines: Vec<&str> = autoconf.lines().collect();
        for expected in [
            "#define CONFIG_LWM2M 1",
            "#define CONFIG_LWM2M_COAP_BLOCK_SIZE 512",
        ] {
            assert!(lines.contains(&expected), "{expected}");
        }
        assert!(!autoconf.contains("LWM2M_DTLS_SUPPORT"));
    }

    #[test]
    fn a_later_file_overrides_an_earlier_one() {
        let workspace = Workspace::locate().unwrap();
        let output = workspace.target.join("xtask/tests/overlay");
        fs::create_dir_all(&output).unwrap();
        let configurations = [output.join("prj.conf"), output.join("overlay.conf")];
        fs::write(
            &configurations[0],
            format!("{ON}CONFIG_LWM2M_PEER_PORT=1\n"),
        )
        .unwrap();
        fs::write(&configurations[1], "CONFIG_LWM2M_PEER_PORT=2\n").unwrap();
        let request = Request {
            configurations: &configurations,
            application: None,
            output: &output,
        };
        let configuration = load(&workspace, &request).unwrap();
        let dotconfig = fs::read_to_string(configuration.dotconfig).unwrap();
        assert!(dotconfig.contains("CONFIG_LWM2M_PEER_PORT=2\n"));
    }

    #[test]
    fn an_application_brings_symbols_of_its_own() {
        let workspace = Workspace::locate().unwrap();
        let output = workspace.target.join("xtask/tests/application");
        fs::create_dir_all(&output).unwrap();
        let application = output.join("Kconfig");
        fs::write(
            &application,
            "config MINE\n\tint \"mine\"\n\nsource \"Kconfig.zephyr\"\n",
        )
        .unwrap();
        let configurations = [output.join("prj.conf")];
        fs::write(&configurations[0], format!("{ON}CONFIG_MINE=7\n")).unwrap();
        let request = Request {
            configurations: &configurations,
            application: Some(&application),
            output: &output,
        };
        let configuration = load(&workspace, &request).unwrap();
        let dotconfig = fs::read_to_string(configuration.dotconfig).unwrap();
        assert!(dotconfig.contains("CONFIG_MINE=7\n") && dotconfig.contains("CONFIG_LWM2M=y\n"));
    }

    #[test]
    fn an_assignment_that_is_not_honoured_is_refused() {
        let cases = [
            ("unknown", "CONFIG_LWM2M_NO_SUCH=y\n", "LWM2M_NO_SUCH"),
            (
                "range",
                "CONFIG_LWM2M_COAP_BLOCK_SIZE=2048\n",
                "its range is 64 to 1024",
            ),
            (
                "type",
                "CONFIG_LWM2M_PEER_PORT=many\n",
                "'many' is invalid for LWM2M_PEER_PORT",
            ),
            (
                "dependency",
                "CONFIG_LWM2M_RW_SENML_CBOR_SUPPORT=y\n",
                "became 'n'; it depends on ZCBOR and ZCBOR_CANONICAL",
            ),
            (
                "hidden",
                "CONFIG_LWM2M_QUEUE_MODE_UPTIME=5\n",
                "LWM2M_QUEUE_MODE_UPTIME: set to '5'",
            ),
            ("derived", "CONFIG_LWM2M_LOG_LEVEL=3\n", "cannot be set"),
            (
                "choice",
                "CONFIG_LWM2M_TICKLESS=y\n",
                "LWM2M_INTERVAL is chosen",
            ),
            (
                "selected",
                "CONFIG_COAP=n\n",
                "CONFIG_COAP: set to 'n' but became 'y'",
            ),
        ];
        for (name, text, expected) in cases {
            let error = refusal(name, &format!("{ON}{text}"));
            assert!(error.contains(expected), "{name}: {error}");
        }
    }
}
