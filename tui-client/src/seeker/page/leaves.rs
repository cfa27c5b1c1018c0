//! The notebook, as far as a page shows it.

use super::{
    super::{
        notebook,
        screen::{Action, NotebookPage},
    },
    Page, PageBuilder, Para,
};
use crate::{i18n::Text, notebook::Sentences, text::clean};

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn notebook(&self, leaf: NotebookPage) -> Page<'a> {
        let new = self.model.notebook.as_ref().is_some_and(|book| book.new);
        let one = |one, other| if new { one } else { other };
        let back = (Text::SeekBack, Action::Close);
        let (says, choices): (&[Text], &[(Text, Action)]) = match leaf {
            NotebookPage::Safe => return self.notebook_safe(),
            NotebookPage::List => return self.notebook_list(),
            NotebookPage::Path if new => (&[Text::SeekNotebookPathNew, Text::SeekNotebookPathName], &[back]),
            NotebookPage::Path => (&[Text::SeekNotebookPath], &[back]),
            NotebookPage::Passphrase => (
                one(
                    &[Text::SeekNotebookPassphraseNew, Text::SeekNotebookHidden],
                    &[Text::SeekNotebookPassphrase, Text::SeekNotebookHidden],
                ),
                &[back],
            ),
            NotebookPage::Again => (&[Text::SeekNotebookAgain, Text::SeekNotebookHidden], &[back]),
            NotebookPage::Busy => (&[Text::SeekNotebookBusy], &[back]),
            NotebookPage::Note => (
                &[Text::SeekNotebookNote],
                &[(Text::SeekBack, Action::Turn(NotebookPage::List))],
            ),
            NotebookPage::File => (
                &[Text::SeekNotebookFile, Text::SeekNotebookFileStays],
                &[(Text::SeekBack, Action::Turn(NotebookPage::List))],
            ),
        };
        self.simple(Text::SeekNotebookOpen, says, choices)
    }

    /// What it is, in the words of the notebook itself. The first choice writes nothing.
    pub(super) fn notebook_safe(&self) -> Page<'a> {
        let mut page = self.simple(
            Text::SeekNotebookOpen,
            &[],
            &[(Text::SeekNotebookNot, Action::Close)],
        );
        page.paras
            .push(Para::Strong(self.texts.say(Text::SeekNotebookOnly)));
        page.paras.push(self.say(Text::SeekNotebookNobody));
        if !self.model.hides {
            page.paras.push(self.say(Text::SeekNotebookShown));
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
            .push(self.choice(Text::SeekNotebookMake, Action::Notebook(true)));
        page.choices
            .push(self.choice(Text::SeekNotebookMine, Action::Notebook(false)));
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
            Text::SeekNotebookNoteOn
        } else {
            Text::SeekNotebookNoteDo
        };
        let mut page = self.simple(
            Text::SeekNotebookOpen,
            &[],
            &[
                (note, Action::Turn(NotebookPage::Note)),
                (Text::SeekNotebookFileDo, Action::Turn(NotebookPage::File)),
                (Text::SeekNotebookClose, Action::Close),
            ],
        );
        let entries = self.model.notebook.as_ref().map_or(&[][..], |book| &book.entries);
        for entry in entries {
            page.paras.push(Para::Quote(clean(&entry.0)));
            page.paras.push(Para::Gap);
        }
        if entries.is_empty() {
            page.paras.push(self.say(Text::SeekNotebookEmpty));
        }
        page.paras.push(self.say(Text::SeekNotebookExport));
        page.paras.push(self.command("export", "--file FILE --to FOLDER"));
        page
    }
}
