//! The steps of a visit, in the order in which somebody could take them.

use std::time::Duration;

use super::{book::phrase, visit::Visit};

/// A broken line is said to be broken when it has been silent for some seconds.
const CUT: Duration = Duration::from_secs(5);
/// Eight words that are no phrase of hers.
const WRONG: &str = "un deux trois quatre cinq six sept huit";

impl Visit {
    pub(super) async fn before_the_helpline_answers(&mut self) {
        self.start("").await;
        self.shows("01-language").await;
        match self.language {
            "fr" => self.press(&["1"]).await,
            "ar" => {
                self.step(&["2"], "02-which-row-reads-right").await;
                self.press(&["1"]).await;
            }
            _ => self.press(&["3"]).await,
        }
        self.shows("03-safety-before-the-helpline-answers").await;
    }

    pub(super) async fn before_writing(&mut self) {
        self.shows_when("04-safety", |screen| screen.contains("Association"))
            .await;
        self.read_on().await;
        self.shows("05-safety-to-its-end").await;
        self.step(&["2"], "06-practice").await;
        self.step(&["C-x"], "07-practised").await;
        self.step(&["Enter"], "08-practice-done").await;
        self.step(&["3"], "09-what-helps-in-danger").await;
        self.press(&["Escape"]).await;
        self.back_at("04-safety").await;
        self.step(&["4"], "10-shelf").await;
        for topic in 1..=8 {
            self.step(&[&topic.to_string()], &format!("1{topic}-reading"))
                .await;
            if self.small {
                self.read_on().await;
                self.shows(&format!("1{topic}-reading-to-its-end")).await;
            }
            self.press(&["Escape"]).await;
            self.back_at("10-shelf").await;
        }
        self.press(&["Escape"]).await;
        self.back_at("04-safety").await;
        self.step(&["F1"], "20-help").await;
        self.read_on().await;
        self.shows("21-help-to-its-end").await;
        self.press(&["Escape"]).await;
        self.back_at("04-safety").await;
        self.step(&["C-l"], "22-languages").await;
        self.press(&["Escape"]).await;
        self.back_at("04-safety").await;
        self.step(&["C-k"], "23-menu").await;
        self.press(&["Escape"]).await;
        self.back_at("04-safety").await;
        self.step(&["6"], "24-not-now").await;
        self.press(&["2"]).await;
        self.back_at("04-safety").await;
        self.step(&["5"], "25-coming-back").await;
        self.types(WRONG).await;
        self.shows("26-coming-back-typed").await;
        self.step(&["Enter"], "27-no-phrase").await;
        self.step(&["Tab"], "28-coming-back-choices").await;
        self.press(&["1"]).await;
        self.back_at("04-safety").await;
    }

    /// Asks when nobody is on duty, leaves a message and takes a phrase.
    pub(super) async fn in_closed_hours(&mut self) {
        self.read_on().await;
        self.back_at("05-safety-to-its-end").await;
        self.step(&["1"], "30-danger").await;
        self.step(&["3"], "32-first-words").await;
        self.types(self.said.first).await;
        self.shows("33-first-words-written").await;
        self.step(&["Enter"], "34-closed").await;
        self.step(&["2"], "35-waiting-in-closed-hours").await;
        self.step(&["C-k"], "36-menu-in-closed-hours").await;
        self.step(&["3"], "37-sealed-message").await;
        self.press(&["Enter"]).await;
        self.shows_when("38-sealed-message-kept", |screen| screen.contains("00-00"))
            .await;
        self.step(&["1"], "39-before-a-phrase").await;
        self.read_on().await;
        self.press(&["1"]).await;
        self.shows_when("40-phrase", |screen| !phrase(screen).is_empty())
            .await;
        self.phrase = phrase(&self.tmux.screen().await).join(" ");
        self.read_on().await;
        self.step(&["1"], "41-phrase-to-be-typed-back").await;
        self.types(WRONG).await;
        self.shows("42-phrase-typed-back").await;
        self.step(&["Enter"], "43-phrase-typed-back-wrong").await;
        self.types(&self.phrase).await;
        self.press(&["Enter"]).await;
        self.shows_when("44-phrase-typed-back-right", |screen| screen.contains("1 "))
            .await;
        self.step(&["Enter"], "45-sealed-message-and-phrase-kept").await;
        self.press(&["3"]).await;
        self.gone().await;
    }

    /// Another process, another day: the answer to her message.
    pub(super) async fn by_the_phrase(&mut self) {
        self.start(&format!("--lang {}", self.language)).await;
        self.shows_when("46-safety-when-open", |screen| screen.contains("Association"))
            .await;
        self.press(&["5"]).await;
        self.back_at("25-coming-back").await;
        self.types(&self.phrase).await;
        self.press(&["Enter"]).await;
        self.shows_when("47-answers", |screen| screen.contains('│')).await;
    }

    /// Asks for a counselor.
    pub(super) async fn asks(&mut self) {
        self.step(&["1"], "48-danger-when-open").await;
        self.press(&["3", "Tab"]).await;
        self.step(&["3"], "49-no-details-asked").await;
        self.turns(&["Escape"]).await;
        self.types(self.said.first).await;
        self.press(&["Enter"]).await;
    }

