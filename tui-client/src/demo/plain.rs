//! The demo line by line: a built-in talk first, then whatever is typed as `s words` or `c words`.

use anyhow::Result;
use tokio::io::{AsyncWrite, BufReader};

use super::{
    BUILT_IN,
    cast::Cast,
    script::{Person, Said, parse},
};
use crate::input::{LineReader, Lines, Read};

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

fn said(line: &str) -> Option<Said> {
    let (by, words) = line.split_once(' ')?;
    let by = match by {
        "s" => Person::Seeker,
        "c" => Person::Counselor,
        _ => return None,
    };
    let fits = !words.trim().is_empty() && words.len() <= crate::composer::MESSAGE_MAX;
    fits.then(|| Said {
        by,
        text: words.into(),
    })
}
