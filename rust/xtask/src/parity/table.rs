// SPDX-License-Identifier: Apache-2.0
//! Tab-separated tables: `#` opens a comment, the first line names the columns, `-` means none.

use std::fs;

use crate::{Result, Workspace};

/// A table with its columns' names.
#[derive(Debug)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [String],
}

impl Table {
    /// Reads the file at `path` below the repository's root.
    pub fn read(workspace: &Workspace, path: &str) -> Result<Self> {
        let text = fs::read_to_string(workspace.root.join(path));
        let text = text.map_err(|error| format!("{path}: {error}"))?;
        Self::parse(&text).map_err(|error| format!("{path}: {error}").into())
    }

    /// Every row must have as many cells as there are columns, none of them empty.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split('\t').map(String::from).collect::<Vec<_>>());
        let columns = lines.next().ok_or("an empty table")?;
        let rows: Vec<Vec<String>> = lines.collect();
        for row in &rows {
            if row.len() != columns.len() || row.iter().any(|cell| cell.trim().is_empty()) {
                return Err(format!("a row is not {} full cells: {row:?}", columns.len()).into());
            }
        }
        Ok(Self { columns, rows })
    }

    /// Its rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row {
            columns: &self.columns,
            cells,
        })
    }

    /// Its rows, after a check that it has every one of these columns.
    pub fn with(&self, columns: &[&str]) -> Result<Vec<Row<'_>>> {
        for column in columns {
            if !self.columns.iter().any(|name| name == column) {
                return Err(format!("there is no column `{column}`").into());
            }
        }
        Ok(self.rows().collect())
    }
}

impl<'a> Row<'a> {
    /// What the column says; nothing when there is no such column, see `Table::with`.
    pub fn get(&self, column: &str) -> &'a str {
        let index = self.columns.iter().position(|name| name == column);
        index
            .and_then(|index| self.cells.get(index))
            .map_or("", String::as_str)
    }

    /// The same, unless it says none.
    pub fn some(&self, column: &str) -> Option<&'a str> {
        Some(self.get(column)).filter(|cell| *cell != "-")
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn comments_and_empty_lines_are_no_rows() {
        let table = Table::parse("# about\nname\tvalue\n\none\t1\n# two\t2\nthree\t-\n").unwrap();
        let rows = table.with(&["name", "value"]).unwrap();
        let read: Vec<_> = rows
            .iter()
            .map(|row| (row.get("name"), row.some("value")))
            .collect();
        assert_eq!(read, [("one", Some("1")), ("three", None)]);
    }

    #[test]
    fn a_row_with_a_cell_too_few_too_many_or_empty_is_refused() {
        for row in ["one", "one\t1\t2", "one\t", "\t1"] {
            let error = Table::parse(&format!("name\tvalue\n{row}\n")).unwrap_err();
            assert!(error.to_string().contains("2 full cells"), "{error}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_an_error() {
        let table = Table::parse("name\tvalue\none\t1\n").unwrap();
        assert!(table.with(&["name", "valve"]).is_err());
    }
}
