use std::{fs, path::Path};

use crossterm::event::KeyCode;

use super::{
    super::{message::SeekerMsg, screen::Action, tests::Bench},
    *,
};

const PASSPHRASE: &str = "quatre mots assez longs";

fn bench() -> Bench {
    let mut bench = Bench::new(Locale::English, 80, 24);
    bench.talking();
    bench
}

/// Does the work at once, as the other thread would.
fn works(bench: &mut Bench, effects: Vec<SeekerEffect>) {
    let [SeekerEffect::Notebook(work)] = effects.as_slice() else {
        panic!("expected work, got {effects:?}");
    };
    let answer = act(work);
    bench.take(SeekerMsg::Notebook(answer));
}

fn types(bench: &mut Bench, text: &str) -> Vec<SeekerEffect> {
    bench.types(text);
    bench.press(KeyCode::Enter)
}

fn open(bench: &mut Bench, path: &Path, new: bool, passphrase: &str) {
    bench.choose(Action::Open(Overlay::Menu));
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    bench.choose(Action::Notebook(new));
    let looked = types(bench, path.to_str().unwrap());
    works(bench, looked);
    let mut effects = types(bench, passphrase);
    if new {
        assert_eq!(effects, []);
        effects = types(bench, passphrase);
    }
    works(bench, effects);
}

#[test]
fn nothing_is_written_before_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let count = || fs::read_dir(folder.path()).unwrap().count();
    let path = folder.path().join("list");
    let mut bench = bench();
    bench.control('k');
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    let screen = bench.draw();
    assert!(
        screen.contains("the only thing Hamsa ever writes on this device"),
        "{screen}"
    );
    // Enter alone is no yes, however often.
    for _ in 0..5 {
        assert_eq!(bench.press(KeyCode::Enter), []);
        bench.draw();
    }
    assert!(bench.model.notebook.is_none() && bench.model.overlays.is_empty());
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    bench.choose(Action::Notebook(true));
    let looked = types(&mut bench, path.to_str().unwrap());
    works(&mut bench, looked);
    bench.types(PASSPHRASE);
    let screen = bench.draw();
    assert!(!screen.contains("mots") && screen.contains("•••"), "{screen}");
    bench.press(KeyCode::Enter);
    assert_eq!(types(&mut bench, "other words"), []);
    assert!(bench.draw().contains("The two are not the same"));
    assert_eq!(types(&mut bench, PASSPHRASE), []);
    assert_eq!(count(), 0, "up to here nothing");
    let effects = types(&mut bench, PASSPHRASE);
    works(&mut bench, effects);
    assert_eq!(count(), 1);
    assert!(bench.draw().contains("Nothing is in it yet"));

    // Words and a file, which stays where it is.
    bench.press(KeyCode::Char('1'));
    let effects = types(&mut bench, "il a tout publié");
    works(&mut bench, effects);
    let photo = folder.path().join("photo.jpg");
    fs::write(&photo, b"jpg").unwrap();
    bench.press(KeyCode::Char('2'));
    let effects = types(&mut bench, &format!("'{}'", photo.display()));
    works(&mut bench, effects);
    let screen = bench.draw();
    assert!(
        screen.contains("Number 2") && screen.contains("il a tout publié"),
        "{screen}"
    );
    assert_eq!(fs::read(&photo).unwrap(), b"jpg");
    bench.press(KeyCode::Char('3'));
    assert!(bench.model.notebook.is_none(), "closed is forgotten");
    assert!(!bench.draw().contains("publié"));

    // And it is there the next time.
    open(&mut bench, &path, false, PASSPHRASE);
    assert!(
        bench.model.notebook.as_ref().unwrap().entries[1]
            .0
            .contains("photo.jpg")
    );
}

