// SPDX-License-Identifier: Apache-2.0
//! `macros.tsv` and `events.tsv`: each macro and constant is used, each value compared, by the
//! C compiler.

use super::compiler::{self, Probe};
use super::judge::{Finding, Verdict};
use super::table::Table;
use super::{Configurations, TABLES};
use crate::{Result, Workspace};

/// Uses every macro and constant.
pub fn find(workspace: &Workspace, configurations: &Configurations) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.macros)?;
    let rows = table.with(&["header", "name", "condition", "use"])?;
    let probe = |row: &super::table::Row<'_>| {
        // A compiler would take an undefined macro for a function, or for nothing.
        let name = row.get("name");
        let mut lines = vec![row.get("use").to_string()];
        if row.get("kind").starts_with("macro") {
            let missing = format!("_Static_assert(0, \"no macro {name}\");");
            let guard = [format!("#ifndef {name}"), missing, "#endif".into()];
            lines.splice(0..0, guard);
        }
        lines
    };
    let probes: Vec<Probe> = rows
        .iter()
        .map(|row| Probe {
            header: row.get("header"),
            condition: row.some("condition"),
            lines: probe(row),
        })
        .collect();
    let results = compiler::judge(workspace, &configurations.both(), &probes)?;
    let names = rows.iter().map(|row| row.get("name"));
    Ok(findings(names, results))
}

/// Compares every event's value.
pub fn find_events(workspace: &Workspace, configurations: &Configurations) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.events)?;
    let rows = table.with(&["enum", "name", "value"])?;
    let probes: Vec<Probe> = rows
        .iter()
        .map(|row| Probe {
            header: "zephyr/net/lwm2m.h",
            condition: None,
            lines: vec![format!(
                "SAME(sizeof(enum {}) > 0, 1) SAME({}, {})",
                row.get("enum"),
                row.get("name"),
                row.get("value")
            )],
        })
        .collect();
    let results = compiler::judge(workspace, &configurations.both(), &probes)?;
    Ok(findings(rows.iter().map(|row| row.get("name")), results))
}

/// Puts names and results together.
pub fn findings<'a>(names: impl Iterator<Item = &'a str>, results: Vec<Verdict>) -> Vec<Finding> {
    names
        .zip(results)
        .map(|(name, found)| Finding {
            name: name.into(),
            found,
        })
        .collect()
}
