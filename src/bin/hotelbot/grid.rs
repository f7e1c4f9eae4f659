//! Tables as operators know them: capitals, two spaces, no rules, numbers right, `-` for none.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table, presets};

/// What a cell says besides its words. The words carry the meaning; colour only repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Needs a person.
    Bad,
    /// Of little interest.
    Dim,
}

/// A table being filled.
pub struct Grid {
    table: Table,
}

impl Grid {
    /// With these headings, in capitals.
    pub fn new(headings: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_truncation_indicator("…").enforce_styling();
        table.style_text_only();
        table.set_header(headings.iter().map(|heading| Cell::new(heading).add_attribute(Attribute::Bold)));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self { table }
    }

    /// These columns hold numbers.
    pub fn numbers(mut self, columns: &[usize]) -> Self {
        for column in columns {
            if let Some(column) = self.table.column_mut(*column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self
    }

    /// Adds a line.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut row = Row::from(cells.into_iter().collect::<Vec<_>>());
        row.max_height(1);
        self.table.add_row(row);
    }

    /// The table; on a terminal its last column gives way until it fits.
    pub fn text(mut self) -> String {
        if let Some(width) = terminal_width() {
            let last = self.table.column_iter().count().saturating_sub(1);
            self.table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
            for (index, column) in self.table.column_iter_mut().enumerate() {
                if index < last {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        // Every line ends where its words end, so that output can be compared and copied.
        let lines: Vec<String> = self.table.lines().map(|line| line.trim_end().to_owned()).collect();
        format!("{}\n", lines.join("\n"))
    }
}

/// The width of the terminal on stdout; `None` for files and pipes, where nothing is cut.
pub fn terminal_width() -> Option<u16> {
    Table::new().width()
}

/// A cell of words.
pub fn cell(text: impl ToString) -> Cell {
    toned(text, Tone::Plain)
}

/// A cell of words with a tone.
pub fn toned(text: impl ToString, tone: Tone) -> Cell {
    let cell = Cell::new(text);
    match tone {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::DarkGreen),
        Tone::Warn => cell.fg(Color::DarkYellow),
        Tone::Bad => cell.fg(Color::DarkRed),
        Tone::Dim => cell.add_attribute(Attribute::Dim),
    }
}

/// The value, or `-` for none.
pub fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_no_rules_and_cyrillic_stands_in_its_column() {
        let mut grid = Grid::new(&["HOTEL", "NAME", "WAITING"]).numbers(&[2]);
        grid.row([cell("astoria"), cell("Астория"), cell(4)]);
        grid.row([cell("sea-view"), cell("Sea View"), toned(12, Tone::Bad)]);

        insta::assert_snapshot!(anstream::adapter::strip_str(&grid.text()).to_string(), @r"
        HOTEL     NAME      WAITING
        astoria   Астория         4
        sea-view  Sea View       12
        ");
    }
}
