//! The page, read: sections, tables, and numbers as tables have them.

pub(super) const LAW: &str = include_str!("../../../../docs/protocol.md");

/// Cells of a row, without code marks.
fn in_columns(line: &str) -> Vec<String> {
    let cells = line.trim_matches('|').split('|');
    cells
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .collect()
}

/// Everything below a heading, up to the next one.
pub(super) fn section(heading: &str) -> &'static str {
    let (_, section) = LAW
        .split_once(&format!("\n{heading}\n"))
        .expect("the heading is there");
    section.split("\n#").next().unwrap()
}

/// The rows of the table below `heading` whose head begins with the cells `head`.
pub(super) fn table(heading: &str, head: &str) -> Vec<Vec<String>> {
    let mut tables = section(heading).split("\n\n").map(str::trim_start);
    let table = tables.find(|table| table.starts_with(&format!("| {head} |")));
    let table = table.unwrap_or_else(|| panic!("a table {head} below {heading}"));
    table.lines().skip(2).map(in_columns).collect()
}

/// The same, only its first `N` cells.
pub(super) fn columns<const N: usize>(heading: &str, head: &str) -> Vec<[String; N]> {
    let rows = table(heading, head);
    rows.iter()
        .map(|row| row[..N].to_vec().try_into().unwrap())
        .collect()
}

/// All rows of the section "Numbers".
pub(super) fn numbers() -> Vec<Vec<String>> {
    let (_, section) = LAW.split_once("\n## Numbers\n").unwrap();
    let lines = section.split("\n## ").next().unwrap().lines();
    let rows = lines.filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.map(in_columns).filter(|row| row[0] != "Name").collect()
}

/// A number as a table of bytes has it.
pub(super) fn thousands(number: usize) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

/// Numbers that stand alone in parentheses: the sizes in a formula.
pub(super) fn sizes(formula: &str) -> Vec<usize> {
    let inner = formula.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    inner
        .filter_map(|(inner, _)| inner.replace(',', "").parse().ok())
        .collect()
}
