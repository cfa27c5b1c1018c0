//! The visit of docs/json-face.md, replayed on the real programs.

use super::*;

/// A line of the visit: `S> {…}`.
struct Step {
    side: char,
    mark: char,
    rest: &'static str,
}

fn visit() -> Vec<Step> {
    let block = section("## A visit").split("```").nth(1).expect("a block");
    let step = |line: &'static str| {
        let mut marks = line.chars();
        Step {
            side: marks.next().unwrap(),
            mark: marks.next().unwrap(),
            rest: line.get(3..).unwrap(),
        }
    };
    block.lines().skip(1).map(step).collect()
}

/// Whether an event may come at any time and any number of times.
fn loose(event: &Value) -> bool {
    let name = event["event"].as_str().unwrap();
    ["link", "path", "desk", "counselor"].contains(&name) || (name == "state" && event["state"] == "at_node")
}

/// What differs from visit to visit, by the names of its fields: the form that it has.
fn form(field: &str) -> Option<fn(&Value) -> bool> {
    fn text(value: &Value) -> &str {
        value.as_str().unwrap_or_default()
    }
    match field {
        "chat" => Some(|value| {
            let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            text(value).len() == 16 && text(value).chars().all(hex)
        }),
        "entry" | "home" => Some(|value| text(value).len() == 52 && text(value).starts_with("12D3Koo")),
        "fingerprint" => Some(|value| text(value).split(' ').count() == 12),
        "certificate_ends" => Some(|value| value.as_u64().is_some_and(|end| end > 1_700_000_000)),
        _ => None,
    }
}

/// What stands in the page, and what stood there in this visit.
#[derive(Default)]
struct Bound(BTreeMap<String, String>);

impl Bound {
    /// Whether this is the line of the page.
    fn is(&mut self, page: &Value, real: &Value) -> bool {
        let (Value::Object(page), Value::Object(real)) = (page, real) else {
            return false;
        };
        let mut real = real.clone();
        real.remove(FACES_OWN);
        // What a line that is another one would bind is not kept.
        let mut bound = self.0.clone();
        let mut same = |(field, value): (&String, &Value)| {
            let Some(came) = real.get(field) else { return false };
            match form(field) {
                None => value == came,
                Some(form) if form(value) && form(came) => {
                    let came = came.to_string();
                    *bound.entry(value.to_string()).or_insert_with(|| came.clone()) == came
                }
                Some(_) => false,
            }
        };
        let is = page.len() == real.len() && page.iter().all(&mut same);
        if is {
            self.0 = bound;
        }
        is
    }

    /// A line that is sent, with the values of this visit.
    fn send(&self, line: &str) -> String {
        let replace = |line: String, (page, real): (&String, &String)| line.replace(page, real);
        self.0.iter().fold(line.to_owned(), replace)
    }
}

/// A side of the visit.
struct Side {
    face: Face,
    /// Events that were compared, without the loose ones.
    seen: usize,
}

impl Side {
    /// The next event that is not loose.
    async fn next(&mut self, what: &str) -> Value {
        let mut seen = 0;
        let wanted = self.seen;
        let find = self.face.process().find(what, 0, PATIENCE, |line| {
            let event = line.json.as_ref().filter(|event| !line.error && !loose(event))?;
            seen += 1;
            (seen > wanted).then(|| event.clone())
        });
        let event = find.await;
        self.seen += 1;
        event
    }
}

async fn replay(helpline: &Helpline, steps: &[Step]) -> BTreeMap<char, Side> {
    let mut bound = Bound::default();
    let mut sides: BTreeMap<char, Side> = BTreeMap::new();
    for step in steps {
        let line = format!("{}{} {}", step.side, step.mark, step.rest);
        let side = sides.entry(step.side).or_insert_with(|| Side {
            face: match step.side {
                'S' => helpline.seeker("seeker").face,
                _ => helpline.counselor(0).face,
            },
            seen: 0,
        });
        let page =
            || serde_json::from_str::<Value>(step.rest).unwrap_or_else(|error| panic!("{line}: {error}"));
        match (step.mark, step.rest) {
            ('>', sent) => side.face.process().say(&bound.send(sent)).await,
            ('<', _) => {
                let event = side.next(&line).await;
                assert!(!loose(&page()), "{line}: it may come at any time");
                assert!(bound.is(&page(), &event), "{line}\ncame as\n{event}");
            }
            ('~', _) => {
                assert!(loose(&page()), "{line}: it comes at its place");
                let (wanted, bound) = (page(), std::sync::Mutex::new(&mut bound));
                let is = |event: &Value| bound.lock().unwrap().is(&wanted, event);
                side.face.until(&line, is).await;
            }
            ('=', "end of input") => side.face.process().close_stdin().await,
            ('=', status) => {
                let ended = side.face.process().exit(Duration::from_secs(20)).await;
                assert_eq!(format!("exit status {}", ended.code().unwrap()), status, "{line}");
            }
            _ => panic!("no line of a visit: {line}"),
        }
    }
    sides
}

#[tokio::test]
async fn the_visit_of_the_page_is_what_the_programs_say() {
    let helpline = Helpline::found(Plan::default()).await;
    let settings = helpline.path("settings.toml");
    fs::write(
        &settings,
        "[texts.en]\nhours = \"Monday to Friday, 9 to 17\"\ndanger = \"If you can, go to a safer place first.\"\n",
    )
    .unwrap();
    let _ = helpline
        .association("settings", args!["--file", settings])
        .await
        .ok();
    let published = helpline.publish().await;
    assert!(published[0].starts_with("published "), "{published:?}");
    let sides = replay(&helpline, &visit()).await;
    for (name, side) in &sides {
        let events = side.face.events();
        let compared = events.iter().filter(|event| !loose(event)).count();
        assert_eq!(compared, side.seen, "{name}: {}", side.face.process().story());
        assert_eq!(side.face.process().errors(), "", "{name}");
    }
    assert_eq!(sides.keys().collect::<String>(), "CS");
}

#[tokio::test]
async fn a_line_has_as_many_bytes_as_the_page_says() {
    let rows = table("## Lines", ["Limit", "Bytes", "Otherwise"]);
    let row = rows.iter().find(|[limit, _, _]| limit == "a line").unwrap();
    let most: usize = row[1].replace(',', "").parse().unwrap();
    let helpline = Helpline::found(Plan {
        run: false,
        ..Plan::default()
    })
    .await;
    let seeker = Seeker::start("seeker", &helpline.address);
    for (bytes, code) in [(most, "too_long"), (most + 1, "bad_command")] {
        let (head, tail) = (r#"{"cmd":"say","id":"a","text":""#, "\"}");
        let line = format!("{head}{}{tail}", "x".repeat(bytes - head.len() - tail.len()));
        seeker.face.process().say(&line).await;
        let error = |event: &Value| event["event"] == "error" && event["code"] == code;
        seeker.face.until(code, error).await;
    }
}
