//! One message in, the model changed, effects out. Two rules matter most: ^X works before anything else is
//! looked at, and nothing is ever sent by a paste or by a page that changed under the fingers.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use hamsa_client::api::{EndReason, EndedBy, MessageState, SeekerCommand, Words};
use hamsa_protocol::session::{
    chat::{FIRST_ID, FIRST_WORDS_MAX},
    mail::MAIL_TEXT_MAX,
};

use super::{
    message::{SeekerEffect, SeekerMsg},
    model::{Focus, HelplineDuty, QueuePlace, SeekerModel, SeekerNotice, SurveyStatus, VisitStage},
    notebook,
    page::page,
    screen::{Action, NotebookPage, Overlay, Screen},
};
use crate::{
    composer::MESSAGE_MAX,
    i18n::{Locale, Text::*, Texts},
    keyboard,
    shared::Author,
};

/// Rows moved by PageUp and PageDown, and by Enter on a page that is longer than the screen.
const PAGE: usize = 5;
/// Rows moved by one step of a wheel.
const WHEEL: usize = 2;

/// Whether this key is the way out, on each layout. ^C is a habit of terminals.
pub(crate) fn is_exit(key: &KeyEvent) -> bool {
    matches!(keyboard::control(key), Some('x' | 'c'))
}

/// Out, at once.
pub(crate) fn quick_exit() -> Vec<SeekerEffect> {
    vec![
        SeekerEffect::Clear,
        SeekerEffect::Tell(SeekerCommand::QuickExit),
        SeekerEffect::Leave,
    ]
}

/// Does what `msg` asks.
pub(crate) fn update(model: &mut SeekerModel, msg: SeekerMsg, texts: &Texts) -> Vec<SeekerEffect> {
    match msg {
        SeekerMsg::Key(key) if key.kind == KeyEventKind::Release => {}
        SeekerMsg::Key(key) if is_exit(&key) && model.top() == Some(Overlay::Practice) => {
            model.overlays.pop();
            model.open(Overlay::Practiced);
            return vec![SeekerEffect::Blank];
        }
        SeekerMsg::Key(key) if is_exit(&key) => return quick_exit(),
        SeekerMsg::Stop => return quick_exit(),
        SeekerMsg::Key(key) => return on_key(model, key, texts),
        // Wiped when it has been taken in.
        SeekerMsg::Paste(text) => paste(model, &Words(text).0),
        SeekerMsg::NotText => model.notice = Some(SeekerNotice::Text(SeekNotText)),
        SeekerMsg::Click(column, row) => {
            if let Some(does) = model.drawn.at(column, row) {
                let first = page(model, texts).choices.first().map(|first| first.does);
                return if first == Some(does) {
                    choose_first(model, does, texts)
                } else {
                    choose(model, does)
                };
            }
        }
        SeekerMsg::Wheel(up) => scroll(model, up, WHEEL, texts),
        SeekerMsg::Event(event) => super::events::on_event(model, event),
        SeekerMsg::Notebook(answer) => notebook::on_answer(model, answer),
        SeekerMsg::EngineStopped => {
            model.engine = false;
            if model.survey == SurveyStatus::Sending {
                model.survey = SurveyStatus::Failed;
            }
            model.notice = Some(SeekerNotice::Text(SeekEngineStopped));
        }
    }
    Vec::new()
}

/// Adds text to the composer; it is never more than text.
pub(crate) fn paste(model: &mut SeekerModel, text: &str) {
    if !model.writing() {
        return;
    }
    let before = model.input().map_or(0, |input| input.text().len());
    let fits = model.input_mut().is_none_or(|input| input.insert(text));
    if !fits {
        model.notice = Some(too_long(before + text.len()));
    }
}

/// That so many bytes are more than one message holds.
pub(crate) const fn too_long(bytes: usize) -> SeekerNotice {
    SeekerNotice::Long(SeekTooLong, bytes, MESSAGE_MAX)
}

fn on_key(model: &mut SeekerModel, key: KeyEvent, texts: &Texts) -> Vec<SeekerEffect> {
    // On the practised screen, any key comes back.
    if model.top() == Some(Overlay::Practiced) {
        model.close();
        model.notice = Some(SeekerNotice::Text(SeekPracticeDone));
        return Vec::new();
    }
    let help = (key.code == KeyCode::F(1)).then_some('g');
    match keyboard::control(&key).or(help) {
        // The list of languages over the list of languages would lead nowhere.
        Some('l') if model.screen == Screen::Language => return Vec::new(),
        Some('l') => return toggle(model, Overlay::Languages),
        Some('k') => return toggle(model, Overlay::Menu),
        Some('g') => return toggle(model, Overlay::Help),
        Some('y') if model.asked.is_some() => return toggle(model, Overlay::Asked),
        _ => {}
    }
    match key.code {
        KeyCode::Esc => escape(model),
        KeyCode::Tab | KeyCode::BackTab if model.input().is_none() => {}
        KeyCode::Tab | KeyCode::BackTab => {
            model.focus = match model.focus {
                Focus::Words => Focus::Choices,
                Focus::Choices => Focus::Words,
            };
        }
        _ => return on_page_key(model, key, texts),
    }
    Vec::new()
}

