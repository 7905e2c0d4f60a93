// SPDX-License-Identifier: Apache-2.0
//! Tables of bounds that what is measured is held against: tab-separated, a line of headings, in each
//! row a name and what belongs to it. `docs/performance.md` shows them between markers.

use std::fs;
use std::path::PathBuf;

use crate::{Result, Workspace};

const DOCUMENT: &str = "docs/performance.md";
const END: &str = "<!-- end of the table -->";

/// A file with bounds.
pub struct Budgets {
    /// Relative to the workspace.
    name: &'static str,
    path: PathBuf,
    document: PathBuf,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Budgets {
    /// Reads the file with this name.
    pub fn read(workspace: &Workspace, name: &'static str) -> Result<Self> {
        let path = workspace.root.join(name);
        let text = fs::read_to_string(&path)?;
        Self::parse(&text, name, path, workspace.root.join(DOCUMENT))
    }

    fn parse(text: &str, name: &'static str, path: PathBuf, document: PathBuf) -> Result<Self> {
        let cells = |line: &str| line.split('\t').map(String::from).collect::<Vec<_>>();
        let mut lines = text.lines().map(cells);
        let headings = lines.next().ok_or(format!("{name} is empty"))?;
        let rows: Vec<_> = lines.collect();
        if let Some(row) = rows.iter().find(|row| row.len() != headings.len()) {
            return Err(
                format!("{name}: `{}` is not {}", row.join(" "), headings.join(" ")).into(),
            );
        }
        Ok(Self {
            name,
            path,
            document,
            headings,
            rows,
        })
    }

    /// The names of the rows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(|row| Some(row.first()?.as_str()))
    }

    fn cell(&mut self, name: &str, heading: &str) -> Result<&mut String> {
        let column = self.headings.iter().position(|other| other == heading);
        let row = self.rows.iter_mut().find(|row| row[0] == name);
        match (row, column) {
            (Some(row), Some(column)) => Ok(&mut row[column]),
            _ => Err(format!("{} has no {heading} of {name}", self.name).into()),
        }
    }

    /// A bound.
    pub fn bound(&mut self, name: &str, heading: &str) -> Result<u64> {
        Ok(self.cell(name, heading)?.parse()?)
    }

    /// Lowers a bound to what was measured and the `percent` by which that may vary.
    pub fn tighten(
        &mut self,
        name: &str,
        heading: &str,
        measured: u64,
        percent: u64,
    ) -> Result<()> {
        let cell = self.cell(name, heading)?;
        // To the next ten, so that a change of nothing changes nothing.
        let bound = (measured + measured * percent / 100).div_ceil(10) * 10;
        *cell = cell.parse::<u64>()?.min(bound).to_string();
        Ok(())
    }

    /// Writes the file, and the table in the document.
    pub fn write(&self) -> Result<()> {
        let lines = std::iter::once(&self.headings).chain(&self.rows);
        let text: String = lines.map(|cells| cells.join("\t") + "\n").collect();
        fs::write(&self.path, text)?;
        let text = fs::read_to_string(&self.document)?;
        fs::write(&self.document, self.shown_in(&text)?)?;
        Ok(())
    }

    /// Whether the document shows what the file says.
    pub fn check_document(&self) -> Result<()> {
        let text = fs::read_to_string(&self.document)?;
        if self.shown_in(&text)? == text {
            return Ok(());
        }
        Err(format!("{DOCUMENT} does not show {}", self.name).into())
    }

    /// The document with this table in its place.
    fn shown_in(&self, document: &str) -> Result<String> {
        let begin = format!("<!-- {} -->\n", self.name);
        let parts = document
            .split_once(&begin)
            .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
        let (before, after) = parts.ok_or(format!("{DOCUMENT} has no place for {}", self.name))?;
        Ok(format!("{before}{begin}{}{END}{after}", self.markdown()))
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| grouped(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", "---|".repeat(self.headings.len()));
        let rows = self.rows.iter().map(|row| line(row));
        line(&self.headings) + &rule + &rows.collect::<String>()
    }
}

/// A number with its thousands set apart; anything else as it is.
fn grouped(cell: &str) -> String {
    if cell.is_empty() || !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return cell.into();
    }
    let groups: Vec<_> = cell
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|digits| String::from_utf8_lossy(digits))
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets(text: &str) -> Result<Budgets> {
        Budgets::parse(text, "x.tsv", "x".into(), "y".into())
    }

    #[test]
    fn a_bound_only_goes_down() {
        let mut table = budgets("name\tbound\tC\na\t1000\t-\n").unwrap();
        table.tighten("a", "bound", 2000, 1).unwrap();
        assert_eq!(table.bound("a", "bound").unwrap(), 1000);
        table.tighten("a", "bound", 901, 1).unwrap();
        assert_eq!(table.bound("a", "bound").unwrap(), 910);
        assert!(table.bound("b", "bound").is_err());
        assert!(table.bound("a", "C").is_err());
        assert!(budgets("name\tbound\na\n").is_err());
    }

    #[test]
    fn the_document_shows_the_table_between_its_markers() {
        let table = budgets("name\tbound\na\t1234567\n").unwrap();
        let shown = "x\n<!-- x.tsv -->\n| name | bound |\n|---|---|\n| a | 1,234,567 |\n\
                     <!-- end of the table -->\ny";
        let before = "x\n<!-- x.tsv -->\nold\n<!-- end of the table -->\ny";
        assert_eq!(table.shown_in(before).unwrap(), shown);
        assert!(table.shown_in("x").is_err());
    }
}
