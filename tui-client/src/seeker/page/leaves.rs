//! The notebook, as far as a page shows it.

use super::{
    super::{
        notebook,
        screen::{Action, NotebookPage},
    },
    Page, PageBuilder, Para,
};
use crate::{
    i18n::Text::{self, *},
    notebook::Sentences,
    text::clean,
};

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn notebook(&self, leaf: NotebookPage) -> Page<'a> {
        let new = self.model.notebook.as_ref().is_some_and(|book| book.new);
        let one = |one, other| if new { one } else { other };
        let back = (SeekBack, Action::Close);
        let (says, choices): (&[Text], &[(Text, Action)]) = match leaf {
            NotebookPage::Safe => return self.notebook_safe(),
            NotebookPage::List => return self.notebook_list(),
            NotebookPage::Path if new => (&[SeekNotebookPathNew, SeekNotebookPathName], &[back]),
            NotebookPage::Path => (&[SeekNotebookPath], &[back]),
            NotebookPage::Passphrase => (
                one(
                    &[SeekNotebookPassphraseNew, SeekNotebookHidden],
                    &[SeekNotebookPassphrase, SeekNotebookHidden],
                ),
                &[back],
            ),
            NotebookPage::Again => (&[SeekNotebookAgain, SeekNotebookHidden], &[back]),
            NotebookPage::Busy => (&[SeekNotebookBusy], &[back]),
            NotebookPage::Note => (
                &[SeekNotebookNote],
                &[(SeekBack, Action::Turn(NotebookPage::List))],
            ),
            NotebookPage::File => (
                &[SeekNotebookFile, SeekNotebookFileStays],
                &[(SeekBack, Action::Turn(NotebookPage::List))],
            ),
        };
        self.simple(SeekNotebookOpen, says, choices)
    }

    /// What it is, in the words of the notebook itself. The first choice writes nothing.
    pub(super) fn notebook_safe(&self) -> Page<'a> {
        let mut page = self.simple(SeekNotebookOpen, &[], &[(SeekNotebookNot, Action::Close)]);
        page.paras.push(Para::Strong(self.texts.say(SeekNotebookOnly)));
        page.paras.push(self.say(SeekNotebookNobody));
        if !self.model.hides {
            page.paras.push(self.say(SeekNotebookShown));
            page.paras.push(self.command("new", "--file FILE"));
            return page;
        }
        let words = Sentences::new(self.model.locale, self.model.arabic);
        let safe = words.say(Text::NotebookSafe);
        page.paras.extend(
            safe.lines()
                .map(|line| Para::Say(line.trim_start_matches(['·', ' ']).to_owned())),
        );
        page.choices
            .push(self.choice(SeekNotebookMake, Action::Notebook(true)));
        page.choices
            .push(self.choice(SeekNotebookMine, Action::Notebook(false)));
        page.whole = true;
        page
    }

    /// A command of the notebook in the language of the screen.
    fn command(&self, what: &str, rest: &str) -> Para<'a> {
        let language = notebook::language(self.model.locale);
        Para::Row(format!("hamsa notebook {what} --lang {language} {rest}"))
    }

    pub(super) fn notebook_list(&self) -> Page<'a> {
        let note = if self.model.holds_note() {
            SeekNotebookNoteOn
        } else {
            SeekNotebookNoteDo
        };
        let mut page = self.simple(
            SeekNotebookOpen,
            &[],
            &[
                (note, Action::Turn(NotebookPage::Note)),
                (SeekNotebookFileDo, Action::Turn(NotebookPage::File)),
                (SeekNotebookClose, Action::Close),
            ],
        );
        let entries = self.model.notebook.as_ref().map_or(&[][..], |book| &book.entries);
        for entry in entries {
            page.paras.push(Para::Quote(clean(&entry.0)));
            page.paras.push(Para::Gap);
        }
        if entries.is_empty() {
            page.paras.push(self.say(SeekNotebookEmpty));
        }
        page.paras.push(self.say(SeekNotebookExport));
        page.paras.push(self.command("export", "--file FILE --to FOLDER"));
        page
    }
}