fn on_page_key(model: &mut SeekerModel, key: KeyEvent, texts: &Texts) -> Vec<SeekerEffect> {
    match key.code {
        KeyCode::PageUp => scroll(model, true, PAGE, texts),
        KeyCode::PageDown => scroll(model, false, PAGE, texts),
        _ => {}
    }
    if model.writing() {
        on_writing_key(model, key, texts)
    } else {
        on_choosing_key(model, key, texts)
    }
}

/// One page back; all the way back where that was said.
fn escape(model: &mut SeekerModel) {
    if notebook::escape(model) {
        return;
    }
    if model.overlays.is_empty() {
        if model.input().is_some() {
            model.focus = Focus::Words;
        }
        if model.screen == Screen::Talk {
            model.scroll = 0;
        }
        if model.called() {
            model.notice = None;
        }
        return;
    }
    let all = model.called() && !model.holds_note();
    model.close();
    while all && !model.overlays.is_empty() {
        model.close();
    }
}

fn toggle(model: &mut SeekerModel, over: Overlay) -> Vec<SeekerEffect> {
    if model.top() == Some(over) {
        model.close();
    } else {
        // What was said of the page before needs no room on this one.
        if matches!(model.notice, Some(SeekerNotice::Text(_))) {
            model.notice = None;
        }
        model.open(over);
    }
    Vec::new()
}

fn on_writing_key(model: &mut SeekerModel, key: KeyEvent, texts: &Texts) -> Vec<SeekerEffect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let code = match key.code {
        KeyCode::Enter if !alt => return send(model),
        KeyCode::Up | KeyCode::Down => {
            scroll(model, key.code == KeyCode::Up, 1, texts);
            return Vec::new();
        }
        code => code,
    };
    let fits = model
        .input_mut()
        .is_none_or(|input| input.edit(code, control, alt, texts.arabic()));
    if !fits {
        // One letter more.
        model.notice = Some(too_long(MESSAGE_MAX + 1));
    }
    Vec::new()
}

