//! docs/performance.md and its plots, made of the reports of a series. Nothing in it is written by hand but the words
//! around the figures.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{
    plot::{PlotRow, dots, shown},
    report::{Figure, Report},
    series::{SERIES, SeriesEntry},
};

/// The words before the figures.
const INTRODUCTION: &str = include_str!("page/introduction.md");
/// The words after them.
const LIMITS: &str = include_str!("page/limits.md");

/// The reports of a series, by the arguments that made them.
struct Reports(Vec<(&'static SeriesEntry, Option<Report>)>);

impl Reports {
    fn read(from: &Path) -> Result<Self> {
        let mut reports = Vec::new();
        for entry in SERIES {
            let file = from.join(entry.file());
            let report = match fs::read(&file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                read => Some(
                    serde_json::from_slice::<Report>(&read?).with_context(|| file.display().to_string())?,
                ),
            };
            let rehearsed = report.as_ref().is_some_and(|report| report.rehearsal);
            ensure!(
                !rehearsed,
                "{} is a rehearsal: its figures tell nothing",
                file.display()
            );
            reports.push((entry, report));
        }
        Ok(Self(reports))
    }

    fn measured(&self) -> impl Iterator<Item = &Report> {
        self.0.iter().filter_map(|(_, report)| report.as_ref())
    }

    fn figure(&self, arguments: &str, what: &str) -> Option<&Figure> {
        let (_, report) = self.0.iter().find(|(entry, _)| entry.arguments == arguments)?;
        report.as_ref()?.figure(what)
    }

    fn median(&self, arguments: &str, what: &str) -> Option<f64> {
        self.figure(arguments, what).map(|figure| figure.median)
    }
}

/// A row of what Hamsa is held to.
struct Budget {
    what: &'static str,
    budget: &'static str,
    now: fn(&Reports) -> Option<String>,
}

/// The order of the page. A row without a measurement of this program is not here but among the limits.
const BUDGETS: &[Budget] = &[
    Budget {
        what: "record to the home and back, both Noise layers, p50",
        budget: "2 × two raw proxies → 1.4 ×",
        now: |all| {
            let record = all.median("latency", "record to the home and back, p50")?;
            let floor = all.median("floor", "echo through two proxies, p50")?;
            Some(format!(
                "{} µs = {} × {}",
                shown(record),
                shown(record / floor),
                shown(floor)
            ))
        },
    },
    Budget {
        what: "one message, four legs (say to message), p50",
        budget: "– → 1.5 × three raw proxies",
        now: |all| {
            let message = all.median("latency", "say to message, p50")?;
            let floor = all.median("floor", "echo through three proxies, p50")?;
            Some(format!(
                "{} µs = {} × {}",
                shown(message),
                shown(message / floor),
                shown(floor)
            ))
        },
    },
    Budget {
        what: "say to message to answer to message, p50",
        budget: "– → 2 × iroh-relay's echo",
        now: |all| {
            let exchange = all.median("latency", EXCHANGE)?;
            Some(format!("{} µs", shown(exchange)))
        },
    },
    Budget {
        what: "the same beside Tor (whose anonymity is another one)",
        budget: "at least 50 times faster",
        now: |all| {
            let exchange = all.median("latency", EXCHANGE)?;
            let tor = all.median("tor", "echo through three relays, p50")?;
            Some(format!(
                "{} times faster than {} µs",
                shown(tor / exchange),
                shown(tor)
            ))
        },
    },
    Budget {
        what: "idle seeker at the entry / at the home",
        budget: "32 / 6 → 10 / 3 KiB",
        now: |all| pair(all, "idle --count 1000", "memory of each", "KiB"),
    },
    Budget {
        what: "the same with a ticket",
        budget: "–",
        now: |all| pair(all, "idle --ticket --count 250", "memory of each", "KiB"),
    },
    Budget {
        what: "the same, 8,000 of them",
        budget: "32 / 6 → 10 / 3 KiB",
        now: |all| pair(all, "idle --count 8000", "memory of each", "KiB"),
    },
    Budget {
        what: "new seeker until verified, processor time at entry / home",
        budget: "800 / 250 → half",
        now: |all| pair(all, "idle --count 1000", "processor time of each arrival", "µs"),
    },
    Budget {
        what: "verified over a line of 50 ms; then waiting in line",
        budget: "3.4 → 3.0; 1.2 round trips",
        now: |all| {
            let verified = all.median("round-trips", "to verified")?;
            let waiting = all.median("round-trips", "from there to waiting")?;
            Some(format!("{}; {} round trips", shown(verified), shown(waiting)))
        },
    },
    Budget {
        what: "1,000 arrivals at once: never verified / without a place / requests refused",
        budget: "0 / 0 / 0 without a puzzle",
        now: |all| arrivals(all, "arrivals --count 1000"),
    },
    Budget {
        what: "5,000 arrivals at once",
        budget: "0 / 0 / 0 without a puzzle",
        now: |all| arrivals(all, "arrivals --count 5000"),
    },
    Budget {
        what: "left behind in entry / home by each visit of many",
        budget: "nothing",
        now: |all| pair(all, "churn", "left behind by each visit", "KiB"),
    },
    Budget {
        what: "messages of 8 chats at once",
        budget: "–",
        now: |all| {
            let messages = all.median("throughput", "messages of all chats")?;
            Some(format!("{} a second", shown(messages)))
        },
    },
    Budget {
        what: "an idle chat on the seeker's line",
        budget: "– → 20 kB a minute",
        now: |all| {
            let bytes = all.median("wire", "an idle chat on the seeker's line")?;
            Some(format!("{} kB a minute", shown(bytes)))
        },
    },
];

fn pair(all: &Reports, arguments: &str, what: &str, unit: &str) -> Option<String> {
    let entry = all.median(arguments, &format!("{what} at the entry"))?;
    let home = all.median(arguments, &format!("{what} at the home"))?;
    Some(format!("{} / {} {unit}", shown(entry), shown(home)))
}

fn arrivals(all: &Reports, arguments: &str) -> Option<String> {
    let counts =
        ["never verified", "without a place", "refused by the home"].map(|what| all.median(arguments, what));
    let [lost, outside, refused] = counts;
    Some(format!(
        "{} / {} / {}",
        shown(lost?),
        shown(outside?),
        shown(refused?)
    ))
}

/// A plot: its file, its title, and which figures are in it.
struct Plot {
    file: &'static str,
    title: &'static str,
    unit: &'static str,
    marks: &'static [PlotMark],
}

/// A figure in a plot.
struct PlotMark {
    arguments: &'static str,
    what: &'static str,
    label: &'static str,
    own: bool,
}

impl PlotMark {
    const fn peer(label: &'static str, arguments: &'static str, what: &'static str) -> Self {
        Self {
            arguments,
            what,
            label,
            own: false,
        }
    }

    const fn own(label: &'static str, arguments: &'static str, what: &'static str) -> Self {
        Self {
            own: true,
            ..Self::peer(label, arguments, what)
        }
    }
}

/// A message and its answer, of Hamsa and of brokers.
const EXCHANGE: &str = "say to message to answer to message, p50";

const PLOTS: &[Plot] = &[
    Plot {
        file: "latency.svg",
        title: "There and back, one at a time, on one core, p50",
        unit: "µs",
        marks: &[
            PlotMark::peer("bare TCP, two proxies", "floor", "echo through two proxies, p50"),
            PlotMark::peer(
                "bare TCP, three proxies",
                "floor",
                "echo through three proxies, p50",
            ),
            PlotMark::peer("libp2p, direct", "libp2p", "echo over one connection, p50"),
            PlotMark::peer("mosquitto, message and answer", "brokers mosquitto", EXCHANGE),
            PlotMark::peer("NATS, message and answer", "brokers nats", EXCHANGE),
            PlotMark::peer("Tor, six relays in all", "tor", "echo through three relays, p50"),
            PlotMark::own(
                "Hamsa, record to the home and back",
                "latency",
                "record to the home and back, p50",
            ),
            PlotMark::own("Hamsa, message, one way", "latency", "say to message, p50"),
            PlotMark::own("Hamsa, message and answer", "latency", EXCHANGE),
        ],
    },
    Plot {
        file: "memory.svg",
        title: "Memory of a process for each idle client",
        unit: "KiB",
        marks: &[
            PlotMark::peer("mosquitto", "brokers mosquitto", "memory of each idle client"),
            PlotMark::peer("NATS", "brokers nats", "memory of each idle client"),
            PlotMark::own("Hamsa, entry", "idle --count 1000", "memory of each at the entry"),
            PlotMark::own("Hamsa, home", "idle --count 1000", "memory of each at the home"),
            PlotMark::own(
                "Hamsa, home, with a ticket",
                "idle --ticket --count 250",
                "memory of each at the home",
            ),
        ],
    },
];

/// Writes the page and its plots.
///
/// # Errors
/// When the reports are none, are rehearsals, or come from several machines.
pub fn write(from: &Path, docs: &Path) -> Result<()> {
    let reports = Reports::read(from)?;
    let machines: BTreeSet<_> = reports
        .measured()
        .map(|report| format!("{:?}", report.machine))
        .collect();
    ensure!(
        !machines.is_empty(),
        "there is no report in {}; run `hamsa-load series`",
        from.display()
    );
    ensure!(
        machines.len() == 1,
        "the reports in {} come from several machines",
        from.display()
    );
    fs::create_dir_all(docs.join("figures"))?;
    let mut page = format!("{INTRODUCTION}\n{}\n{}", machine(&reports), budgets(&reports));
    for plot in PLOTS {
        let rows = plot.marks.iter().filter_map(|mark| {
            let figure = reports
                .figure(mark.arguments, mark.what)
                .filter(|figure| figure.min > 0.0)?;
            Some(PlotRow {
                label: mark.label,
                figure,
                own: mark.own,
            })
        });
        let rows: Vec<_> = rows.collect();
        if let Some(svg) = dots(plot.title, plot.unit, &rows) {
            fs::write(docs.join("figures").join(plot.file), svg)?;
            let _ = write!(page, "\n![{}](figures/{})\n", plot.title, plot.file);
        }
    }
    page += "\n## All figures\n";
    for (entry, report) in &reports.0 {
        page += &section(entry, report.as_ref());
    }
    let _ = write!(page, "\n{LIMITS}");
    Ok(fs::write(docs.join("performance.md"), page)?)
}

fn machine(reports: &Reports) -> String {
    let commits: BTreeSet<_> = reports
        .measured()
        .flat_map(|report| report.commit.split(' '))
        .collect();
    let neighbours = reports
        .measured()
        .map(|report| report.neighbours)
        .fold(0.0, f64::max);
    let Some(report) = reports.measured().next() else {
        return String::new();
    };
    let machine = &report.machine;
    format!(
        "| Machine | |\n|---|---|\n| processor | {}, {} cores |\n| memory | {} MiB |\n| system | Linux {} |\n| sources | {} |\n\
         | other programs | {} cores at most, in any measurement |\n",
        machine.processor,
        machine.cores,
        shown(machine.memory_mib as f64),
        machine.system,
        Vec::from_iter(commits).join(", "),
        shown(neighbours),
    )
}

fn budgets(reports: &Reports) -> String {
    let mut table =
        "## Against the budgets\n\n| What | Measured (median) | Budget → stretch |\n|---|---|---|\n"
            .to_owned();
    for row in BUDGETS {
        let now = (row.now)(reports).unwrap_or_else(|| "not measured".to_owned());
        let _ = writeln!(table, "| {} | {now} | {} |", row.what, row.budget);
    }
    table
}

fn section(entry: &SeriesEntry, report: Option<&Report>) -> String {
    let mut text = format!(
        "\n### {}\n\n",
        entry.arguments.replace("--", "").replace("  ", " ")
    );
    let command = format!("`cargo run --release -p hamsa-load -- {}`", entry.arguments);
    let Some(report) = report else {
        return text + &format!("Not measured. {command}\n");
    };
    if let Some(reason) = &report.skipped {
        return text + &format!("Skipped: {reason}. {command}\n");
    }
    let load: Vec<_> = report
        .load_average
        .iter()
        .map(|load| format!("{load:.2}"))
        .collect();
    let pinned = if report.pinned {
        "; everything on one core"
    } else {
        ""
    };
    let _ = write!(
        text,
        "{command}, {} repetitions{pinned}. Load of the minute before each: {}.\n\n| What | Median | Spread | Unit |\n|---|---|---|---|\n",
        report.repetitions,
        load.join(", "),
    );
    for Figure {
        what,
        unit,
        median,
        min,
        max,
        ..
    } in &report.figures
    {
        let _ = writeln!(
            text,
            "| {what} | {} | {} to {} | {unit} |",
            shown(*median),
            shown(*min),
            shown(*max)
        );
    }
    text
}
