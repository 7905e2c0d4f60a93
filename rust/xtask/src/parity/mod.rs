// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask parity`: holds the library against the facts of Zephyr's interface. Each row of the
//! tables in `parity/` is implemented, or listed in `parity/listed.tsv` with its reason.

mod compiler;
mod functions;
mod judge;
mod layouts;
mod macros;
mod objects;
mod sources;
mod table;
mod types;

use std::fs;
use std::path::Path;

use crate::kconfig::{self, Configuration, Request};
use crate::{Command, Result, Workspace, build_host};
use judge::{Finding, Listed, Report, judge};
use sources::Sources;

pub const COMMAND: Command = Command {
    name: "parity",
    usage: "[TABLE...]",
    help: "Hold the library against the tables of Zephyr's interface, all of them or those named",
    run,
};

/// Where the tables are, below the repository's root.
struct Tables {
    functions: &'static str,
    macros: &'static str,
    types: &'static str,
    layouts: [&'static str; 3],
    kconfig: &'static str,
    objects: &'static str,
    resources: &'static str,
    events: &'static str,
    log_lines: &'static str,
    shell: &'static str,
}

const TABLES: Tables = Tables {
    functions: "parity/functions.tsv",
    macros: "parity/macros.tsv",
    types: "parity/types.tsv",
    layouts: [
        "rust/registry/struct_layout.tsv",
        "rust/capi/struct_layout.tsv",
        "parity/layouts.tsv",
    ],
    kconfig: "rust/config/symbols.tsv",
    objects: "parity/objects.tsv",
    resources: "rust/objects/objects.tsv",
    events: "parity/events.tsv",
    log_lines: "parity/log_lines.tsv",
    shell: "parity/shell.tsv",
};

/// What is left out, and why.
const LISTED: &str = "parity/listed.tsv";

/// Where a reader finds it explained.
const EXPLAINED: &str = "docs/compatibility.md";

/// The configurations in which rows are looked for.
struct Configurations {
    /// Every feature; the library is built with it.
    everything: Configuration,
    /// None: the other side of every condition.
    least: Configuration,
    /// As the sample has it: what the layouts were measured with first.
    plain: Configuration,
}

impl Configurations {
    fn load(workspace: &Workspace) -> Result<Self> {
        let load = |name: &str| {
            kconfig::load(
                workspace,
                &Request {
                    configurations: &[workspace.root.join(format!("parity/{name}.conf"))],
                    application: None,
                    output: &workspace.target.join("parity").join(name),
                },
            )
        };
        Ok(Self {
            everything: load("everything")?,
            least: load("least")?,
            plain: load("plain")?,
        })
    }

    /// Those between which every condition holds once.
    fn both(&self) -> [&Configuration; 2] {
        [&self.everything, &self.least]
    }
}

/// What the checks stand on.
struct Ground<'a> {
    workspace: &'a Workspace,
    configurations: Configurations,
    library: &'a Path,
    sources: Sources,
}

/// A table, and how its rows are found.
type Check = (&'static str, fn(&Ground) -> Result<Vec<Finding>>);

const CHECKS: &[Check] = &[
    ("functions", |ground| {
        functions::find(ground.workspace, &ground.configurations, ground.library)
    }),
    ("macros", |ground| {
        macros::find(ground.workspace, &ground.configurations)
    }),
    ("types", |ground| {
        types::find(ground.workspace, &ground.configurations)
    }),
    ("layouts", |ground| {
        layouts::find(ground.workspace, &ground.configurations)
    }),
    ("kconfig", |ground| {
        sources::find_kconfig(ground.workspace, &ground.sources)
    }),
    ("objects", |ground| {
        objects::find(ground.workspace, &ground.configurations, ground.library)
    }),
    ("resources", |ground| {
        objects::find_resources(ground.workspace, &ground.configurations, ground.library)
    }),
    ("events", |ground| {
        macros::find_events(ground.workspace, &ground.configurations)
    }),
    ("log lines", |ground| {
        sources::find_log_lines(ground.workspace, &ground.sources)
    }),
    ("shell", |ground| sources::find_shell(ground.workspace)),
];

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (_, failed) = check(workspace, arguments)?;
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} rows are not as they must be").into()),
    }
}

