// SPDX-License-Identifier: Apache-2.0
//! Holds what was found against what is listed as left out. A row is implemented, or listed with a
//! reason, or missing; listed although it is there, it is wrong too, so the list only gets shorter.

use std::collections::BTreeSet;

use super::table::Table;
use crate::Result;

/// Nothing, or what is wrong.
pub type Verdict = std::result::Result<(), String>;

/// A row of a table, and what is wrong with it if it is not implemented.
pub struct Finding {
    pub name: String,
    pub found: Verdict,
}

/// What `parity/listed.tsv` says.
pub struct Listed {
    entries: Vec<Entry>,
}

/// One row of it. A name that ends in `*` stands for every row whose name begins so.
struct Entry {
    table: String,
    name: String,
    reason: String,
}

/// How a table fared.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    pub implemented: u32,
    pub listed: u32,
    /// Rows that are neither, and rows that are both.
    pub problems: Vec<String>,
}

impl Entry {
    fn covers(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.name,
        }
    }
}

impl Listed {
    /// Reads the list: table, name, and a reason of the form `topic: explanation`.
    pub fn parse(text: &str) -> Result<Self> {
        let table = Table::parse(text)?;
        let mut entries = Vec::new();
        for row in table.with(&["table", "name", "reason"])? {
            let (topic, explanation) = row.get("reason").split_once(": ").unwrap_or_default();
            if topic.trim().is_empty() || explanation.trim().is_empty() {
                return Err(
                    format!("{}: a reason is `topic: explanation`", row.get("name")).into(),
                );
            }
            entries.push(Entry {
                table: row.get("table").into(),
                name: row.get("name").into(),
                reason: row.get("reason").into(),
            });
        }
        Ok(Self { entries })
    }

    /// Why the row is left out, if it is listed.
    pub fn reason(&self, table: &str, name: &str) -> Option<&str> {
        let of_table = self.entries.iter().filter(|entry| entry.table == table);
        let mut found = of_table.filter(|entry| entry.covers(name));
        found.next().map(|entry| entry.reason.as_str())
    }

    /// What the reasons are about.
    pub fn topics(&self) -> BTreeSet<&str> {
        let topic = |entry: &'_ Entry| entry.reason.find(": ");
        self.entries
            .iter()
            .filter_map(|entry| entry.reason.get(..topic(entry)?))
            .collect()
    }

    /// Entries of tables that there are none of.
    pub fn strangers(&self, tables: &[&str]) -> Vec<String> {
        self.entries
            .iter()
            .filter(|entry| !tables.contains(&entry.table.as_str()))
            .map(|entry| {
                format!(
                    "{} is listed in an unknown table, {}",
                    entry.name, entry.table
                )
            })
            .collect()
    }
}

/// Judges the rows of one table.
pub fn judge(table: &str, findings: &[Finding], listed: &Listed) -> Report {
    let mut report = Report::default();
    for finding in findings {
        let name = &finding.name;
        match (&finding.found, listed.reason(table, name)) {
            (Ok(()), None) => report.implemented += 1,
            (Err(_), Some(_)) => report.listed += 1,
            (Err(why), None) => report.problems.push(format!("{name} is missing: {why}")),
            (Ok(()), Some(_)) => report
                .problems
                .push(format!("{name} is listed although it is there")),
        }
    }
    let of_table = listed.entries.iter().filter(|entry| entry.table == table);
    for entry in of_table {
        if !findings.iter().any(|finding| entry.covers(&finding.name)) {
            let problem = format!("{} is listed, and the table has no such row", entry.name);
            report.problems.push(problem);
        }
    }
    report
}

/// The list `text` without what is there by now; a `*` of which only a part is missing still becomes
/// an entry for each of those.
pub fn without_implemented(text: &str, table: &str, findings: &[Finding]) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [of_table, name, reason] = cells[..] else {
            kept += &format!("{line}\n");
            continue;
        };
        let entry = Entry {
            table: of_table.into(),
            name: name.into(),
            reason: reason.into(),
        };
        let covered = |finding: &&Finding| of_table == table && entry.covers(&finding.name);
        if !findings
            .iter()
            .filter(covered)
            .any(|finding| finding.found.is_ok())
        {
            kept += &format!("{line}\n");
            continue;
        }
        for finding in findings.iter().filter(covered) {
            if finding.found.is_err() {
                kept += &format!("{table}\t{}\t{reason}\n", finding.name);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(rows: &str) -> Listed {
        Listed::parse(&format!("table\tname\treason\n{rows}")).unwrap()
    }

    fn findings(rows: &[(&str, bool)]) -> Vec<Finding> {
        let finding = |(name, there): &(&str, bool)| Finding {
            name: (*name).into(),
            found: if *there { Ok(()) } else { Err("no".into()) },
        };
        rows.iter().map(finding).collect()
    }

    #[test]
    fn a_row_that_is_neither_there_nor_listed_is_missing() {
        let report = judge(
            "functions",
            &findings(&[("a", true), ("b", false), ("c", false)]),
            &listed("functions\tb\tblocks: later\nmacros\tc\tblocks: later\n"),
        );
        assert_eq!((report.implemented, report.listed), (1, 1));
        assert_eq!(report.problems, ["c is missing: no"]);
    }

    #[test]
    fn a_row_that_is_there_must_not_be_listed() {
        let report = judge(
            "functions",
            &findings(&[("a", true)]),
            &listed("functions\ta\tblocks: later\n"),
        );
        assert_eq!(report.problems, ["a is listed although it is there"]);
    }

    #[test]
    fn an_entry_must_be_about_a_row() {
        let report = judge("functions", &[], &listed("functions\ta*\tblocks: later\n"));
        assert_eq!(
            report.problems,
            ["a* is listed, and the table has no such row"]
        );
        let listed = listed("functoins\ta\tblocks: later\n");
        assert_eq!(listed.strangers(&["functions"]).len(), 1);
    }

    #[test]
    fn a_star_covers_what_begins_so_and_all_of_it_must_be_absent() {
        let listed = listed("resources\t9/*\tobjects: later\n");
        let absent = [("9/0", false), ("9/1", false), ("91/0", true)];
        let report = judge("resources", &findings(&absent), &listed);
        assert_eq!((report.implemented, report.listed), (1, 2));
        assert!(report.problems.is_empty(), "{report:?}");
        let report = judge("resources", &findings(&[("9/0", true)]), &listed);
        assert_eq!(report.problems.len(), 1);
    }

    #[test]
    fn a_reason_has_a_topic_and_an_explanation() {
        for reason in ["later", ": later", "blocks: "] {
            let text = format!("table\tname\treason\nfunctions\ta\t{reason}\n");
            assert!(Listed::parse(&text).is_err(), "{reason}");
        }
        let listed = listed("functions\ta\tblock-wise: one\nfunctions\tb\tblock-wise: two\n");
        assert_eq!(listed.topics(), BTreeSet::from(["block-wise"]));
        assert_eq!(listed.reason("functions", "b"), Some("block-wise: two"));
    }

    #[test]
    fn entries_of_what_is_there_are_dropped() {
        let list = "# about\ntable\tname\treason\nfunctions\ta\tx: y\nmacros\ta\tx: y\n\
            functions\tb.*\tx: z\nfunctions\tc*\tx: z\n";
        let found = [("a", true), ("b.1", true), ("b.2", false), ("c1", false)];
        assert_eq!(
            without_implemented(list, "functions", &findings(&found)),
            "# about\ntable\tname\treason\nmacros\ta\tx: y\n\
             functions\tb.2\tx: z\nfunctions\tc*\tx: z\n"
        );
    }
}