#[test]
fn what_is_wrong_is_told_and_the_words_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let mut bench = bench();
    open(&mut bench, &path, true, PASSPHRASE);
    // A file that does not exist: what was typed is still there.
    bench.press(KeyCode::Char('2'));
    let effects = types(&mut bench, "/nowhere/at/all");
    works(&mut bench, effects);
    let screen = bench.draw();
    assert!(
        screen.contains("There is no file at") && screen.contains("› /nowhere/at/all"),
        "{screen}"
    );
    bench.press(KeyCode::Esc);

    open(&mut bench, &path, false, "not these");
    let screen = bench.draw();
    assert!(screen.contains("does not open this notebook"), "{screen}");
    assert_eq!(
        bench.model.top(),
        Some(Overlay::Notebook(NotebookPage::Passphrase))
    );
    let effects = types(&mut bench, PASSPHRASE);
    works(&mut bench, effects);
    assert_eq!(bench.model.top(), Some(Overlay::Notebook(NotebookPage::List)));
    bench.press(KeyCode::Esc);

    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    open(&mut bench, &path, false, PASSPHRASE);
    assert!(bench.draw().contains("is damaged"));
    assert_eq!(fs::read(&path).unwrap(), bytes, "it was left as it is");
    bench.press(KeyCode::Esc);

    // No file is written over, none is made by opening.
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    for (new, place, said) in [
        (true, &path, "already something"),
        (false, &folder.path().join("no"), "no notebook"),
    ] {
        bench.choose(Action::Notebook(new));
        let effects = types(&mut bench, place.to_str().unwrap());
        works(&mut bench, effects);
        let screen = bench.draw();
        assert!(screen.contains(said), "{screen}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn no_key_back_takes_a_note_from_her() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let mut bench = bench();
    open(&mut bench, &path, true, PASSPHRASE);
    bench.press(KeyCode::Char('1'));
    bench.types("il a tout");
    // The counselor writes, and no sentence leads away from the note.
    bench.event(hamsa_client::api::SeekerEvent::Message {
        number: 0,
        id: "c".to_owned(),
        text: "salam".into(),
    });
    let screen = bench.draw();
    assert!(
        screen.contains("The counselor wrote.") && !screen.contains("Esc takes"),
        "{screen}"
    );
    // Nor does the menu offer what would lose it.
    bench.control('k');
    let screen = bench.draw();
    assert!(!screen.contains("End the talk"), "{screen}");
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    assert_eq!(bench.model.top(), Some(Overlay::Notebook(NotebookPage::Note)));
    assert_eq!(bench.model.typed.text(), "il a tout");
    for _ in 0..9 {
        bench.press(KeyCode::Esc);
    }
    let screen = bench.draw();
    assert!(screen.contains("is not kept yet"), "{screen}");
    // A file is kept first, then the note is gone on with.
    let photo = folder.path().join("photo.jpg");
    fs::write(&photo, b"jpg").unwrap();
    bench.press(KeyCode::Char('2'));
    let effects = types(&mut bench, photo.to_str().unwrap());
    works(&mut bench, effects);
    bench.press(KeyCode::Char('1'));
    assert_eq!(bench.model.typed.text(), "il a tout");
    let effects = types(&mut bench, " publié");
    bench.press(KeyCode::Esc);
    works(&mut bench, effects);
    assert!(bench.draw().contains("il a tout publié"));
    bench.press(KeyCode::Esc);
    assert!(bench.model.overlays.is_empty() && bench.model.notebook.is_none());
}

#[test]
fn what_the_disk_did_is_taken_in_under_a_help_page_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let mut bench = bench();
    open(&mut bench, &path, true, PASSPHRASE);
    bench.press(KeyCode::Char('1'));
    let effects = types(&mut bench, "il a tout publié");
    bench.press(KeyCode::F(1));
    works(&mut bench, effects);
    assert_eq!(bench.model.top(), Some(Overlay::Help), "she reads on");
    bench.press(KeyCode::Esc);
    assert_eq!(bench.model.top(), Some(Overlay::Notebook(NotebookPage::List)));
    assert!(bench.draw().contains("il a tout publié"));
}

#[test]
fn the_way_out_and_going_away_leave_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    for leaf in [
        NotebookPage::Path,
        NotebookPage::Passphrase,
        NotebookPage::Busy,
        NotebookPage::List,
        NotebookPage::Note,
    ] {
        let mut bench = bench();
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(true));
        turn(&mut bench.model, leaf);
        assert!(bench.control('x').contains(&SeekerEffect::Leave), "{leaf:?}");
    }
    // The notebook was left while the disk was at work.
    let mut bench = bench();
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    bench.choose(Action::Notebook(true));
    let effects = types(&mut bench, path.to_str().unwrap());
    bench.press(KeyCode::Esc);
    works(&mut bench, effects);
    assert!(bench.model.notebook.is_none() && bench.model.typed.is_blank());
    assert!(bench.model.overlays.is_empty());
    // It was begun again meanwhile: what comes late is not for this one.
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    bench.choose(Action::Notebook(true));
    bench.take(SeekerMsg::Notebook(NotebookAnswer::Opened(Vec::new(), None)));
    assert_eq!(bench.model.top(), Some(Overlay::Notebook(NotebookPage::Path)));
}

#[test]
fn a_weak_passphrase_is_refused_before_it_is_typed_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let mut bench = bench();
    bench.choose(Action::Open(Overlay::Menu));
    bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    bench.choose(Action::Notebook(true));
    let looked = types(&mut bench, path.to_str().unwrap());
    works(&mut bench, looked);
    assert_eq!(types(&mut bench, "password1"), []);
    let screen = bench.draw();
    assert!(
        screen.contains("too weak") && screen.contains("type them:"),
        "{screen}"
    );
    assert!(!screen.contains("password1"), "{screen}");
    assert_eq!(
        bench.model.top(),
        Some(Overlay::Notebook(NotebookPage::Passphrase))
    );
    // What is offered is taken.
    let Some(SeekerNotice::Said(said)) = bench.model.notice.clone() else {
        panic!("it is said");
    };
    let offered = said.0.rsplit_once(": ").unwrap().1.to_owned();
    assert_eq!(types(&mut bench, &offered), []);
    let effects = types(&mut bench, &offered);
    works(&mut bench, effects);
    assert!(path.exists());
}
