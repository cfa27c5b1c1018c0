//! One seeker in one terminal, whose screen is held against the golden ones.

use std::time::Duration;

use hamsa_tests::cast::{HAMSA, PATIENCE, PROMPT, Tmux, program};
use tokio::time::{Instant, sleep};

use super::{
    book::{Book, mask},
    said::Said,
};

/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// Columns and rows of the terminal.
const SIZE: (u16, u16) = (80, 24);

/// The seeker.
pub(super) struct Visit {
    pub(super) tmux: Tmux,
    pub(super) language: &'static str,
    pub(super) said: &'static Said,
    /// The seeker's phrase.
    pub(super) phrase: String,
    book: Book,
    address: String,
}

impl Visit {
    pub(super) async fn new((language, said): (&'static str, &'static Said), address: &str) -> Self {
        let (width, height) = SIZE;
        Self {
            tmux: Tmux::open(width, height).await,
            language,
            said,
            phrase: String::new(),
            book: Book::open(language, SIZE),
            address: address.to_owned(),
        }
    }

    /// Starts the program.
    pub(super) async fn start(&self, options: &str) {
        let hamsa = program(HAMSA).display();
        let address = &self.address;
        // How Arabic is drawn is what the terminal says of itself, or this.
        let world = "HOME=/nonexistent HAMSA_ARABIC=visual";
        self.tmux
            .types(&format!("clear; {world} {hamsa} seek {address} {options}"))
            .await;
        self.tmux.press(&["Enter"]).await;
        self.tmux.sees("Ctrl+X").await;
    }

    pub(super) async fn press(&self, keys: &[&str]) {
        self.tmux.press(keys).await;
    }

    pub(super) async fn types(&self, words: &str) {
        self.tmux.types(words).await;
    }

    /// Waits out the pause after a page that came by itself.
    pub(super) async fn after_the_pause(&self) {
        self.tmux.after_the_pause().await;
    }

    /// Presses keys and waits until they changed something: an escape that has letters behind it at once is no key.
    pub(super) async fn turns(&self, keys: &[&str]) {
        let before = self.tmux.screen().await;
        self.press(keys).await;
        self.tmux.until("a change", |screen| screen != before).await;
    }

    /// The screen becomes this page, as it was reviewed. If the page came by itself, the pause is waited out first:
    /// keys act on what was seen.
    pub(super) async fn shows(&self, page: &str) {
        let golden = self.book.golden(page);
        let start = Instant::now();
        loop {
            let screen = mask(&self.tmux.screen().await);
            if screen == golden {
                return;
            }
            if self.tmux.pauses().await {
                self.after_the_pause().await;
                continue;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{page:?} in {:?} became\n{screen}and not\n{golden}",
                self.language
            );
            sleep(LOOK).await;
        }
    }

    /// Presses keys and sees a page.
    pub(super) async fn step(&self, keys: &[&str], page: &str) {
        self.press(keys).await;
        self.shows(page).await;
    }

    /// Whether the seeker sees these words within a second.
    pub(super) async fn reads(&self, words: &str) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(1) {
            if self.tmux.screen().await.contains(words) {
                return true;
            }
            sleep(LOOK).await;
        }
        false
    }

    /// To the end of a text, however long it is here.
    pub(super) async fn read_on(&self) {
        self.press(&["PageDown"; 8]).await;
        // A number that comes before the end is drawn only reads on, too.
        let more = |row: &str| row.contains('─') && row.contains('↓');
        self.tmux
            .until("the end of the text", |screen| !screen.lines().any(more))
            .await;
    }

    /// Nothing but the prompt of the shell is left.
    pub(super) async fn is_gone(&self) {
        self.tmux
            .until("a prompt alone", |screen| screen.trim() == PROMPT)
            .await;
    }
}
