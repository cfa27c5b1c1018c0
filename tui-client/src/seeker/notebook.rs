//! The evidence notebook in the seeker's screen: nothing is written before an explicit yes. It shows the
//! small part that a person needs in a talk: make or open one, write something down, keep a file, read. The rest
//! (links and dates of their own, the open copy) is the command `hamsa notebook`.
//!
//! The disk and the key derivation are slow: they are [`NotebookWork`] for another thread, so that the way out never waits.

use std::path::PathBuf;

use hamsa_client::{api::Words, sealed::file::look};
use hamsa_protocol::text;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    message::{NotebookAnswer, NotebookTask, NotebookWork, SeekerEffect},
    model::{OpenNotebook, SeekerModel, SeekerNotice},
    screen::{NotebookPage, Overlay},
};
use crate::{
    i18n::{Locale, Text},
    notebook::{NotebookEntry, NotebookError, Sentences, date, keep},
    strength,
    text::Strategy,
};

/// It is safe: asks where.
pub(super) fn begin(model: &mut SeekerModel, new: bool) {
    model.notebook = Some(OpenNotebook {
        new,
        path: Words(String::new()),
        passphrase: Words(String::new()),
        entries: Vec::new(),
        asked: NotebookPage::Path,
        draft: Words(String::new()),
    });
    turn(model, NotebookPage::Path);
}

/// Goes to a page. What was typed on another is gone, except a note that was begun: it waits until it is gone on with
/// or the notebook is closed.
pub(super) fn turn(model: &mut SeekerModel, leaf: NotebookPage) {
    let began = leaf == NotebookPage::List && model.writes_note();
    let typed = model.typed.take();
    if let Some(book) = &mut model.notebook {
        if began {
            book.draft = typed;
        } else if leaf == NotebookPage::Note {
            let draft = std::mem::replace(&mut book.draft, Words(String::new()));
            model.typed.insert(&draft.0);
        }
    }
    show(model, leaf);
}

/// Shows a page of the notebook where one is. What lies over it stays there, so that reading goes on.
fn show(model: &mut SeekerModel, leaf: NotebookPage) {
    let mut pages = model.overlays.iter_mut().rev();
    match pages.find(|over| matches!(over, Overlay::Notebook(_))) {
        Some(over) => *over = Overlay::Notebook(leaf),
        None => model.overlays.push(Overlay::Notebook(leaf)),
    }
    if model.top() == Some(Overlay::Notebook(leaf)) {
        model.fresh();
    }
}

/// Goes back to the page of an open notebook; what lay over it is gone.
pub(super) fn back_to(model: &mut SeekerModel) {
    while !matches!(model.top(), Some(Overlay::Notebook(_)) | None) {
        model.overlays.pop();
    }
    model.fresh();
}

/// The key that leads back, on a page of the notebook; `false` where it only closes the page. It never takes a note
/// from her.
pub(super) fn escape(model: &mut SeekerModel) -> bool {
    match model.top() {
        Some(Overlay::Notebook(NotebookPage::Note | NotebookPage::File)) => turn(model, NotebookPage::List),
        // What comes of it is known in a moment.
        Some(Overlay::Notebook(NotebookPage::Busy)) if model.writes_note() => {}
        Some(Overlay::Notebook(NotebookPage::List)) if model.holds_note() => {
            model.notice = Some(SeekerNotice::Text(Text::SeekNotebookDraft));
        }
        _ => return false,
    }
    true
}

/// Takes what was typed on the page.
pub(super) fn enter(model: &mut SeekerModel, leaf: NotebookPage) -> Vec<SeekerEffect> {
    model.notice = None;
    if model.typed.is_blank() {
        return Vec::new();
    }
    let locale = model.locale;
    let line = |text: &str| Words(text.trim().lines().next().unwrap_or_default().to_owned());
    let Some(book) = &mut model.notebook else {
        return Vec::new();
    };
    let what = match leaf {
        NotebookPage::Path => {
            book.path = line(model.typed.text());
            NotebookTask::Look { new: book.new }
        }
        NotebookPage::Passphrase if book.new => {
            // Said before it is typed a second time.
            let weakness = strength::weakness(&text::passphrase(model.typed.text()));
            if let Some(weakness) = weakness {
                model.typed.take();
                let said = Sentences::new(locale, model.arabic).weak_and_offer(weakness);
                model.notice = Some(SeekerNotice::Said(Words(said)));
                return Vec::new();
            }
            book.passphrase = model.typed.take();
            show(model, NotebookPage::Again);
            return Vec::new();
        }
        NotebookPage::Passphrase => {
            book.passphrase = model.typed.take();
            NotebookTask::Open(book.passphrase.clone())
        }
        NotebookPage::Again => {
            if model.typed.take() != book.passphrase {
                turn(model, NotebookPage::Passphrase);
                model.notice = Some(SeekerNotice::Text(Text::SeekNotebookDiffer));
                return Vec::new();
            }
            NotebookTask::Make(book.passphrase.clone())
        }
        NotebookPage::Note => {
            NotebookTask::Note(book.passphrase.clone(), Words(model.typed.text().to_owned()))
        }
        NotebookPage::File => NotebookTask::File(book.passphrase.clone(), line(model.typed.text())),
        NotebookPage::Safe | NotebookPage::Busy | NotebookPage::List => return Vec::new(),
    };
    book.asked = leaf;
    let path = book.path.clone();
    // What was typed stays until it is known that it was right.
    show(model, NotebookPage::Busy);
    vec![SeekerEffect::Notebook(NotebookWork {
        task: what,
        path,
        locale,
    })]
}

