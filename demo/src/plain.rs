//! The demo line by line: a built-in talk first, then whatever is typed as `s words` or `c words`.

use anyhow::Result;
use hamsa::face::{LineReader, Lines, MESSAGE_MAX, Read};
use tokio::io::{AsyncWrite, BufReader};

use crate::{
    BUILT_IN,
    cast::Cast,
    script::{ScriptLine, Speaker, parse},
};

/// Plays the built-in talk, then reads standard input to its end.
pub(crate) async fn run<W: AsyncWrite + Unpin>(cast: Cast<W>) -> Result<()> {
    talk(cast, Lines::new(BufReader::new(tokio::io::stdin()))).await
}

async fn talk<W: AsyncWrite + Unpin>(mut cast: Cast<W>, mut lines: impl LineReader) -> Result<()> {
    cast.meet().await?;
    cast.play(&parse(BUILT_IN)?).await?;
    cast.wait_for_people();
    cast.note("s words, c words, q").await?;
    loop {
        tokio::select! {
            input = cast.next() => cast.take(input).await?,
            line = lines.next() => match line? {
                Some(Read::Line(line)) if line.trim() == "q" => break,
                Some(Read::Line(line)) => match said(&line) {
                    Some(said) => cast.say(&said)?,
                    None if line.trim().is_empty() => {}
                    None => cast.note("expected `s words`, `c words` or `q`").await?,
                },
                Some(Read::NotText) => cast.note("that line is not UTF-8 and was not taken").await?,
                Some(Read::TooLong) => cast.note("that line is too long for one message").await?,
                // Neither is read here: the demo is a play, and what is pasted into it is a part of it.
                Some(Read::Paste(_) | Read::Exit) | None => break,
            },
        }
    }
    // Whatever was typed last still arrives before the end.
    cast.settle().await?;
    cast.part().await?;
    cast.summary().await
}

fn said(line: &str) -> Option<ScriptLine> {
    let (by, words) = line.split_once(' ')?;
    let by = match by {
        "s" => Speaker::Seeker,
        "c" => Speaker::Counselor,
        _ => return None,
    };
    let fits = !words.trim().is_empty() && words.len() <= MESSAGE_MAX;
    fits.then(|| ScriptLine {
        by,
        text: words.into(),
    })
}
