use crossterm::event::{KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

use super::*;

fn is_exit(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('x') && key.modifiers.contains(KeyModifiers::CONTROL)
}

const SOON: Duration = Duration::from_millis(2);

/// A decoder in a time of its own.
struct Bench {
    decoder: Decoder,
    now: Instant,
    out: Vec<Event>,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            decoder: Decoder::new(is_exit, now),
            now,
            out: Vec::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> &mut Self {
        self.decoder.feed(bytes, self.now, &mut self.out);
        self
    }

    fn wait(&mut self, pause: Duration) -> &mut Self {
        self.now += pause;
        self.decoder.silence(self.now, &mut self.out);
        self
    }

    fn out(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.out)
    }
}

fn key(code: KeyCode) -> Event {
    Event::Key(code.into())
}

fn held(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn control(c: char) -> Event {
    held(KeyCode::Char(c), KeyModifiers::CONTROL)
}

fn paste(text: &str) -> Event {
    Event::Paste(text.to_owned())
}

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Event {
    Event::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })
}

/// Every sequence the faces use, and what it is.
fn known() -> Vec<(&'static [u8], Vec<Event>)> {
    let letter = |c: char| key(KeyCode::Char(c));
    vec![
        (b"a", vec![letter('a')]),
        (b"A", vec![held(KeyCode::Char('A'), KeyModifiers::SHIFT)]),
        ("é".as_bytes(), vec![letter('é')]),
        ("سلام".as_bytes(), "سلام".chars().map(letter).collect()),
        ("ⵣ👩".as_bytes(), "ⵣ👩".chars().map(letter).collect()),
        (b"\r", vec![key(KeyCode::Enter)]),
        (b"\t", vec![key(KeyCode::Tab)]),
        (b"\x7f", vec![key(KeyCode::Backspace)]),
        (b"\x08", vec![control('h')]),
        (b"\n", vec![control('j')]),
        (b"\x18", vec![control('x')]),
        (b"\x03", vec![control('c')]),
        (b"\0", vec![control(' ')]),
        (b"\x1b[A", vec![key(KeyCode::Up)]),
        (b"\x1b[B", vec![key(KeyCode::Down)]),
        (b"\x1b[C", vec![key(KeyCode::Right)]),
        (b"\x1b[D", vec![key(KeyCode::Left)]),
        (b"\x1bOA", vec![key(KeyCode::Up)]),
        (b"\x1b[H", vec![key(KeyCode::Home)]),
        (b"\x1b[F", vec![key(KeyCode::End)]),
        (b"\x1bOH", vec![key(KeyCode::Home)]),
        (b"\x1b[1~", vec![key(KeyCode::Home)]),
        (b"\x1b[4~", vec![key(KeyCode::End)]),
        (b"\x1b[7~", vec![key(KeyCode::Home)]),
        (b"\x1b[3~", vec![key(KeyCode::Delete)]),
        (b"\x1b[2~", vec![key(KeyCode::Insert)]),
        (b"\x1b[5~", vec![key(KeyCode::PageUp)]),
        (b"\x1b[6~", vec![key(KeyCode::PageDown)]),
        (b"\x1b[1;5D", vec![held(KeyCode::Left, KeyModifiers::CONTROL)]),
        (b"\x1b[1;3C", vec![held(KeyCode::Right, KeyModifiers::ALT)]),
        (b"\x1b[3;5~", vec![held(KeyCode::Delete, KeyModifiers::CONTROL)]),
        (b"\x1b[Z", vec![held(KeyCode::BackTab, KeyModifiers::SHIFT)]),
        (b"\x1bOP", vec![key(KeyCode::F(1))]),
        (b"\x1b[11~", vec![key(KeyCode::F(1))]),
        (b"\x1b[[A", vec![key(KeyCode::F(1))]),
        (b"\x1b[15~", vec![key(KeyCode::F(5))]),
        (b"\x1b[17~", vec![key(KeyCode::F(6))]),
        (b"\x1b[24~", vec![key(KeyCode::F(12))]),
        (b"\x1b[1;2R", vec![held(KeyCode::F(3), KeyModifiers::SHIFT)]),
        (b"\x1b[24;80R", vec![]),
        (b"\x1bf", vec![held(KeyCode::Char('f'), KeyModifiers::ALT)]),
        (
            "\x1bé".as_bytes(),
            vec![held(KeyCode::Char('é'), KeyModifiers::ALT)],
        ),
        (b"\x1b\r", vec![held(KeyCode::Enter, KeyModifiers::ALT)]),
        (b"\x1b\x7f", vec![held(KeyCode::Backspace, KeyModifiers::ALT)]),
        (b"\x1b\x1b[A", vec![key(KeyCode::Esc), key(KeyCode::Up)]),
        (b"\x1b[I", vec![Event::FocusGained]),
        (b"\x1b[O", vec![Event::FocusLost]),
        (b"\x1b[120;5u", vec![control('x')]),
        (b"\x1b[27;5;120~", vec![control('x')]),
        (
            b"\x1b[120;5:3u",
            vec![Event::Key(KeyEvent::new_with_kind(
                KeyCode::Char('x'),
                KeyModifiers::CONTROL,
                KeyEventKind::Release,
            ))],
        ),
        (b"\x1b[57399u", vec![]),
        (
            b"\x1b[<0;12;5M",
            vec![mouse(MouseEventKind::Down(MouseButton::Left), 11, 4)],
        ),
        (b"\x1b[<0;12;5m", vec![]),
        (b"\x1b[<65;1;1M", vec![mouse(MouseEventKind::ScrollDown, 0, 0)]),
        (b"\x1b[<0;0;0M", vec![]),
        (
            b"\x1b[32;12;5M",
            vec![mouse(MouseEventKind::Down(MouseButton::Left), 11, 4)],
        ),
        (b"\x1b[M`!!", vec![mouse(MouseEventKind::ScrollUp, 0, 0)]),
        (
            b"\x1b[M \x7f!",
            vec![mouse(MouseEventKind::Down(MouseButton::Left), 94, 0)],
        ),
        (b"\x1b[?62;22c", vec![]),
        (b"\x1b[200~un\rdeux\r\n\x1b[201~", vec![paste("un\rdeux\r\n")]),
        (b"\x1b[200~\x1b[201~", vec![]),
        (b"\x1b[200~x\x18\x03\x1b[A\x1b[20\x1b[201~", vec![paste("x[A[20")]),
        ("\x1b[200~سلام\x1b[201~".as_bytes(), vec![paste("سلام")]),
        (b"\x1b[201~", vec![]),
    ]
}

