//! A process that is killed while it writes: what it has acknowledged is there, and follows the sync.

use super::*;

/// Where a child process finds its directory, and that it is one.
const CHILD: &str = "HAMSA_STORE_CHILD";

/// What its numbers start from.
const CHILD_SEED: &str = "HAMSA_STORE_SEED";

/// After how many steps it ends by itself.
const CHILD_STEPS: &str = "HAMSA_STORE_STEPS";

/// A process that writes and says what was acknowledged, for as long as it is let.
///
/// It is a test so that it is in this binary; without the variable it does nothing.
#[test]
fn child() {
    let Ok(directory) = std::env::var(CHILD) else {
        return;
    };
    let seed: u64 = std::env::var(CHILD_SEED).unwrap().parse().unwrap();
    let mut dice = Dice::new(seed);
    let mut store = open(Path::new(&directory));
    println!("\nopen");
    let steps = std::env::var(CHILD_STEPS).map_or(u64::MAX, |text| text.parse().unwrap());
    let mut kept = Vec::new();
    for step in 0..steps {
        let mut lines = Vec::new();
        for _ in 0..=dice.below(4) {
            let number = dice.below(u64::MAX);
            let day = DAY + (seed % 3) as u32 + dice.below(2) as u32;
            let len = dice.below(16_384);
            let place = place(day, ItemKind::Deposit, number);
            store.put(&place, &value(number, len as usize)).unwrap();
            lines.push(format!("put {day} {number} {len}"));
            kept.push((place, format!("removing {day} {number}")));
            // Now and then one goes again: this one, or one that was acknowledged long ago.
            if dice.below(8) == 0 {
                let (place, line) = kept.swap_remove(dice.below(kept.len() as u64) as usize);
                // Told before it is done: killed in between, it may be there or not.
                println!("{line}");
                store.remove(&place).unwrap();
            }
        }
        store.commit().unwrap();
        println!("{}\ndone {step}", lines.join("\n"));
    }
}

