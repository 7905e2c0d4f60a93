// SPDX-License-Identifier: Apache-2.0
//! `functions.tsv`: the declarations by the C compiler, the definitions by `nm`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::compiler::{self, Probe};
use super::judge::{Finding, Listed, Verdict};
use super::table::{Row, Table};
use super::{Configurations, TABLES};
use crate::{Result, Workspace, process};

/// The topic of functions that only the C implementation's own files call.
const INTERNAL: &str = "internal: ";

/// Looks for every function in the headers and in the library.
pub fn find(
    workspace: &Workspace,
    configurations: &Configurations,
    library: &Path,
) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.functions)?;
    let rows = rows(&table)?;
    let probes: Vec<Probe> = rows.iter().map(probe).collect();
    let declared = compiler::judge(workspace, &configurations.both(), &probes)?;
    let symbols = symbols(library)?;
    let finding = |(row, declared): (&Row, Verdict)| Finding {
        name: row.get("name").into(),
        found: declared.and_then(|()| defined(row, &symbols)),
    };
    Ok(rows.iter().zip(declared).map(finding).collect())
}

/// A function may be left out as internal only if nothing of Zephyr's own refers to it.
pub fn wrongly_internal(workspace: &Workspace, listed: &Listed) -> Result<Vec<String>> {
    let table = Table::read(workspace, TABLES.functions)?;
    let internal = |row: &Row| {
        let reason = listed.reason("functions", row.get("name"));
        reason.is_some_and(|reason| reason.starts_with(INTERNAL))
    };
    let wrong = |row: &Row| internal(row) && (row.some("used_in").is_some() || public(row));
    let rows = rows(&table)?.into_iter().filter(wrong);
    Ok(rows
        .map(|row| {
            format!(
                "{} is not internal: {}",
                row.get("name"),
                row.get("used_in")
            )
        })
        .collect())
}

fn rows(table: &Table) -> Result<Vec<Row<'_>>> {
    table.with(&[
        "tier",
        "header",
        "name",
        "prototype",
        "declared_when",
        "defined_when",
        "used_in",
    ])
}

fn public(row: &Row) -> bool {
    row.get("tier") == "public"
}

/// The function must be declared before, and the prototype must not conflict.
fn probe<'a>(row: &Row<'a>) -> Probe<'a> {
    let (name, prototype) = (row.get("name"), row.get("prototype"));
    Probe {
        header: row.get("header"),
        condition: row.some("declared_when"),
        lines: vec![format!(
            "extern __typeof__({name}) *parity_{name}; {prototype};"
        )],
    }
}

/// Inline functions are defined where they are declared; of those that Zephyr declares only, the
/// public one is defined here.
fn defined(row: &Row, symbols: &BTreeSet<String>) -> Verdict {
    let inline = row.get("prototype").starts_with("static inline ");
    let never = row.get("defined_when") == "never" && !public(row);
    if inline || never || symbols.contains(row.get("name")) {
        Ok(())
    } else {
        Err("the library has no such symbol".into())
    }
}

/// What the library defines.
fn symbols(library: &Path) -> Result<BTreeSet<String>> {
    let mut nm = Command::new("nm");
    let listing = process::output(nm.args(["--format=posix", "--defined-only"]).arg(library))?;
    let names = listing.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_asked_for_where_there_has_to_be_one() {
        let cases = [
            ("public", "int f(void)", "-", false),
            ("public", "int f(void)", "never", false),
            ("author", "int f(void)", "-", false),
            ("author", "int f(void)", "never", true),
            ("author", "static inline int f(void)", "-", true),
            ("author", "int g(void)", "-", true),
        ];
        let symbols = BTreeSet::from(["g".to_string()]);
        for (tier, prototype, when, expected) in cases {
            let name = &prototype[prototype.len() - 7..prototype.len() - 6];
            let table = Table::parse(&format!(
                "tier\tname\tprototype\tdefined_when\n{tier}\t{name}\t{prototype}\t{when}\n"
            ));
            let table = table.unwrap();
            let row = table.rows().next().unwrap();
            assert_eq!(defined(&row, &symbols).is_ok(), expected, "{prototype}");
        }
    }
}