/// Checks the tables, all of them or those named, and prints how each fared. Returns the number of
/// rows that are implemented or listed, and of those in the wrong.
pub fn check(workspace: &Workspace, names: &[String]) -> Result<(u32, u32)> {
    let tables: Vec<&str> = CHECKS.iter().map(|(table, _)| *table).collect();
    if let Some(stranger) = names.iter().find(|name| !tables.contains(&name.as_str())) {
        return Err(format!("`{stranger}` is none of {}", tables.join(", ")).into());
    }
    let listed = Listed::parse(&fs::read_to_string(workspace.root.join(LISTED))?);
    let listed = listed.map_err(|error| format!("{LISTED}: {error}"))?;
    let configurations = Configurations::load(workspace)?;
    let folder = workspace.target.join("parity");
    let library = build_host::static_library(workspace, &configurations.everything, &folder)?;
    let ground = Ground {
        workspace,
        configurations,
        library: &library,
        sources: Sources::read(workspace)?,
    };
    let mut reports = vec![("list", about_the_list(workspace, &listed, &tables)?)];
    let chosen = |(table, _): &&Check| names.is_empty() || names.iter().any(|name| name == table);
    for (table, find) in CHECKS.iter().filter(chosen) {
        if *table == "layouts" && !cfg!(target_arch = "x86_64") {
            println!("parity: layouts were not measured for this architecture");
            continue;
        }
        reports.push((table, judge(table, &find(&ground)?, &listed)));
    }
    Ok(print(&reports))
}

/// What is wrong with the list as a whole.
fn about_the_list(workspace: &Workspace, listed: &Listed, tables: &[&str]) -> Result<Report> {
    let document = fs::read_to_string(workspace.root.join(EXPLAINED))?;
    let mut problems = listed.strangers(tables);
    problems.extend(unexplained(listed, &document));
    problems.extend(functions::wrongly_internal(workspace, listed)?);
    Ok(Report {
        problems,
        ..Report::default()
    })
}

/// Topics that the document does not mention.
fn unexplained(listed: &Listed, document: &str) -> Vec<String> {
    let plain = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").to_lowercase()
    };
    let document = plain(document);
    let topics = listed.topics().into_iter();
    let silent = topics.filter(|topic| !document.contains(&plain(topic)));
    silent
        .map(|topic| format!("{EXPLAINED} says nothing about `{topic}`"))
        .collect()
}

/// Prints the problems, then the counts.
fn print(reports: &[(&str, Report)]) -> (u32, u32) {
    let mut counts = (0, 0);
    let mut lines = format!(
        "{:12}{:>12}{:>8}{:>8}\n",
        "table", "implemented", "listed", "wrong"
    );
    for (table, report) in reports {
        let wrong = report.problems.len();
        for problem in &report.problems {
            println!("parity: {table}: {problem}");
        }
        lines += &format!(
            "{table:12}{:12}{:8}{wrong:8}\n",
            report.implemented, report.listed
        );
        counts.0 += report.implemented + report.listed;
        counts.1 += u32::try_from(wrong).unwrap_or(u32::MAX);
    }
    println!("\n{lines}");
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_must_be_in_the_document() {
        let listed = Listed::parse(
            "table\tname\treason\nshell\ta\tblock-wise transfer: x\nshell\tb\tthe shell: y\n",
        );
        let missing = unexplained(&listed.unwrap(), "There is no\n**Block-wise\ntransfer**.");
        assert_eq!(missing, ["docs/compatibility.md says nothing about `the shell`"]);
    }

    #[test]
    fn what_is_wrong_is_counted_apart() {
        let report = |implemented, listed, problems: &[&str]| Report {
            implemented,
            listed,
            problems: problems.iter().map(ToString::to_string).collect(),
        };
        let reports = [
            ("macros", report(3, 1, &[])),
            ("shell", report(0, 2, &["lwm2m send is missing"])),
        ];
        assert_eq!(print(&reports), (6, 1));
    }
}