#[test]
fn every_sequence_is_what_it_is_wherever_it_is_split() {
    for (bytes, events) in known() {
        for at in 0..=bytes.len() {
            let mut bench = Bench::new();
            let (first, second) = bytes.split_at(at);
            bench
                .feed(first)
                .wait(SOON)
                .feed(second)
                .wait(ENTER_PAUSE)
                .wait(ESC_PAUSE);
            let whole = bench.out();
            assert_eq!(whole, events, "{bytes:?} at {at}");
            // And nothing of it is left.
            bench.now += PASTE_PAUSE;
            assert_eq!(bench.feed(b"z").out(), [key(KeyCode::Char('z'))], "{bytes:?}");
        }
    }
}

#[test]
fn every_sequence_byte_by_byte_and_one_after_another() {
    let (mut bench, mut wanted) = (Bench::new(), Vec::new());
    for (bytes, events) in known() {
        for byte in bytes {
            bench.feed(&[*byte]);
            bench.now += Duration::from_millis(1);
        }
        bench.wait(ESC_PAUSE);
        wanted.extend(events);
    }
    assert_eq!(bench.out(), wanted);
}

#[test]
fn the_escape_key_alone_is_a_key_after_a_moment() {
    let mut bench = Bench::new();
    assert_eq!(bench.feed(b"\x1b").out(), []);
    assert_eq!(bench.wait(SOON).out(), []);
    assert_eq!(bench.wait(ESC_PAUSE).out(), [key(KeyCode::Esc)]);
    // Half a sequence is forgotten, and its rest is not typed while it may still come.
    assert_eq!(
        bench.feed(b"\x1b[<0;1").wait(ESC_PAUSE).feed(b"2;5M").out().len(),
        1
    );
    assert_eq!(
        bench.feed(b"\x1b[<0;1").wait(SEQUENCE_PAUSE).feed(b"a").out(),
        [key(KeyCode::Char('a'))]
    );
    let alt = held(KeyCode::Char('['), KeyModifiers::ALT);
    assert_eq!(bench.feed(b"\x1b[").wait(SEQUENCE_PAUSE).out(), [alt]);
}

