//! Plots as SVG: a row for each thing, its median as a dot and its spread as a line, on a logarithmic axis. A bar would
//! say that there is a zero, which such an axis has not.

use std::fmt::Write;

use crate::report::Figure;

/// Sizes in pixels.
const ROW: f64 = 24.0;
const TOP: f64 = 48.0;
const LABELS: f64 = 330.0;
const AXIS: f64 = 420.0;
const VALUES: f64 = 110.0;

/// A row of a plot.
#[derive(Debug)]
pub struct PlotRow<'a> {
    /// The label to the left of the bar.
    pub label: &'a str,
    /// Its value.
    pub figure: &'a Figure,
    /// Whether it is Hamsa's.
    pub own: bool,
}

/// Draws rows below each other. Without rows there is nothing to draw.
#[must_use]
pub fn dots(title: &str, unit: &str, rows: &[PlotRow<'_>]) -> Option<String> {
    let least = rows
        .iter()
        .map(|row| row.figure.min.max(f64::MIN_POSITIVE))
        .reduce(f64::min)?;
    let most = rows.iter().map(|row| row.figure.max).reduce(f64::max)?;
    let decades = (
        least.log10().floor(),
        most.log10().ceil().max(least.log10().floor() + 1.0),
    );
    let x = |value: f64| LABELS + AXIS * (value.log10() - decades.0) / (decades.1 - decades.0);
    let (width, height) = (LABELS + AXIS + VALUES, TOP + ROW * (rows.len() as f64 + 1.0));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\">\n<title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" \
         fill=\"white\"/>\n<text x=\"12\" y=\"22\" font-weight=\"bold\">{title} ({unit})</text>\n"
    );
    for decade in decades.0 as i32..=decades.1 as i32 {
        let value = 10_f64.powi(decade);
        let (at, bottom) = (x(value), height - ROW);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"{}\" \
             text-anchor=\"middle\" fill=\"#666\">{}</text>",
            bottom + 16.0,
            shown(value)
        );
    }
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (number as f64 + 0.5);
        let colour = if row.own { "#0a6" } else { "#357" };
        let Figure { min, median, max, .. } = *row.figure;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><path d=\"M{:.1} {y}H{:.1}\" stroke=\"{colour}\" \
             stroke-width=\"3\"/><circle cx=\"{:.1}\" cy=\"{y}\" r=\"5\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            LABELS - 12.0,
            y + 4.0,
            row.label,
            x(min),
            x(max),
            x(median),
            LABELS + AXIS + 12.0,
            y + 4.0,
            shown(median)
        );
    }
    Some(svg + "</svg>\n")
}

/// A value with three digits, as far as that goes.
#[must_use]
pub fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 | 100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let digits = format!("{value:.decimals$}");
    let (whole, rest) = digits
        .split_once('.')
        .map_or((digits.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (number, digit) in whole.chars().enumerate() {
        if number > 0 && (whole.len() - number) % 3 == 0 && digit.is_ascii_digit() && !grouped.ends_with('-')
        {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sample;

    #[test]
    fn a_value_has_three_digits_and_groups() {
        let shown = [0.0, 0.1234, 1.5, 78.34, 317.4, 103_500.2, -1_234.0].map(super::shown);
        assert_eq!(shown, ["0", "0.123", "1.50", "78.3", "317", "103,500", "-1,234"]);
    }

    #[test]
    fn a_plot_has_a_dot_for_each_row() {
        let mut figures = Vec::new();
        for (what, value) in [("a", 3.0), ("a", 5.0), ("b", 700.0)] {
            Figure::add(&mut figures, &Sample::new(what, "µs", value));
        }
        let rows: Vec<_> = figures
            .iter()
            .map(|figure| PlotRow {
                label: &figure.what,
                figure,
                own: false,
            })
            .collect();
        let svg = dots("Times", "µs", &rows).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        // 3 to 700 are three decades, with four lines.
        assert_eq!(svg.matches("stroke=\"#ddd\"").count(), 4);
        assert!(dots("Nothing", "µs", &[]).is_none());
    }
}
