//! A chart of the ratios, as an image in SVG for light and for dark pages.
//!
//! There is a line to each question, with a bar for each number of workers: `runtime` divided by
//! tokio, so that a short bar is a fast one, and a rule at 1. On each bar, a whisker spans the
//! quartiles, and others who were asked have marks: a ring for smol, a cross for Go, a tick for the limit.
//! What is beyond the right end of the scale stands there as an arrow.

use crate::Entrant;
use crate::figures::{self, Spread};
use crate::report::Row;
use std::fmt::Write;

/// Pixels.
const WIDTH: f64 = 860.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 730.0;
const TOP: f64 = 78.0;
const BAR: f64 = 9.0;
const GAP: f64 = 2.0;
const BETWEEN: f64 = 9.0;

/// Where the scale ends.
const END: f64 = 1.5;

const STYLE: &str = "\
text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}\
.page{fill:#ffffff}.grid{stroke:#d8dee4}.one{stroke:#1f2328;stroke-width:1.5}\
.soft{fill:#59636e}.title{font-size:15px;font-weight:600}\
.few{fill:#8db7ee}.many{fill:#2f6fc9}.whisker{stroke:#1f2328;stroke-width:1}\
.smol{fill:#ffffff;stroke:#b35900;stroke-width:2}.limit{stroke:#1a7f37;stroke-width:3}\
.go{stroke:#8250df;stroke-width:2}.beyond{fill:#b35900}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#30363d}.one{stroke:#e6edf3}\
.soft{fill:#9198a1}.few{fill:#31588f}.many{fill:#6ea8fe}.whisker{stroke:#e6edf3}\
.smol{fill:#0d1117;stroke:#f0a04b}.limit{stroke:#57d364}\
.go{stroke:#d2a8ff}.beyond{fill:#f0a04b}}";

/// Draws the rows, those of one question in a row beside one another.
pub fn draw(rows: &[Row], source: &str) -> String {
    let groups: Vec<&[Row]> = rows
        .chunk_by(|one, next| one.question == next.question)
        .collect();
    let bottom = TOP + groups.iter().map(|group| height(group)).sum::<f64>();
    let mut svg = Svg::default();
    svg.frame(bottom + 34.0);
    svg.legend(rows);
    svg.scale(bottom);
    let mut top = TOP + BETWEEN / 2.0;
    for group in groups {
        svg.group(group, top);
        top += height(group);
    }
    svg.line_at(1.0, "one", bottom);
    svg.text(LEFT, bottom + 18.0, "soft", "start", source);
    svg.finish()
}

fn height(group: &[Row]) -> f64 {
    group.len() as f64 * (BAR + GAP) + BETWEEN
}

/// Where a ratio is.
fn x(ratio: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * ratio.clamp(0.0, END) / END
}

/// An image that is being written.
#[derive(Default)]
struct Svg {
    text: String,
}

