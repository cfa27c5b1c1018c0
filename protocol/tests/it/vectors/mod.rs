//! The published vectors of HP1: every object, handshake and token with fixed randomness, computed again and
//! compared with `docs/vectors/hp1.json`. `HAMSA_UPDATE_VECTORS=1` writes that file. The commit that changes it has
//! to say why the protocol changed. docs/vectors.md explains the content of the file.

mod cast;
mod chats;
mod homes;
mod labels;
mod links;
mod lost;
mod mail;
mod malformed;
mod objects;
mod puzzle;
mod records;
mod survey;
mod talk;
mod tape;

use std::{env, fs, path::PathBuf};

use cast::Cast;
use serde_json::{Map, Value, json};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors/hp1.json")
}

#[test]
fn the_published_vectors_are_what_this_version_computes() {
    let computed = vectors();
    if env::var_os("HAMSA_UPDATE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&computed).unwrap();
        fs::write(file(), text + "\n").unwrap();
    }
    let published = fs::read_to_string(file()).expect("docs/vectors/hp1.json is there");
    let published: Value = serde_json::from_str(&published).unwrap();
    let mut differences = Vec::new();
    compare("", &published, &computed, &mut differences);
    assert!(
        differences.is_empty(),
        "published and computed differ at {differences:#?}"
    );
}

/// Names what differs: a message with the whole file would not help.
fn compare(path: &str, published: &Value, computed: &Value, differences: &mut Vec<String>) {
    match (published, computed) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                compare(&format!("{path}/{key}"), a, b, differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{number}"), a, b, differences);
            }
        }
        (a, b) if a != b => differences.push(path.to_owned()),
        _ => {}
    }
}

fn vectors() -> Value {
    let cast = Cast::new();
    let mut all = Map::new();
    all.insert("protocol".into(), json!(hamsa_protocol::PROTOCOL));
    all.insert("keys".into(), objects::keys(&cast));
    all.insert("objects".into(), objects::objects(&cast));
    all.insert("settings".into(), objects::settings());
    all.insert("address".into(), objects::address(&cast));
    all.insert("files".into(), objects::files(&cast));
    all.insert("kem".into(), links::kem());
    all.insert("record".into(), links::record());
    all.insert("home_link".into(), links::home_link(&cast));
    let (home, receipt) = homes::home(&cast);
    all.insert("home".into(), home);
    for (name, value) in talk::conversation(&cast, receipt) {
        all.insert(name.into(), value);
    }
    all.insert("labels".into(), labels::labels());
    all.insert("survey".into(), survey::survey());
    all.insert("puzzle".into(), puzzle::puzzles(&cast));
    all.insert("malformed".into(), malformed::malformed(&receipt));
    let mut all = Value::Object(all);
    let records = records::records(&cast, &all);
    all["records"] = records;
    all
}
