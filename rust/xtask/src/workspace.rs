// SPDX-License-Identifier: Apache-2.0
//! Where things are: the repository, the cargo workspace in it, the folder for what is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, process};

/// The checkout this program was built from.
pub struct Workspace {
    /// The repository's root.
    pub root: PathBuf,
    /// Cargo's target folder, which also takes everything that xtask makes.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo where it builds.
    pub fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        let root = root
            .ok_or("xtask is not two folders below the root")?
            .to_path_buf();
        let metadata = metadata(&root.join("rust/Cargo.toml"))?;
        let target = metadata["target_directory"]
            .as_str()
            .ok_or("cargo names no target folder")?;
        Ok(Self {
            target: PathBuf::from(target),
            root,
        })
    }

    /// Cargo on the host workspace, configured by `rust/config/host.config`.
    pub fn cargo(&self, subcommand: &str) -> Command {
        self.cargo_at(subcommand, "rust/Cargo.toml")
    }

    /// Cargo on the package or workspace of this manifest, configured likewise.
    pub fn cargo_at(&self, subcommand: &str, manifest: &str) -> Command {
        let mut command = cargo();
        command
            .arg(subcommand)
            .arg("--manifest-path")
            .arg(self.root.join(manifest));
        command.env_remove("LWM2M_DOTCONFIG");
        command
    }
}

/// The packages of the workspace at `manifest` and their declared dependencies, as cargo's JSON.
pub fn metadata(manifest: &Path) -> Result<serde_json::Value> {
    let mut command = cargo();
    command.args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--manifest-path",
    ]);
    Ok(serde_json::from_str(&process::output(
        command.arg(manifest),
    )?)?)
}

/// The cargo that runs this program.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