#[test]
fn the_way_out_works_in_the_middle_of_everything() {
    for begun in [
        b"\x1b".as_slice(),
        b"\x1b[",
        b"\x1b[<0;1",
        b"\x1b[M !",
        b"\x1bO",
        b"\xd8",
        b"\xff",
        b"abc\r",
        &[b'9'; 10_000],
    ] {
        let mut bench = Bench::new();
        bench.feed(begun);
        bench.feed(b"\x18");
        let out = bench.out();
        let left = out
            .iter()
            .any(|event| matches!(event, Event::Key(key) if is_exit(key)));
        assert!(left, "{:?}: {out:?}", begun.get(..4));
    }
}

#[test]
fn in_an_open_paste_the_way_out_is_a_key_that_comes_alone() {
    let mut bench = Bench::new();
    bench.feed(b"\x1b[200~words\r");
    assert_eq!(bench.out(), []);
    // At once after the text, and long after it.
    for pause in [Duration::ZERO, PASTE_PAUSE - SOON] {
        let mut bench = Bench::new();
        bench.feed(b"\x1b[200~words\r");
        bench.now += pause;
        assert_eq!(bench.feed(b"\x18").out(), []);
        assert_eq!(bench.wait(SOON).out(), []);
        assert_eq!(bench.wait(KEY_PAUSE).out(), [control('x')]);
        assert_eq!(bench.decoder.held(), 0, "the words are gone");
    }
    // A key that is held down.
    let mut bench = Bench::new();
    bench.feed(b"\x1b[200~words");
    for _ in 0..5 {
        bench.now += KEY_PAUSE / 4;
        bench.feed(b"\x18");
    }
    assert_eq!(bench.wait(SOON).out(), [control('x')]);
}

#[test]
fn a_byte_hidden_in_a_pasted_text_is_not_the_way_out() {
    let text = b"\x1b[200~look\x18\x03 what he wrote\x18\x1b[201~";
    for at in 0..text.len() {
        let mut bench = Bench::new();
        let (first, second) = text.split_at(at);
        bench.feed(first).wait(KEY_PAUSE / 2).feed(second);
        bench.wait(PASTE_PAUSE);
        assert_eq!(bench.out(), [paste("look what he wrote")], "at {at}");
    }
}

#[test]
fn a_paste_without_end_ends_by_silence_and_sends_nothing() {
    let mut bench = Bench::new();
    bench
        .feed(b"\x1b[200~un\r")
        .wait(PASTE_PAUSE / 2)
        .feed(b"deux\r\x1b[2");
    assert_eq!(bench.wait(PASTE_PAUSE / 2).out(), []);
    assert_eq!(bench.wait(PASTE_PAUSE / 2).out(), [paste("un\rdeux\r[2")]);
    assert_eq!(bench.feed(b"\r").wait(ENTER_PAUSE).out(), [key(KeyCode::Enter)]);
}

#[test]
fn a_paste_is_cut_and_stays_too_long_for_a_message() {
    let mut bench = Bench::new();
    bench.feed(b"\x1b[200~");
    for _ in 0..300 {
        bench.feed("مرحبا «»\r\n".repeat(300).as_bytes());
        assert!(bench.decoder.held() <= PASTE_MAX);
    }
    bench.feed(b"\x1b[201~");
    let out = bench.out();
    let [Event::Paste(text)] = out.as_slice() else {
        panic!("expected one paste, got {}", out.len());
    };
    let mut composer = crate::composer::Composer::default();
    assert!(!composer.insert(text));
    assert_eq!(
        bench.wait(ENTER_PAUSE).feed(b"a").out(),
        [key(KeyCode::Char('a'))]
    );
}

