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
pub mod table;
mod types;

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::kconfig::{self, Configuration, Request};
use crate::{Command, Result, Workspace, build_host};
use judge::{Finding, Listed, Report, judge};
use sources::Sources;

pub const COMMAND: Command = Command {
    name: "parity",
    usage: "[--drop] [TABLE...]",
    help: "Hold the library against the tables of Zephyr's interface; --drop takes off the list what is there by now",
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

/// The option that shortens it.
const DROP: &str = "--drop";

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
    library: OnceCell<PathBuf>,
    sources: Sources,
}

impl Ground<'_> {
    /// The library with everything on, built when it is first asked for.
    fn library(&self) -> Result<&Path> {
        if let Some(library) = self.library.get() {
            return Ok(library);
        }
        let folder = self.workspace.target.join("parity");
        let configuration = &self.configurations.everything;
        let library = build_host::static_library(self.workspace, configuration, &folder)?;
        Ok(self.library.get_or_init(|| library))
    }
}

/// A table, and how its rows are found.
type Check = (&'static str, fn(&Ground) -> Result<Vec<Finding>>);

const CHECKS: &[Check] = &[
    ("functions", |ground| {
        functions::find(ground.workspace, &ground.configurations, ground.library()?)
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
        objects::find(ground.workspace, &ground.configurations, ground.library()?)
    }),
    ("resources", |ground| {
        objects::find_resources(ground.workspace, &ground.configurations, ground.library()?)
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
    let (options, names): (Vec<_>, Vec<_>) = arguments
        .iter()
        .cloned()
        .partition(|argument| argument == DROP);
    let found = find(workspace, &names)?;
    if !options.is_empty() {
        drop_implemented(workspace, &found)?;
    }
    match judge_all(workspace, &found)? {
        (_, 0) => Ok(()),
        (_, failed) => Err(format!("{failed} rows are not as they must be").into()),
    }
}

/// Checks all tables and prints how each fared. Returns the number of rows that are implemented, and
/// of those in the wrong; what is listed is neither.
pub fn check(workspace: &Workspace) -> Result<(u32, u32)> {
    judge_all(workspace, &find(workspace, &[])?)
}

/// The rows of a table.
type Found = (&'static str, Vec<Finding>);

/// Looks for the rows of every table, or of those named.
fn find(workspace: &Workspace, names: &[String]) -> Result<Vec<Found>> {
    let tables = tables();
    if let Some(stranger) = names.iter().find(|name| !tables.contains(&name.as_str())) {
        return Err(format!("`{stranger}` is none of {}", tables.join(", ")).into());
    }
    let configurations = Configurations::load(workspace)?;
    let ground = Ground {
        workspace,
        configurations,
        library: OnceCell::new(),
        sources: Sources::read(workspace)?,
    };
    let chosen = |(table, _): &&Check| names.is_empty() || names.iter().any(|name| name == table);
    let mut found = Vec::new();
    for (table, find) in CHECKS.iter().filter(chosen) {
        if *table == "layouts" && !cfg!(target_arch = "x86_64") {
            println!("parity: layouts were not measured for this architecture");
        } else {
            found.push((*table, find(&ground)?));
        }
    }
    Ok(found)
}

fn tables() -> Vec<&'static str> {
    CHECKS.iter().map(|(table, _)| *table).collect()
}

/// Holds what was found against the list.
fn judge_all(workspace: &Workspace, found: &[Found]) -> Result<(u32, u32)> {
    let listed = Listed::parse(&fs::read_to_string(workspace.root.join(LISTED))?);
    let listed = listed.map_err(|error| format!("{LISTED}: {error}"))?;
    let mut reports = vec![("list", about_the_list(workspace, &listed)?)];
    for (table, findings) in found {
        reports.push((table, judge(table, findings, &listed)));
    }
    Ok(print(&reports))
}

/// Takes off the list what is there.
fn drop_implemented(workspace: &Workspace, found: &[Found]) -> Result<()> {
    let path = workspace.root.join(LISTED);
    let mut text = fs::read_to_string(&path)?;
    for (table, findings) in found {
        text = judge::without_implemented(&text, table, findings);
    }
    Ok(fs::write(path, text)?)
}

/// What is wrong with the list as a whole.
fn about_the_list(workspace: &Workspace, listed: &Listed) -> Result<Report> {
    let document = fs::read_to_string(workspace.root.join(EXPLAINED))?;
    let mut problems = listed.strangers(&tables());
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
        counts.0 += report.implemented;
        counts.1 += u32::try_from(wrong).unwrap_or(u32::MAX);
    }
    println!("\n{lines}");
    counts
}

#[cfg(test)]
mod tests {
    use super::table::Table;
    use super::*;

    #[test]
    fn a_topic_must_be_in_the_document() {
        let listed = Listed::parse(
            "table\tname\treason\nshell\ta\tblock-wise transfer: x\nshell\tb\tthe shell: y\n",
        );
        let missing = unexplained(&listed.unwrap(), "There is no\n**Block-wise\ntransfer**.");
        assert_eq!(
            missing,
            ["docs/compatibility.md says nothing about `the shell`"]
        );
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
        assert_eq!(print(&reports), (3, 1));
    }

    #[test]
    fn the_tables_have_all_rows_of_the_interface() {
        let workspace = Workspace::locate().unwrap();
        let rows = |path: &str| Table::read(&workspace, path).unwrap().rows().count();
        let layouts: usize = TABLES.layouts.into_iter().map(rows).sum();
        let counts = [
            rows(TABLES.functions),
            rows(TABLES.macros),
            rows(TABLES.types),
            layouts,
            rows(TABLES.objects),
            rows(TABLES.events),
            rows(TABLES.log_lines),
            rows(TABLES.shell),
        ];
        assert_eq!(counts, [279, 362, 46, 267, 27, 27, 6, 16]);
        let functions = Table::read(&workspace, TABLES.functions).unwrap();
        let public = functions.rows().filter(|row| row.get("tier") == "public");
        assert_eq!(public.count(), 84);
    }
}