/// The other thread is done. If the notebook was left meanwhile, nothing of it is kept.
pub(super) fn on_answer(model: &mut SeekerModel, answer: NotebookAnswer) {
    if !model.overlays.contains(&Overlay::Notebook(NotebookPage::Busy)) {
        return;
    }
    let Some(book) = &mut model.notebook else {
        return;
    };
    match answer {
        NotebookAnswer::Looked => turn(model, NotebookPage::Passphrase),
        NotebookAnswer::Opened(entries, said) => {
            book.new = false;
            book.entries = entries;
            // It is in there now.
            model.typed.take();
            turn(model, NotebookPage::List);
            model.notice = said.map(SeekerNotice::Said);
        }
        NotebookAnswer::Wrong(said) => {
            let leaf = match book.asked {
                NotebookPage::Again => NotebookPage::Passphrase,
                asked => asked,
            };
            show(model, leaf);
            model.notice = Some(SeekerNotice::Said(said));
        }
    }
}

/// Which of its three languages it speaks.
pub(super) fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::English => "en",
        Locale::Arabic => "ar",
        Locale::French | Locale::TamazightLatin | Locale::Tamazight => "fr",
    }
}

/// Gives work to another thread; its answer comes where `answers` leads. Must be called inside a tokio runtime.
pub(crate) fn start(work: NotebookWork, answers: mpsc::Sender<NotebookAnswer>) {
    tokio::task::spawn_blocking(move || {
        let answer = act(&work);
        let _ = answers.try_send(answer);
    });
}

fn act(work: &NotebookWork) -> NotebookAnswer {
    let words = Sentences::new(work.locale, Strategy::Off);
    attempt(work, &words).unwrap_or_else(|error| NotebookAnswer::Wrong(Words(words.error(&error))))
}

fn attempt(work: &NotebookWork, words: &Sentences) -> Result<NotebookAnswer, NotebookError> {
    let path = path(&work.path.0);
    let (passphrase, said) = match &work.task {
        NotebookTask::Look { new: true } => {
            keep::absent(&path)?;
            return Ok(NotebookAnswer::Looked);
        }
        NotebookTask::Look { new: false } => {
            look(&path)?;
            return Ok(NotebookAnswer::Looked);
        }
        NotebookTask::Make(passphrase) => {
            keep::create(&path, &passphrase.0)?;
            let place = path.display().to_string();
            (
                passphrase,
                Some(words.with(Text::NotebookMade, &[("path", &place)])),
            )
        }
        NotebookTask::Open(passphrase) => (passphrase, None),
        NotebookTask::Note(passphrase, note) => {
            let number = add(&path, passphrase, Some(note.0.clone()), &[])?;
            (
                passphrase,
                Some(words.with(Text::NotebookKept, &[("number", &number)])),
            )
        }
        NotebookTask::File(passphrase, file) => {
            let number = add(&path, passphrase, None, &[self::path(&file.0)])?;
            (
                passphrase,
                Some(words.with(Text::NotebookKept, &[("number", &number)])),
            )
        }
    };
    let (_, book) = keep::open(&path, &passphrase.0)?;
    let entries = book.entries().iter().enumerate();
    let entries = entries.map(|(at, entry)| Words(words.whole_entry(at + 1, entry).trim_end().to_owned()));
    Ok(NotebookAnswer::Opened(entries.collect(), said.map(Words)))
}

fn add(
    path: &std::path::Path,
    passphrase: &Words,
    note: Option<String>,
    files: &[PathBuf],
) -> Result<String, NotebookError> {
    let zone = date::zone();
    let now = date::moment(Timestamp::now(), &zone);
    let entry = NotebookEntry {
        happened: now.clone(),
        added: now,
        url: None,
        account: None,
        note,
        originals: Vec::new(),
    };
    let number = keep::add(path, &passphrase.0, entry, files, &zone)?;
    Ok(number.to_string())
}

/// A path as people type it, or as a terminal writes it when a file is dropped on it.
fn path(typed: &str) -> PathBuf {
    let typed = typed.trim().trim_matches(['\'', '"']);
    let home = typed.strip_prefix("~/").and_then(|rest| {
        let home = std::env::var_os("HOME")?;
        Some(PathBuf::from(home).join(rest))
    });
    home.unwrap_or_else(|| PathBuf::from(typed))
}

#[cfg(test)]
#[path = "notebook_tests.rs"]
mod tests;