#[test]
fn a_paste_without_marks_is_known_by_its_haste() {
    // Line breaks with letters behind them, in one piece or in several.
    for pieces in [
        ["un\rdeux\r", ""],
        ["un\r", "deux\r"],
        ["un\rd", "eux\r"],
        ["u", "n\rdeux\r"],
    ] {
        let mut bench = Bench::new();
        for piece in pieces {
            bench.feed(piece.as_bytes());
            bench.now += SOON;
        }
        bench.wait(ENTER_PAUSE);
        let enters = bench
            .out()
            .iter()
            .filter(|event| **event == key(KeyCode::Enter))
            .count();
        assert_eq!(enters, 0, "{pieces:?}");
    }
    // Many letters at once, and what follows them at once.
    let mut bench = Bench::new();
    let text = "x".repeat(BURST + 1);
    bench.feed(text.as_bytes());
    assert_eq!(bench.feed(b"y\r").out(), [paste(&text), paste("y\r")]);
    // What a hand types is keys.
    bench.now += ENTER_PAUSE;
    bench.feed(b"oui").feed(b"\r");
    bench.wait(ENTER_PAUSE);
    let oui = "oui\r".chars().map(|c| Event::Key(sequence::letter(c)));
    assert_eq!(bench.out(), oui.collect::<Vec<_>>());
}

#[test]
fn a_text_with_the_closing_mark_in_it_presses_no_enter() {
    let mut bench = Bench::new();
    bench
        .feed(b"\x1b[200~un\x1b[201~\rdeux\r\x1b[201~")
        .wait(ENTER_PAUSE);
    assert_eq!(bench.out(), [paste("un"), paste("\rdeux\r")]);
    bench
        .wait(PASTE_PAUSE)
        .feed(b"\x1b[200~un\x1b[201~\r\x1b[201~")
        .wait(ENTER_PAUSE);
    assert_eq!(bench.out(), [paste("un"), paste("\r")]);
}

#[test]
fn what_holds_for_any_bytes_holds_for_these() {
    for (bytes, _) in known() {
        for salt in 0..7 {
            let salted = [&[salt], bytes].concat();
            assert_eq!(super::super::check::bytes(&salted), Ok(()), "{salted:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn what_holds_for_any_bytes_holds_for_some(pieces in proptest::collection::vec(0..64_usize, 0..200)) {
        let alphabet = [
            b"\x1b".as_slice(), b"[", b"200~", b"\x1b[200~", b"\x1b[201~", b"\x18", b"\r", b"a", b"\xd8", b"\xb3", b"O", b"M",
            b"<0;1;1M", b"~", b"9;", b"\x80", b"\xff", b"u", b"\x03", b"\n", b"\t",
        ];
        let bytes: Vec<u8> = pieces.iter().flat_map(|at| alphabet[at % alphabet.len()]).copied().collect();
        proptest::prop_assert_eq!(super::super::check::bytes(&bytes), Ok(()));
    }
}

#[test]
fn letters_of_another_encoding_are_told_and_never_replaced() {
    // What a terminal of Latin-1 sends for `déjà`.
    let mut bench = Bench::new();
    bench.feed(b"d\xe9j\xe0");
    assert_eq!(bench.out(), [NOT_TEXT]);
    bench.wait(ENTER_PAUSE);
    assert_eq!(bench.out(), [key(KeyCode::Char('d')), key(KeyCode::Char('j'))]);
    bench.wait(SEQUENCE_PAUSE);
    assert_eq!(bench.out(), [NOT_TEXT], "the last one is half a letter of UTF-8");
    // Half a letter that goes on is a letter.
    bench.feed(b"\xc3");
    bench.feed(b"\xa9");
    assert_eq!(bench.out(), [key(KeyCode::Char('é'))]);
    for byte in [0x80, 0xbf, 0xc0, 0xc1, 0xf5, 0xff] {
        bench.feed(&[byte]);
        assert_eq!(bench.out(), [NOT_TEXT], "{byte:#x}");
    }
}

#[test]
fn a_paste_of_another_encoding_is_refused_whole() {
    let mut bench = Bench::new();
    bench.feed(b"\x1b[200~d\xe9j\xe0 vu\x1b[201~");
    assert_eq!(bench.out(), [NOT_TEXT]);
    // Without marks it is known by coming at once.
    bench.wait(SEQUENCE_PAUSE);
    bench.feed(b"il me menace d\xe9j\xe0 depuis\nune semaine enti\xe8re");
    bench.wait(ENTER_PAUSE);
    assert_eq!(bench.out(), [NOT_TEXT]);
    // The next one is taken.
    bench.wait(SEQUENCE_PAUSE);
    bench.feed("\u{1b}[200~déjà\u{1b}[201~".as_bytes());
    assert_eq!(bench.out(), [paste("déjà")]);
}
