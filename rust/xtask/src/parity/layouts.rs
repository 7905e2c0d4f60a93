// SPDX-License-Identifier: Apache-2.0
//! Where the fields of the shared structs lie, by the host's C compiler, against what was measured
//! in Zephyr on the same architecture.

use super::compiler::{self, Probe};
use super::judge::{Finding, Verdict};
use super::table::{Row, Table};
use super::{Configurations, TABLES};
use crate::kconfig::Configuration;
use crate::{Result, Workspace};

/// Has all the types.
const HEADER: &str = "layouts.h";

/// A field of a struct, or the whole of a type.
struct Place<'a> {
    of_type: &'a str,
    field: &'a str,
    /// Offset and size; size and alignment of a whole type.
    default: Option<&'a str>,
    full: Option<&'a str>,
}

/// Compares every place in both configurations that were measured.
pub fn find(workspace: &Workspace, configurations: &Configurations) -> Result<Vec<Finding>> {
    let mut tables = Vec::new();
    for path in TABLES.layouts {
        tables.push(Table::read(workspace, path)?);
    }
    let mut places = Vec::new();
    for table in &tables {
        let rows = table.with(&["field", "x86_64_default", "x86_64_full"])?;
        places.extend(rows.iter().map(place));
    }
    let full = judge(workspace, &configurations.everything, &places, |place| {
        place.full
    })?;
    let default = judge(workspace, &configurations.plain, &places, |place| {
        place.default
    })?;
    let finding = |((place, full), default): ((&Place, Verdict), Verdict)| Finding {
        name: format!("{}.{}", place.of_type, place.field),
        found: full.and(default),
    };
    Ok(places.iter().zip(full).zip(default).map(finding).collect())
}

/// The table of `rust/capi` has names of its own for two structs.
fn place<'a>(row: &Row<'a>) -> Place<'a> {
    Place {
        of_type: match row.get("struct") {
            "CONTEXT" => "struct lwm2m_ctx",
            "MESSAGE" => "struct lwm2m_message",
            _ => row.get("type"),
        },
        field: row.get("field"),
        default: row.some("x86_64_default"),
        full: row.some("x86_64_full"),
    }
}

/// What was not measured in this configuration has nothing to compile.
fn judge<'a>(
    workspace: &Workspace,
    configuration: &Configuration,
    places: &[Place<'a>],
    measured: impl Fn(&Place<'a>) -> Option<&'a str>,
) -> Result<Vec<Verdict>> {
    let probe = |place| Probe {
        header: HEADER,
        condition: None,
        lines: measured(place)
            .map(|cell| assertion(place, cell))
            .into_iter()
            .collect(),
    };
    let probes: Vec<Probe> = places.iter().map(probe).collect();
    compiler::judge(workspace, &[configuration], &probes)
}

fn assertion(place: &Place, cell: &str) -> String {
    let Place { of_type, field, .. } = place;
    let (first, second) = cell.split_once('/').unwrap_or((cell, ""));
    if cell.contains("bit") {
        // Bits have no offset to ask for.
        format!("USE {{ {of_type} s = {{0}}; s.{field} = 1; (void)s; }}")
    } else if *field == "(whole)" {
        format!("SAME(sizeof({of_type}), {first}) SAME(_Alignof({of_type}), {second})")
    } else {
        format!(
            "SAME(offsetof({of_type}, {field}), {first}) \
             SAME(sizeof((({of_type} *)0)->{field}), {second})"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_assertions() {
        let cases = [
            (
                "(whole)",
                "24/8",
                "SAME(sizeof(struct s), 24) SAME(_Alignof(struct s), 8)",
            ),
            (
                "f",
                "8/4",
                "SAME(offsetof(struct s, f), 8) SAME(sizeof(((struct s *)0)->f), 4)",
            ),
            (
                "b",
                "byte 9 bit 0/1 bit",
                "USE { struct s s = {0}; s.b = 1; (void)s; }",
            ),
        ];
        for (field, cell, expected) in cases {
            let place = Place {
                of_type: "struct s",
                field,
                default: None,
                full: None,
            };
            assert_eq!(assertion(&place, cell), expected);
        }
    }
}