fn child_command(directory: &Path, seed: u64, through: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut words = through
        .iter()
        .map(|word| (*word).into())
        .collect::<Vec<std::ffi::OsString>>();
    words.push(this.into());
    let mut command = Command::new(words.remove(0));
    command
        .args(words)
        .args([
            "store::kills::child",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CHILD, directory)
        .env(CHILD_SEED, seed.to_string());
    command
}

/// So long a process of another test may hold a day's lock.
const HELD: Duration = Duration::from_secs(10);

/// R7: killed at random points of writing; short here, long by the command at the top.
#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let kills = long(20, 1_000);
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(7);
    let mut known: BTreeMap<Place, (u64, usize)> = BTreeMap::new();
    // What was removed and acknowledged stays away: mail that comes back is read twice.
    let mut gone: BTreeSet<Place> = BTreeSet::new();
    let mut times = Vec::new();
    let (mut acknowledged, mut steps) = (0, 0);
    for kill in 0..kills {
        let mut child = child_command(folder.path(), kill, &[])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::sync_channel(10_000);
        let reader = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                send.send(line).unwrap();
            }
        });
        // Most are killed while they write, at some time after some step; some while they open.
        let (wait, mut steps_left) = if dice.below(5) == 0 {
            (Duration::from_micros(dice.below(200_000)), 0)
        } else {
            (Duration::from_secs(60), 1 + dice.below(12))
        };
        let mut end = Instant::now() + wait;
        let (mut put, mut removed) = (Vec::new(), Vec::new());
        let mut seen = Vec::new();
        loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if line.starts_with("done ") && steps_left > 0 {
                        steps_left -= 1;
                        if steps_left == 0 {
                            end = Instant::now() + Duration::from_micros(dice.below(10_000));
                        }
                    }
                    seen.push(line);
                    // A child that is faster than this reader would never be killed.
                    if Instant::now() >= end {
                        break;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break,
                Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the child ended by itself"),
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
        seen.extend(lines.try_iter());
        for line in seen {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["done", _] => {
                    steps += 1;
                    acknowledged += put.len() as u64;
                    known.extend(put.drain(..));
                    for place in removed.drain(..) {
                        known.remove(&place);
                        gone.insert(place);
                    }
                }
                ["put", day, number, len] => {
                    let number = number.parse().unwrap();
                    let place = place(day.parse().unwrap(), ItemKind::Deposit, number);
                    put.push((place, (number, len.parse().unwrap())));
                }
                ["removing", day, number] => {
                    let (day, number) = (day.parse().unwrap(), number.parse().unwrap());
                    removed.push(place(day, ItemKind::Deposit, number));
                }
                _ => {}
            }
        }
        known.retain(|place, _| !removed.contains(place));
        let start = Instant::now();
        let mut store = open(folder.path());
        let mut places: BTreeSet<_> = store.places().unwrap().into_iter().collect();
        times.push(start.elapsed());
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "kill {kill}: opening took {:?}",
            start.elapsed()
        );
        // A process that another test starts has copies of our files until it is another program, and with them a day's lock:
        // the day is read when that is over. What was lost stays lost.
        while !known.keys().all(|place| places.contains(place)) && start.elapsed() < HELD {
            std::thread::park_timeout(Duration::from_millis(50));
            places = store.places().unwrap().into_iter().collect();
        }
        let lost: Vec<_> = known.keys().filter(|place| !places.contains(place)).collect();
        assert!(
            lost.is_empty(),
            "kill {kill}: {lost:?} of {} are lost",
            known.len()
        );
        for (place, (number, len)) in &known {
            assert_holds(&mut store, place, *number, *len, &format!("kill {kill}"));
        }
        for place in &gone {
            assert_eq!(
                store.read(place).unwrap(),
                None,
                "kill {kill}: {place:?} came back"
            );
        }
        assert_eq!(store.numbers().now().damaged, Vec::<String>::new(), "kill {kill}");
        // Now and then the oldest goes, so that the long run is not about the size of the disk.
        if kill % 50 == 49 {
            let day = DAY + 1 + (dice.below(3) as u32);
            store.forget_before(Day(day)).unwrap();
            known.retain(|place, _| place.day >= Day(day));
            gone.retain(|place| place.day >= Day(day));
        }
    }
    assert!(acknowledged > kills, "{acknowledged} in {kills} kills is no test");
    assert!(!gone.is_empty());
    times.sort();
    eprintln!(
        "R7: {kills} kills, {steps} commits, {acknowledged} items acknowledged, 0 lost; opening median {:?}, longest {:?}",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

/// What `commit` promises, as the kernel sees it: after the last byte of a step went into sled's file, that file and then
/// the mark are synced, and only then is the acknowledgement written.
#[test]
fn an_acknowledgement_follows_the_sync() {
    if Command::new("strace").arg("-V").output().is_err() {
        skip("strace is not here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let node = folder.path().join("node");
    let through = [
        "strace",
        "-f",
        "-y",
        "-s",
        "12",
        "-e",
        "trace=write,pwrite64,fsync,fdatasync,sync_file_range",
        "-o",
        trace.to_str().unwrap(),
    ];
    let output = child_command(&node, 3, &through)
        .env(CHILD_STEPS, "10")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&trace).unwrap();
    let (mut writes, mut acknowledged) = (0, 0);
    let mut unsynced: BTreeMap<String, &str> = BTreeMap::new();
    for line in text.lines() {
        let file = |name: &str| {
            let path = line.split_once('<')?.1.split_once('>')?.0;
            (path.ends_with(name) && path.starts_with(node.to_str().unwrap())).then(|| path.to_owned())
        };
        if line.contains("pwrite64(") {
            if let Some(path) = file("/db").or_else(|| file("/mark")) {
                writes += 1;
                unsynced.insert(path, line);
            }
        } else if line.contains("fsync(") && !line.contains("unfinished") {
            if let Some(path) = file("/db").or_else(|| file("/mark")) {
                unsynced.remove(&path);
            }
        } else if line.contains("write(1<") && (line.contains("\"put ") || line.contains("\"done ")) {
            acknowledged += 1;
            assert!(
                unsynced.is_empty(),
                "acknowledged before it was synced: {unsynced:?}"
            );
        }
    }
    assert!(writes > 10 && acknowledged > 5, "{writes} {acknowledged}");
}
