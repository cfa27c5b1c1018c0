//! A visit on the pages that nodes and counselors have a part in, and on those that matter most. Every page of the
//! screen is golden in `tui-client`; these are held against the same golden screens.

use super::{book::phrase, visit::Visit};

impl Visit {
    pub(super) async fn before_the_helpline_answers(&mut self) {
        self.start("").await;
        self.shows("language").await;
        match self.language {
            "fr" => self.press(&["1"]).await,
            "ar" => {
                self.step(&["2"], "which row reads right").await;
                self.press(&["1"]).await;
            }
            _ => self.press(&["3"]).await,
        }
        self.shows("safety before the helpline answered").await;
    }

    pub(super) async fn before_writing(&mut self) {
        self.shows("safety, nobody on duty").await;
        // Each key waits for its page: two that a slow program reads at once are a paste.
        self.step(&["2"], "practice").await;
        self.step(&["C-x"], "practised").await;
        self.step(&["Enter"], "practice done").await;
        self.step(&["F1"], "help").await;
        self.step(&["Escape"], "safety, nobody on duty").await;
    }

    /// Asks when nobody is on duty, leaves a message and takes a phrase.
    pub(super) async fn in_closed_hours(&mut self) {
        self.read_on().await;
        self.step(&["1"], "danger, nobody on duty").await;
        self.step(&["3"], "first words, nobody on duty").await;
        self.types(self.said.first).await;
        self.step(&["Enter"], "nobody on duty").await;
        self.step(&["1"], "sealed message").await;
        self.step(&["Enter"], "sealed message kept").await;
        // That it is kept came by itself.
        self.after_the_pause().await;
        self.step(&["1"], "before a phrase").await;
        self.read_on().await;
        self.step(&["1"], "phrase").await;
        self.phrase = phrase(&self.tmux.screen().await).join(" ");
        self.read_on().await;
        self.step(&["1"], "phrase to be typed back").await;
        self.types(&self.phrase).await;
        self.step(&["Enter"], "phrase typed back right").await;
        self.step(&["Enter"], "sealed message and phrase kept").await;
        self.press(&["3"]).await;
        self.is_gone().await;
    }

    /// Another process, another day: the answer to the sealed message.
    pub(super) async fn by_the_phrase(&mut self) {
        self.start(&format!("--lang {}", self.language)).await;
        self.shows("safety, on duty").await;
        self.step(&["5"], "coming back").await;
        self.types(&self.phrase).await;
        self.step(&["Enter"], "answer found").await;
    }

    /// Asks for a counselor, and for no details.
    pub(super) async fn asks(&mut self) {
        self.step(&["1"], "danger, on duty").await;
        self.turns(&["3"]).await;
        self.turns(&["Tab"]).await;
        self.step(&["3"], "no details asked").await;
        self.turns(&["Escape"]).await;
        self.types(self.said.first).await;
        self.press(&["Enter"]).await;
    }

    pub(super) async fn waits(&mut self) {
        self.types(self.said.more).await;
        self.step(&["Enter"], "waiting room, more words").await;
    }

    pub(super) async fn is_greeted(&mut self) {
        self.shows("talk, greeted").await;
        self.types(self.said.talk[0]).await;
        self.press(&["C-j"]).await;
        self.types(self.said.talk[1]).await;
        self.step(&["Enter"], "talk, received").await;
    }

    pub(super) async fn is_cut_off(&mut self) {
        self.types(self.said.broken).await;
        self.step(&["Enter"], "talk cut off").await;
    }

    pub(super) async fn writes_to_nobody(&mut self) {
        self.types(self.said.gone).await;
        self.step(&["Enter"], "talk to nobody").await;
    }

    pub(super) async fn has_another_counselor(&mut self) {
        self.shows("talk with the next counselor").await;
        self.turns(&["C-k"]).await;
        self.step(&["2"], "a pause").await;
    }

    pub(super) async fn is_asked(&mut self) {
        self.shows("a transfer asked in a pause").await;
        // What is asked stands beside the words: keys that write act, and its own key rests.
        self.after_the_pause().await;
        self.step(&["C-y"], "transfer question").await;
        self.step(&["2"], "passed on, waiting").await;
    }

    pub(super) async fn ends(&mut self) {
        self.press(&["C-k", "End", "Enter"]).await;
        self.shows("end question").await;
        self.step(&["2"], "over").await;
    }

    /// In danger: the request waits for no words.
    pub(super) async fn begins_again(&mut self) {
        self.step(&["2"], "danger, on duty").await;
        self.step(&["2"], "in danger, waiting").await;
        self.read_on().await;
        self.step(&["1"], "waiting without a word").await;
    }

    pub(super) async fn leaves_at_once(&mut self) {
        self.shows("ended by the counselor").await;
        self.step(&["Enter"], "over, ended by the counselor").await;
        self.press(&["C-x"]).await;
        self.is_gone().await;
    }

    /// Started when nobody answers.
    pub(super) async fn has_no_helpline(&mut self) {
        self.start(&format!("--lang {}", self.language)).await;
        self.shows("no helpline").await;
        self.press(&["C-x"]).await;
        self.is_gone().await;
    }
}
