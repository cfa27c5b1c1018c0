//! One seeker in one terminal, and what she writes.

use std::time::Duration;

use hamsa_tests::cast::{HAMSA, PATIENCE, PROMPT, Tmux, program};
use tokio::time::{Instant, sleep};

use super::book::{Book, mask};

/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// While golden files are written, a screen that stays as it is for so long is the one that is meant.
const SETTLED: Duration = Duration::from_millis(900);

/// What she and those who answer write, in her language.
pub(super) struct Said {
    /// Her first words.
    pub(super) first: &'static str,
    /// While she waits.
    pub(super) more: &'static str,
    /// In the talk; two lines.
    pub(super) talk: [&'static str; 2],
    /// While the line is broken.
    pub(super) broken: &'static str,
    /// When the counselor is gone.
    pub(super) gone: &'static str,
    /// The counselor's first words.
    pub(super) hello: &'static str,
    /// The counselor's words with everything that is hard to draw.
    pub(super) mixed: &'static str,
    /// The answer to the sealed message.
    pub(super) answer: &'static str,
}

const FRENCH: Said = Said {
    first: "il dit qu'il va tout publier",
    more: "il a des photos de moi, et il connaît mon école",
    talk: ["je ne sais pas quoi faire", "j'ai peur de rentrer"],
    broken: "vous êtes là ?",
    gone: "je suis encore là",
    hello: "Bonjour, je suis là. Prenez votre temps.",
    mixed: "Deux choses : 1) gardez les messages (même ceux d'Instagram : https://example.org/aide?p=12&lang=fr), \
            2) ne répondez plus. واش فهمتي؟ 07:45 → 9 h, « oui » ?",
    answer: "Nous avons lu votre message. Vous n'êtes pas seule.\nRevenez quand vous voulez, du lundi au vendredi.",
};

const ARABIC: Said = Said {
    first: "كيقول غادي ينشر كلشي (الصور) فـ Instagram",
    more: "عندو تصاوري وعارف المدرسة ديالي",
    talk: ["ما عرفتش شنو ندير", "خايفة نرجع للدار"],
    broken: "واش كاينة؟",
    gone: "أنا مازال هنا",
    hello: "السلام، أنا هنا. خدي الوقت ديالك.",
    mixed: "جوج حوايج: 1) خلّي الرسائل (حتى ديال Instagram: https://example.org/aide?p=12&lang=ar)، \
            2) ما تجاوبيش. d'accord? الساعة 07:45 ← 9، «آه»؟",
    answer: "قرينا الرسالة ديالك. نتي ماشي بوحدك.\nرجعي وقت ما بغيتي، من الاثنين للجمعة.",
};

const ENGLISH: Said = Said {
    first: "kayn chi wa7d kayhddni",
    more: "he has pictures of me and knows my school",
    talk: ["3afak ma 3reft ch ndir", "khayfa nrj3 l dar"],
    broken: "are you there?",
    gone: "I am still here",
    hello: "Salam, I am here. Take your time.",
    mixed: "Two things: 1) keep the messages (those on Instagram too: https://example.org/help?p=12&lang=en), \
            2) do not answer. واش فهمتي؟ ⴰⵣⵓⵍ 07:45 → 9, \"yes\"?",
    answer: "We read your message. You are not alone.\nCome back any time, Monday to Friday.",
};

/// She.
pub(super) struct Visit {
    pub(super) tmux: Tmux,
    pub(super) language: &'static str,
    /// Small screens need more than one page for what a big one shows at once.
    pub(super) small: bool,
    pub(super) said: &'static Said,
    /// Her phrase.
    pub(super) phrase: String,
    pub(super) book: Book,
    address: String,
}

impl Visit {
    pub(super) async fn new(language: &'static str, (width, height): (u16, u16), address: &str) -> Self {
        Self {
            tmux: Tmux::open(width, height).await,
            language,
            small: height < 20,
            said: match language {
                "fr" => &FRENCH,
                "ar" => &ARABIC,
                _ => &ENGLISH,
            },
            phrase: String::new(),
            book: Book::open(language, width, height),
            address: address.to_owned(),
        }
    }

    /// Starts her program.
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

    /// What she sees next is a step: it becomes as it was reviewed, or is written down. If it came by itself, she
    /// waits out the pause first: keys act on what is captured.
    pub(super) async fn shows(&mut self, step: &str) {
        self.watch(step, SETTLED, |_| true).await;
    }

    /// As [`Self::shows`], for what settles late.
    pub(super) async fn shows_after(&mut self, step: &str, settled: Duration) {
        self.watch(step, settled, |_| true).await;
    }

    /// As [`Self::shows`], where one can tell when it is there.
    pub(super) async fn shows_when(&mut self, step: &str, is: impl Fn(&str) -> bool) {
        self.watch(step, SETTLED, is).await;
    }

    /// Presses keys and sees a step.
    pub(super) async fn step(&mut self, keys: &[&str], step: &str) {
        self.press(keys).await;
        self.shows(step).await;
    }

    async fn watch(&mut self, step: &str, settled: Duration, is: impl Fn(&str) -> bool) {
        let start = Instant::now();
        let reviewed = self.book.reviewed(step);
        let (mut before, mut since) = (String::new(), start);
        let screen = loop {
            let screen = mask(&self.tmux.screen().await);
            if screen != reviewed && self.tmux.pauses().await {
                self.after_the_pause().await;
                continue;
            }
            if self.book.update {
                if screen != before {
                    before.clone_from(&screen);
                    since = Instant::now();
                } else if is(&screen) && since.elapsed() > settled {
                    break screen;
                }
            } else if screen == reviewed {
                break screen;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{} became\n{screen}and not\n{reviewed}look at it, then UPDATE_GOLDEN=1",
                self.book.path(step).display()
            );
            sleep(LOOK).await;
        };
        self.book.keep(step, screen);
    }

    /// She is where she was, and keys act.
    pub(super) async fn back_at(&self, step: &str) {
        let there = self.book.captured(step);
        let start = Instant::now();
        loop {
            let screen = mask(&self.tmux.screen().await);
            if screen == there {
                return;
            }
            if self.tmux.pauses().await {
                self.after_the_pause().await;
            }
            assert!(start.elapsed() < PATIENCE, "waited for {step} on\n{screen}");
            sleep(LOOK).await;
        }
    }

    /// Whether she sees these words within a second.
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

    /// Waits for the prompt of her shell.
    pub(super) async fn gone(&self) {
        self.tmux
            .until("a prompt", |screen| screen.trim_end().ends_with(PROMPT))
            .await;
    }
}