fn on_choosing_key(model: &mut SeekerModel, key: KeyEvent, texts: &Texts) -> Vec<SeekerEffect> {
    let choices: Vec<Action> = {
        let page = page(model, texts);
        page.choices.iter().map(|choice| choice.does).collect()
    };
    let last = choices.len().saturating_sub(1);
    match key.code {
        KeyCode::Up if model.selected == 0 => scroll(model, true, 1, texts),
        KeyCode::Down if model.selected >= last => scroll(model, false, 1, texts),
        KeyCode::Up => model.selected -= 1,
        KeyCode::Down => model.selected += 1,
        KeyCode::Home => model.selected = 0,
        KeyCode::End => model.selected = last,
        KeyCode::Enter => match choices.get(model.selected.min(last)) {
            Some(does) if model.selected == 0 => return choose_first(model, *does, texts),
            Some(does) => return choose(model, *does),
            None => {}
        },
        _ if keyboard::letter(&key) == Some('p')
            && model.top().is_none()
            && model.screen == Screen::Safety =>
        {
            model.open(Overlay::Practice);
        }
        KeyCode::Char('?' | '؟') => model.open(Overlay::Help),
        KeyCode::Char(c) if key.modifiers.is_empty() => {
            match number(c).and_then(|number| Some((number, choices.get(number)?))) {
                Some((0, does)) => return choose_first(model, *does, texts),
                Some((_, does)) => return choose(model, *does),
                None => {}
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Does what the first choice says; what was not on the screen yet was not read yet, so there it says "read on".
fn choose_first(model: &mut SeekerModel, does: Action, texts: &Texts) -> Vec<SeekerEffect> {
    let (whole, newest) = {
        let page = page(model, texts);
        (page.whole, page.newest)
    };
    // Keys that came in one piece with the one that opened this page were not meant for it.
    if whole && !newest && model.drawn.page == 0 {
        return Vec::new();
    }
    if whole && !newest && model.drawn.below > 0 {
        let step = model.drawn.page.max(PAGE);
        scroll(model, false, step, texts);
        return Vec::new();
    }
    choose(model, does)
}

/// Which choice a digit means, from 0; the digits of an Arabic keyboard count too.
pub(crate) fn number(c: char) -> Option<usize> {
    let digit = match c {
        '1'..='9' => u32::from(c) - u32::from('1'),
        '١'..='٩' => u32::from(c) - u32::from('١'),
        '۱'..='۹' => u32::from(c) - u32::from('۱'),
        _ => return None,
    };
    usize::try_from(digit).ok()
}

fn scroll(model: &mut SeekerModel, up: bool, rows: usize, texts: &Texts) {
    let newest = page(model, texts).newest;
    // A talk is scrolled away from its newest row, a text away from its first.
    let away = up == newest;
    let room = if up { model.drawn.above } else { model.drawn.below };
    model.scroll = if away {
        model.scroll.saturating_add(rows.min(room))
    } else {
        model.scroll.saturating_sub(rows)
    };
    if model.scroll == 0 && model.overlays.is_empty() && model.called() {
        model.notice = None;
    }
}

/// Sends what is written on this page; a blank page skips where skipping is allowed.
pub(crate) fn send(model: &mut SeekerModel) -> Vec<SeekerEffect> {
    if let Some(Overlay::Notebook(leaf)) = model.top() {
        return notebook::enter(model, leaf);
    }
    if !model.engine {
        model.notice = Some(SeekerNotice::Text(SeekEngineStopped));
        return Vec::new();
    }
    match (model.top(), model.screen) {
        (Some(Overlay::PhraseBack), _) => {
            type_back(model);
            Vec::new()
        }
        (None, Screen::Return) if !model.typed.is_blank() => {
            // They stay until it is known that they are a phrase: one wrong letter is not eight new words.
            let words = Words(model.typed.text().to_owned());
            model.returning = true;
            model.notice = None;
            tell(SeekerCommand::Return { words })
        }
        (None, Screen::First) => ask(model),
        (None, Screen::Leave) if model.letter.text().len() > MAIL_TEXT_MAX => {
            let bytes = model.letter.text().len();
            model.notice = Some(SeekerNotice::Long(SeekLeaveTooLong, bytes, MAIL_TEXT_MAX));
            Vec::new()
        }
        (None, Screen::Leave) if !model.letter.is_blank() => {
            // The words stay in the composer until a node has them.
            let text = Words(model.letter.text().to_owned());
            model.left = Some(MessageState::Written);
            model.go(Screen::Left);
            model.notice = None;
            let language = model.locale.spoken().to_owned();
            tell(SeekerCommand::Leave { language, text })
        }
        (None, Screen::Talk) if !model.ended() && !model.words.is_blank() => {
            let (id, text) = (model.message_id(), model.words.take());
            model.add(Author::Me, id.clone(), text.clone(), Some(MessageState::Written));
            model.scroll = 0;
            model.notice = None;
            // Words end the pause; the engine knows that too.
            model.paused = false;
            tell(SeekerCommand::Say { id, text })
        }
        // The chat ended while this was written: Enter leads on from an empty line, and leaves a draft where it is.
        (None, Screen::Talk) if model.ended() && model.words.is_blank() => {
            choose(model, Action::Go(Screen::Over))
        }
        _ => Vec::new(),
    }
}

/// Asks for a counselor, with first words or none.
fn ask(model: &mut SeekerModel) -> Vec<SeekerEffect> {
    if model.first.text().len() > FIRST_WORDS_MAX {
        let bytes = model.first.text().len();
        model.notice = Some(SeekerNotice::Long(SeekFirstTooLong, bytes, FIRST_WORDS_MAX));
        return Vec::new();
    }
    let blank = model.first.is_blank();
    let text = model.first.take();
    if !blank {
        model.add(
            Author::Me,
            FIRST_ID.to_owned(),
            text.clone(),
            Some(MessageState::Written),
        );
    }
    let start = start(model, text);
    model.go(if model.closed() {
        Screen::Closed
    } else {
        Screen::Talk
    });
    vec![start]
}

/// The ticket goes out.
fn start(model: &mut SeekerModel, text: Words) -> SeekerEffect {
    model.asked_for = true;
    if model.ended() {
        model.stage = VisitStage::Waiting;
    }
    model.notice = None;
    SeekerEffect::Tell(SeekerCommand::Start {
        language: model.locale.spoken().to_owned(),
        urgent: model.urgent,
        text,
    })
}

/// Compares the phrase as it was typed back.
fn type_back(model: &mut SeekerModel) {
    let typed = model.typed.take();
    let right = model
        .phrase
        .as_ref()
        .is_some_and(|phrase| same_words(&phrase.0, &typed.0));
    if right {
        model.phrase = None;
        model.phrase_kept = true;
        model
            .overlays
            .retain(|over| !matches!(over, Overlay::PhraseBack | Overlay::PhraseShown));
        model.notice = None;
        model.open(Overlay::PhraseKept);
    } else {
        model.notice = Some(SeekerNotice::Text(SeekPhraseWrong));
    }
}

/// Whether two phrases have the same words; capitals, accents and spaces do not matter.
fn same_words(one: &str, other: &str) -> bool {
    fn bare(phrase: &str) -> impl Iterator<Item = String> + '_ {
        phrase.split_whitespace().map(|word| {
            let letters = word.to_lowercase();
            let bare = letters.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
            bare.map(|c| match c {
                'à' | 'â' | 'ä' => 'a',
                'é' | 'è' | 'ê' | 'ë' => 'e',
                'î' | 'ï' => 'i',
                'ô' | 'ö' => 'o',
                'ù' | 'û' | 'ü' => 'u',
                'ç' => 'c',
                c => c,
            })
            .collect()
        })
    }
    bare(one).eq(bare(other))
}

fn tell(command: SeekerCommand) -> Vec<SeekerEffect> {
    vec![SeekerEffect::Tell(command)]
}

/// Does what a choice says.
pub(crate) fn choose(model: &mut SeekerModel, does: Action) -> Vec<SeekerEffect> {
    model.notice = None;
    match does {
        Action::Speak(locale) => speak(model, locale),
        Action::Draw(strategy) => {
            model.calibrated = true;
            model.arabic = strategy;
            model.close();
        }
        Action::Consent => model.go(Screen::Danger),
        Action::Refuse => model.go(Screen::Refused),
        Action::Go(screen) => go(model, screen),
        // One that is open is gone on with, not opened over itself.
        Action::Open(Overlay::Notebook(NotebookPage::Safe)) if model.notebook.is_some() => {
            notebook::back_to(model);
        }
        Action::Open(overlay) => open(model, overlay),
        Action::Close => model.close(),
        Action::SendPasted => return send_pasted(model),
        Action::Danger(yes) => return answer_danger(model, yes),
        Action::Ask => {
            // The first words are not sent; they wait in the composer of the talk.
            let kept = model.first.take();
            model.words.insert(&kept.0);
            return ask(model);
        }
        Action::Send => return send(model),
        Action::End => {
            model.end(EndedBy::You, EndReason::Finished, false);
            model.go(Screen::Over);
            return tell(SeekerCommand::End);
        }
        Action::Pause(_) | Action::NoDetails(_) | Action::Survey if !model.engine => {
            model.notice = Some(SeekerNotice::Text(SeekEngineStopped));
        }
        Action::Pause(pause) => return set_pause(model, pause),
        Action::NoDetails(asked) => return set_no_details(model, asked),
        Action::Notebook(new) => notebook::begin(model, new),
        Action::Turn(page) => notebook::turn(model, page),
        Action::Keep => {
            model.overlays.pop();
            model.open(Overlay::PhraseMaking);
            return tell(SeekerCommand::Keep);
        }
        Action::Agree => return answer_transfer(model, true),
        Action::Decline => return answer_transfer(model, false),
        Action::Resend => {
            model.close();
            return tell(SeekerCommand::Resend);
        }
        Action::Answer(at, answer) => answer_question(model, at, answer),
        Action::Survey => {
            model.survey = SurveyStatus::Sending;
            model.survey_before = false;
            model.fresh();
            let answers = model.answers;
            return tell(SeekerCommand::Survey { answers });
        }
        Action::Again => begin_again(model),
        Action::Leave => return vec![SeekerEffect::Tell(SeekerCommand::Exit), SeekerEffect::Leave],
    }
    Vec::new()
}

fn speak(model: &mut SeekerModel, locale: Locale) {
    model.locale = locale;
    if model.overlays.is_empty() {
        model.go(Screen::Safety);
    } else {
        model.close();
    }
    if locale.is_from_right() && !model.calibrated {
        model.open(Overlay::Calibrate);
    }
}

fn go(model: &mut SeekerModel, screen: Screen) {
    let screen = match (screen, model.left) {
        // The sealed message before is in flight: its state is shown, and it is not left twice.
        (Screen::Leave, Some(MessageState::Written)) => Screen::Left,
        (screen, _) => screen,
    };
    if screen == Screen::Leave && model.letter.is_blank() && model.left.is_none() {
        draft_letter(model);
    }
    model.go(screen);
}

fn open(model: &mut SeekerModel, overlay: Overlay) {
    // From the menu the way back leads to where it was opened, not to the list; from the questions to before them.
    if matches!(model.top(), Some(Overlay::Menu | Overlay::Questions(_))) {
        model.overlays.pop();
    }
    if overlay == Overlay::PhraseBack {
        model.typed.take();
    }
    model.open(overlay);
}

fn send_pasted(model: &mut SeekerModel) -> Vec<SeekerEffect> {
    if !model.pasted_can_go() {
        // They are still there to be read; the page says that they were not sent.
        return Vec::new();
    }
    let text = model.pasted.take();
    model.close();
    model.focus = Focus::Words;
    if let (Some(text), Some(input)) = (text, model.input_mut()) {
        input.take();
        if input.insert(&text.0) {
            return send(model);
        }
        model.notice = Some(too_long(text.0.len()));
    }
    Vec::new()
}

fn answer_danger(model: &mut SeekerModel, yes: bool) -> Vec<SeekerEffect> {
    model.urgent = yes;
    model.go(if yes { Screen::InDanger } else { Screen::First });
    // The request waits for no words: they follow it.
    if yes && model.engine && !model.asked_for {
        return vec![start(model, Words(String::new()))];
    }
    Vec::new()
}

fn set_pause(model: &mut SeekerModel, pause: bool) -> Vec<SeekerEffect> {
    model.close();
    model.paused = pause;
    // On the talk's own page it stands as long as it holds.
    let stands = model.overlays.is_empty() && model.counselor().is_some();
    if !pause {
        model.notice = Some(SeekerNotice::Text(SeekPaceWentOn));
    } else if !stands {
        model.notice = Some(SeekerNotice::Text(SeekPacePaused));
    }
    vec![tell_pace(model)]
}

fn set_no_details(model: &mut SeekerModel, asked: bool) -> Vec<SeekerEffect> {
    if !model.overlays.is_empty() {
        model.close();
    }
    model.no_details = asked;
    let key = if asked { SeekPaceNoted } else { SeekPaceTakenBack };
    model.notice = Some(SeekerNotice::Text(key));
    vec![tell_pace(model)]
}

fn answer_transfer(model: &mut SeekerModel, agrees: bool) -> Vec<SeekerEffect> {
    let asked = model.asked.take();
    model.close();
    if !agrees {
        return tell(SeekerCommand::Decline);
    }
    if let Some(to) = asked {
        model.passed = Some(to);
        model.on_counselor_gone();
        model.place = QueuePlace::Unknown;
    }
    tell(SeekerCommand::Agree)
}

fn answer_question(model: &mut SeekerModel, at: u8, answer: Option<bool>) {
    if let Some(slot) = model.answers.get_mut(usize::from(at)) {
        *slot = answer;
    }
    // What was sent is not what is answered now.
    model.survey_before |= matches!(model.survey, SurveyStatus::Sending | SurveyStatus::Counted);
    model.overlays.pop();
    model.open(Overlay::Questions(at.saturating_add(1)));
}

/// How the talk shall go, to every counselor of the visit.
const fn tell_pace(model: &SeekerModel) -> SeekerEffect {
    SeekerEffect::Tell(SeekerCommand::Pace {
        pause: model.paused,
        no_details: model.no_details,
    })
}

/// What was written before anyone was there is not to be written twice.
fn draft_letter(model: &mut SeekerModel) {
    let draft = model.waiting_words();
    if !draft.0.is_empty() {
        model.letter.insert(&draft.0);
    }
}

/// A new talk in the same run: the link and the association stay, the words do not. Message ids go on.
fn begin_again(model: &mut SeekerModel) {
    model.lines.clear();
    // What was not sent stays where it was written: the seeker decides whether the next counselor gets it.
    if model.left.is_some() {
        model.letter.take();
    }
    model.left = None;
    model.answered = None;
    model.phrase = None;
    model.asked = None;
    model.stage = VisitStage::Waiting;
    model.reopened = false;
    model.passed = None;
    if model.closed() {
        model.duty = HelplineDuty::Unknown;
    }
    model.place = QueuePlace::Unknown;
    model.asked_for = false;
    model.urgent = false;
    model.paused = false;
    model.answers = [None; 3];
    model.survey_before = matches!(model.survey, SurveyStatus::Sending | SurveyStatus::Counted);
    if !model.survey_before {
        model.survey = SurveyStatus::Kept;
    }
    model.go(Screen::Danger);
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
