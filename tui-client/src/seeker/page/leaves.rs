//! The notebook, as far as a page shows it.

use crate::notebook::Sentences;

use super::{
    super::{
        notebook::{self, NotebookPage},
        texts::clean,
    },
    Action, Page, PageBuilder, Para,
};

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn notebook(&self, leaf: NotebookPage) -> Page<'a> {
        let new = self.model.notebook.as_ref().is_some_and(|book| book.new);
        let one = |one, other| if new { one } else { other };
        let back = ("seek-back", Action::Close);
        let (says, choices): (&[&str], &[(&str, Action)]) = match leaf {
            NotebookPage::Safe => return self.notebook_safe(),
            NotebookPage::List => return self.notebook_list(),
            NotebookPage::Path if new => (&["seek-notebook-path-new", "seek-notebook-path-name"], &[back]),
            NotebookPage::Path => (&["seek-notebook-path"], &[back]),
            NotebookPage::Passphrase => (
                one(
                    &["seek-notebook-passphrase-new", "seek-notebook-hidden"],
                    &["seek-notebook-passphrase", "seek-notebook-hidden"],
                ),
                &[back],
            ),
            NotebookPage::Again => (&["seek-notebook-again", "seek-notebook-hidden"], &[back]),
            NotebookPage::Busy => (&["seek-notebook-busy"], &[back]),
            NotebookPage::Note => (
                &["seek-notebook-note"],
                &[("seek-back", Action::Turn(NotebookPage::List))],
            ),
            NotebookPage::File => (
                &["seek-notebook-file", "seek-notebook-file-stays"],
                &[("seek-back", Action::Turn(NotebookPage::List))],
            ),
        };
        self.simple("seek-notebook-open", says, choices)
    }

    /// What it is, in the words of the notebook itself. The first choice writes nothing.
    pub(super) fn notebook_safe(&self) -> Page<'a> {
        let mut page = self.simple("seek-notebook-open", &[], &[("seek-notebook-not", Action::Close)]);
        page.paras
            .push(Para::Strong(self.texts.say("seek-notebook-only")));
        page.paras.push(self.say("seek-notebook-nobody"));
        if !self.model.hides {
            page.paras.push(self.say("seek-notebook-shown"));
            page.paras.push(self.command("new", "--file FILE"));
            return page;
        }
        let words = Sentences::new(notebook::language(self.model.locale));
        let safe = words.say("notebook-safe");
        page.paras.extend(
            safe.lines()
                .map(|line| Para::Say(line.trim_start_matches(['·', ' ']).to_owned())),
        );
        page.choices
            .push(self.choice("seek-notebook-make", Action::Notebook(true)));
        page.choices
            .push(self.choice("seek-notebook-mine", Action::Notebook(false)));
        page.whole = true;
        page
    }

    /// A command of the notebook that speaks her language.
    fn command(&self, what: &str, rest: &str) -> Para<'a> {
        let language = notebook::language(self.model.locale);
        Para::Row(format!("hamsa notebook {what} --lang {language} {rest}"))
    }

    pub(super) fn notebook_list(&self) -> Page<'a> {
        let note = if notebook::holds_note(self.model) {
            "seek-notebook-note-on"
        } else {
            "seek-notebook-note-do"
        };
        let mut page = self.simple(
            "seek-notebook-open",
            &[],
            &[
                (note, Action::Turn(NotebookPage::Note)),
                ("seek-notebook-file-do", Action::Turn(NotebookPage::File)),
                ("seek-notebook-close", Action::Close),
            ],
        );
        let entries = self.model.notebook.as_ref().map_or(&[][..], |book| &book.entries);
        for entry in entries {
            page.paras.push(Para::Quote(clean(&entry.0)));
            page.paras.push(Para::Gap);
        }
        if entries.is_empty() {
            page.paras.push(self.say("seek-notebook-empty"));
        }
        page.paras.push(self.say("seek-notebook-export"));
        page.paras.push(self.command("export", "--file FILE --to FOLDER"));
        page
    }
}