impl Svg {
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.text.write_fmt(element).expect("a string takes all");
        self.text.push('\n');
    }

    fn frame(&mut self, height: f64) {
        self.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">"
        ));
        self.add(format_args!(
            "<title>runtime divided by tokio, question by question</title>"
        ));
        self.add(format_args!("<style>{STYLE}</style>"));
        self.add(format_args!(
            "<rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>"
        ));
    }

    fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        self.add(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        ));
    }

    fn legend(&mut self, rows: &[Row]) {
        self.text(
            16.0,
            26.0,
            "title",
            "start",
            "What it costs, tokio being 1: shorter is better",
        );
        let mut at = 16.0;
        for (class, label) in [("few", "1 worker"), ("many", "2 workers")] {
            self.add(format_args!(
                "<rect class=\"{class}\" x=\"{at:.1}\" y=\"41\" width=\"14\" height=\"{BAR}\"/>"
            ));
            self.text(at + 20.0, 50.0, "", "start", label);
            at += 100.0;
        }
        self.add(format_args!(
            "<path class=\"whisker\" d=\"M{at:.1} 45.5h16\"/>"
        ));
        self.text(at + 22.0, 50.0, "", "start", "half of the rounds");
        at += 150.0;
        for (entrant, label) in MARKS {
            if rows.iter().any(|row| row.entry(entrant).is_some()) {
                self.mark(entrant, at + 6.0, 45.5);
                self.text(at + 18.0, 50.0, "", "start", label);
                at += 80.0 + 4.0 * label.len() as f64;
            }
        }
    }

    fn scale(&mut self, bottom: f64) {
        let mut ratio = 0.0;
        while ratio <= END {
            self.line_at(ratio, "grid", bottom);
            let label = figures::ratio(ratio).replace("0.000", "0");
            self.text(x(ratio), TOP - 6.0, "soft", "middle", &label);
            ratio += 0.25;
        }
    }

    fn line_at(&mut self, ratio: f64, class: &str, bottom: f64) {
        let x = x(ratio);
        self.add(format_args!(
            "<path class=\"{class}\" d=\"M{x:.1} {TOP}V{bottom:.1}\"/>"
        ));
    }

    /// A question: its name, its bars, and the numbers.
    fn group(&mut self, group: &[Row], top: f64) {
        let name = group[0].question.replace('_', " ");
        let middle = top + (group.len() as f64 * (BAR + GAP) - GAP) / 2.0;
        self.add(format_args!(
            "<g><title>{}</title>",
            escape(&group[0].figure)
        ));
        self.text(LEFT - 10.0, middle + 4.0, "", "end", &name);
        let mut ratios = Vec::new();
        for (i, row) in group.iter().enumerate() {
            if let Some(ours) = row.entry(Entrant::Runtime) {
                self.bar(row, ours.ratio, top + i as f64 * (BAR + GAP));
                ratios.push(figures::ratio(ours.ratio.middle));
            }
        }
        self.text(WIDTH - 16.0, middle + 4.0, "", "end", &ratios.join(" · "));
        self.add(format_args!("</g>"));
    }

    fn bar(&mut self, row: &Row, ratio: Spread, top: f64) {
        let class = match row.workers {
            1 => "few",
            _ => "many",
        };
        let width = x(ratio.middle) - LEFT;
        self.add(format_args!(
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\"/>"
        ));
        let middle = top + BAR / 2.0;
        let (low, high) = (x(ratio.low), x(ratio.high));
        self.add(format_args!(
            "<path class=\"whisker\" d=\"M{low:.1} {middle:.1}H{high:.1}\"/>"
        ));
        if ratio.middle > END {
            self.beyond(middle, 0.0);
        }
        for (entrant, _) in MARKS {
            match row.entry(entrant).map(|entry| entry.ratio.middle) {
                Some(ratio) if ratio > END => self.beyond(middle, 8.0),
                Some(ratio) => self.mark(entrant, x(ratio), middle),
                None => (),
            }
        }
    }

    fn mark(&mut self, entrant: Entrant, x: f64, y: f64) {
        match entrant {
            Entrant::Smol => self.add(format_args!(
                "<circle class=\"smol\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>"
            )),
            Entrant::Go => self.add(format_args!(
                "<path class=\"go\" d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"/>",
                x - 3.0,
                y - 3.0
            )),
            _ => self.add(format_args!(
                "<path class=\"limit\" d=\"M{x:.1} {:.1}v{}\"/>",
                y - BAR / 2.0,
                BAR
            )),
        }
    }

    /// An arrow at the end of the scale.
    fn beyond(&mut self, y: f64, shift: f64) {
        let x = RIGHT + shift;
        self.add(format_args!(
            "<path class=\"beyond\" d=\"M{x:.1} {:.1}l6 4l-6 4z\"/>",
            y - 4.0
        ));
    }
}

/// Who has a mark, and what the legend says.
const MARKS: [(Entrant, &str); 3] = [
    (Entrant::Limit, "without a runtime"),
    (Entrant::Smol, "smol"),
    (Entrant::Go, "Go"),
];

/// What stands for the text in an SVG.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Entry, Unit};

    fn row(question: &str, workers: usize, middle: f64) -> Row {
        let ratio = Spread {
            low: middle * 0.9,
            middle,
            high: middle * 1.1,
        };
        Row {
            question: question.into(),
            figure: String::from("a <task> & \"its\" end"),
            workers,
            unit: Unit::Nanoseconds,
            rounds: 7,
            entries: vec![Entry {
                entrant: Entrant::Runtime,
                median: 1.0,
                ratio,
                processor: None,
            }],
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
        let svg = draw(&[row("spawn_join", 1, 0.5)], "1 < 2");
        assert!(svg.contains("a &lt;task&gt; &amp; &quot;its&quot; end"));
        assert!(svg.contains("1 &lt; 2"));
    }

    #[test]
    fn a_bar_is_as_long_as_the_ratio_and_no_longer_than_the_scale() {
        assert_eq!(x(0.0), LEFT);
        assert_eq!(x(END), RIGHT);
        assert_eq!(x(7.0), RIGHT);
        let svg = draw(&[row("spawn_join", 1, 0.75)], "");
        let half = (RIGHT - LEFT) / 2.0;
        assert!(svg.contains(&format!("width=\"{half:.1}\" height=\"{BAR}\"")));
        assert!(!svg.contains("class=\"beyond\""));
        let svg = draw(&[row("spawn_join", 1, 7.0)], "");
        assert!(svg.contains("class=\"beyond\""));
    }

    #[test]
    fn rows_of_one_question_share_a_name() {
        let svg = draw(
            &[
                row("yield", 1, 0.5),
                row("yield", 2, 0.6),
                row("chain", 1, 1.0),
            ],
            "",
        );
        assert_eq!(svg.matches(">yield</text>").count(), 1);
        assert_eq!(svg.matches("height=\"9\"/>").count(), 2 + 3);
        assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
    }
}