    pub(super) async fn waits(&mut self) {
        self.types(self.said.more).await;
        self.press(&["Enter"]).await;
        self.shows_when("51-waiting-room-more", |screen| {
            screen.matches("00:00").count() == 2
        })
        .await;
        self.step(&["Tab"], "52-waiting-room-choices").await;
        self.step(&["1"], "53-reading-while-waiting").await;
        self.press(&["Escape"]).await;
        self.back_at("51-waiting-room-more").await;
    }

    pub(super) async fn is_next(&mut self) {
        self.shows("54-waiting-room-next").await;
        self.step(&["C-k"], "55-menu-while-waiting").await;
    }

    pub(super) async fn is_answered(&mut self) {
        self.shows("56-answered-in-the-menu").await;
        // The menu is the same; where Esc leads is new.
        self.after_the_pause().await;
        self.press(&["Escape"]).await;
        self.shows_when("57-answered", |screen| screen.contains("Nour"))
            .await;
    }

    pub(super) async fn is_greeted(&mut self) {
        self.shows("60-talk-greeted").await;
        self.types(self.said.talk[0]).await;
        self.press(&["C-j"]).await;
        self.types(self.said.talk[1]).await;
        self.shows("61-talk-writing").await;
        self.press(&["Enter"]).await;
        self.shows("62-talk-received").await;
    }

    pub(super) async fn reads_mixed_words(&mut self) {
        self.shows("63-talk-mixed-words").await;
    }

    pub(super) async fn looks_around_in_a_talk(&mut self) {
        self.step(&["C-k"], "64-menu-in-a-talk").await;
        self.press(&["Escape"]).await;
        self.back_at("63-talk-mixed-words").await;
        self.step(&["C-l"], "65-languages-in-a-talk").await;
        self.press(&["Escape"]).await;
        self.back_at("63-talk-mixed-words").await;
        self.step(&["PageUp"], "66-talk-older-words").await;
        self.press(&["PageDown"; 4]).await;
        self.back_at("63-talk-mixed-words").await;
    }

    pub(super) async fn is_cut_off(&mut self) {
        self.types(self.said.broken).await;
        self.press(&["Enter"]).await;
        self.shows_after("67-talk-reconnecting", CUT).await;
    }

    pub(super) async fn writes_to_nobody(&mut self) {
        self.types(self.said.gone).await;
        self.press(&["Enter"]).await;
        self.shows("68-talk-on-its-way").await;
    }

    pub(super) async fn is_reopened(&mut self) {
        self.shows("70-talk-opened-again").await;
    }

    pub(super) async fn has_another_counselor(&mut self) {
        self.shows_when("71-another-counselor", |screen| screen.contains("Amal"))
            .await;
        self.press(&["C-k"]).await;
        self.step(&["2"], "72-a-pause").await;
    }

    pub(super) async fn is_asked(&mut self) {
        self.shows("73-transfer-asked").await;
        // What is asked stands beside the words: keys that write act, and its own key rests.
        self.after_the_pause().await;
        self.step(&["C-y"], "74-transfer-question").await;
        self.step(&["2"], "75-transfer-agreed").await;
    }

    pub(super) async fn is_passed_on(&mut self) {
        self.shows("76-talk-passed-on").await;
    }

    pub(super) async fn ends(&mut self) {
        self.press(&["C-k", "End", "Enter"]).await;
        self.shows("80-end-question").await;
        self.step(&["2"], "81-over").await;
        self.read_on().await;
        self.shows("82-over-to-its-end").await;
        self.step(&["4"], "83-first-question").await;
        self.step(&["2"], "84-second-question").await;
        self.step(&["1"], "85-third-question").await;
        self.step(&["3"], "86-questions-done").await;
        self.step(&["3"], "87-shall-the-association-have-them").await;
        self.press(&["2"]).await;
        self.shows_after("88-answers-counted", CUT).await;
        self.press(&["Enter"]).await;
        self.back_at("81-over").await;
        self.step(&["5"], "89-talk-read-once-more").await;
        self.press(&["Enter"]).await;
        self.back_at("81-over").await;
    }

    /// In danger: her request waits for no words.
    pub(super) async fn begins_again(&mut self) {
        self.press(&["2"]).await;
        self.back_at("48-danger-when-open").await;
        self.step(&["2"], "90-in-danger").await;
        self.read_on().await;
        self.step(&["1"], "91-waiting-without-a-word").await;
    }

    pub(super) async fn has_a_talk_again(&mut self) {
        self.shows_when("92-talk-without-a-word", |screen| screen.contains("Salma"))
            .await;
    }

    pub(super) async fn leaves_at_once(&mut self) {
        self.shows("93-ended-by-the-counselor").await;
        self.step(&["Enter"], "94-over-ended-by-the-counselor").await;
        self.step(&["C-x"], "95-left-at-once").await;
    }

    /// Started when nobody answers.
    pub(super) async fn has_no_helpline(&mut self) {
        self.start(&format!("--lang {}", self.language)).await;
        self.shows_after("96-no-helpline", CUT).await;
        self.press(&["C-x"]).await;
        self.back_at("95-left-at-once").await;
    }
}
