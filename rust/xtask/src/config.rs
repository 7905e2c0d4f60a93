// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask config`: from `prj.conf` files to `.config` and `autoconf.h`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::kconfig::{self, Configuration, Request};
use crate::{Command, Result, Workspace};

pub const COMMAND: Command = Command {
    name: "config",
    usage: "[--kconfig FILE] [--output FOLDER] [FILE.conf...]",
    help: "Load prj.conf files into .config and autoconf.h; without any, renew rust/config/host.config",
    run,
};

/// Arguments that every command with a configuration takes.
pub struct Selection {
    configurations: Vec<PathBuf>,
    application: Option<PathBuf>,
    output: Option<PathBuf>,
    /// What is none of ours, in order.
    pub rest: Vec<String>,
}

impl Selection {
    /// Sorts the arguments: options, `*.conf` files, anything else.
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut selection = Self {
            configurations: vec![],
            application: None,
            output: None,
            rest: vec![],
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || -> Result<Option<PathBuf>> {
                let value = arguments
                    .next()
                    .ok_or(format!("{argument} names nothing"))?;
                Ok(Some(std::path::absolute(value)?))
            };
            match argument.as_str() {
                "--kconfig" => selection.application = value()?,
                "--output" => selection.output = value()?,
                file if file.ends_with(".conf") => {
                    selection.configurations.push(std::path::absolute(file)?);
                }
                _ => selection.rest.push(argument.clone()),
            }
        }
        Ok(selection)
    }

    /// The folder that takes what is made: the one asked for, else one below the target folder
    /// named after the application's.
    pub fn output(&self, workspace: &Workspace) -> PathBuf {
        let application = self
            .configurations
            .first()
            .and_then(|file| file.parent()?.file_name());
        self.output.clone().unwrap_or_else(|| {
            workspace
                .target
                .join("host")
                .join(application.unwrap_or("default".as_ref()))
        })
    }

    /// Loads the configuration; `rust/config/host.conf` when none was named.
    pub fn load(&self, workspace: &Workspace) -> Result<Configuration> {
        let default = [host_conf(workspace)];
        let configurations = if self.configurations.is_empty() {
            &default[..]
        } else {
            &self.configurations
        };
        let output = self.output(workspace);
        let application = self.application.as_deref();
        kconfig::load(
            workspace,
            &Request {
                configurations,
                application,
                output: &output,
            },
        )
    }
}

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let selection = Selection::parse(arguments)?;
    if let Some(argument) = selection.rest.first() {
        return Err(format!("`{argument}` is neither an option nor a .conf file").into());
    }
    if selection.configurations.is_empty() {
        let path = host_config(workspace);
        fs::write(&path, default_configuration(workspace)?)?;
        println!("{}", path.display());
        return Ok(());
    }
    let configuration = selection.load(workspace)?;
    println!(
        "{}\n{}",
        configuration.dotconfig.display(),
        configuration.autoconf.display()
    );
    Ok(())
}

/// Fails if `rust/config/host.config` is not what `cargo xtask config` would write.
pub fn check_default(workspace: &Workspace) -> Result<()> {
    let path = host_config(workspace);
    if fs::read_to_string(&path).unwrap_or_default() == default_configuration(workspace)? {
        return Ok(());
    }
    Err(format!(
        "{} is out of date: run `cargo xtask config`",
        path.display()
    )
    .into())
}

/// The configuration that the crates are built with when nothing else is asked for.
fn default_configuration(workspace: &Workspace) -> Result<String> {
    let configuration = kconfig::load(
        workspace,
        &Request {
            configurations: &[host_conf(workspace)],
            application: None,
            output: &workspace.target.join("host/default"),
        },
    )?;
    let heading = "# SPDX-License-Identifier: Apache-2.0\n\
        # Written by `cargo xtask config` from host.conf. Do not edit.\n";
    Ok(format!(
        "{heading}{}",
        fs::read_to_string(configuration.dotconfig)?
    ))
}

fn host_conf(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("host.conf")
}

/// The configuration that the crates are built with when nothing else is asked for.
pub fn host_config(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("host.config")
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join(Path::new("rust/config"))
}
