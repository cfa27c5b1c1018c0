//! A helpline of real processes, and people as the engines of the programs, in this process.

use std::{fs, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use hamsa_client::{
    api::{CounselorCommand, CounselorEvent, ErrorReport, SeekerCommand, SeekerEvent},
    driver::{Handle, start_counselor, start_seeker},
    today, vault,
};
use hamsa_protocol::objects::HelplineAddress;
use hamsa_tests::cast::{Helpline, Node, Plan};
use serde_json::Value;
use tokio::{task::JoinSet, time::timeout};

/// Longest wait for one event: as long as a program tries to make a link and to find a counselor, and more.
const EVENT: Duration = Duration::from_secs(60);
/// People who come at one moment where it is not a crowd that is measured: it would leave its buffers in the figure.
const AT_ONCE: usize = 50;
/// Between two looks at how many there are.
const LOOK: Duration = Duration::from_millis(100);

/// Counselors of a helpline, as far as they are needed.
const PSEUDONYMS: &[&str] = &[
    "Nour", "Selma", "Ines", "Karim", "Lina", "Omar", "Rania", "Yasmine",
];

/// A helpline with one home and one entry of another association.
pub struct LoadHelpline {
    helpline: Helpline,
    address: HelplineAddress,
}

/// An event that may be an error.
pub trait EngineEvent {
    /// The error, if it is one.
    fn error(&self) -> Option<&ErrorReport>;
}

impl EngineEvent for SeekerEvent {
    fn error(&self) -> Option<&ErrorReport> {
        if let Self::Error(report) = self {
            Some(report)
        } else {
            None
        }
    }
}

impl EngineEvent for CounselorEvent {
    fn error(&self) -> Option<&ErrorReport> {
        if let Self::Error(report) = self {
            Some(report)
        } else {
            None
        }
    }
}

/// Somebody at a running engine.
pub struct Participant<C, E> {
    handle: Handle<C, E>,
}

/// A person who asks.
pub type LoadSeeker = Participant<SeekerCommand, SeekerEvent>;
/// A person who answers.
pub type LoadCounselor = Participant<CounselorCommand, CounselorEvent>;

impl<C: Send, E: EngineEvent> Participant<C, E> {
    /// Asks the engine for something.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn ask(&self, command: C) -> Result<()> {
        let asked = self.handle.commands.send(command).await;
        asked.map_err(|_| anyhow!("an engine has stopped"))
    }

    /// The next event, whatever it is; none when the engine has stopped.
    pub async fn event(&mut self) -> Option<E> {
        self.handle.events.recv().await
    }

    /// The next event.
    ///
    /// # Errors
    /// When there is none in time, or an error is told.
    pub async fn next(&mut self) -> Result<E> {
        let event = timeout(EVENT, self.event())
            .await
            .context("an engine says nothing")?;
        let event = event.context("an engine has stopped")?;
        match event.error() {
            Some(report) => bail!("an engine tells an error: {} {}", report.message, report.advice),
            None => Ok(event),
        }
    }

    /// Forgets the events that have come.
    pub fn drain(&mut self) {
        while self.handle.events.try_recv().is_ok() {}
    }

    /// Waits for what `find` finds.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn until<T>(&mut self, mut find: impl FnMut(E) -> Option<T>) -> Result<T> {
        loop {
            if let Some(found) = find(self.next().await?) {
                return Ok(found);
            }
        }
    }
}

impl LoadSeeker {
    /// Asks for a counselor.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn start(&self) -> Result<()> {
        let text = "I would like to talk.".into();
        self.ask(SeekerCommand::Start {
            language: "en".to_owned(),
            urgent: false,
            text,
        })
        .await
    }

    /// Waits until the helpline is proven.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn verified(&mut self) -> Result<()> {
        self.until(|event| matches!(event, SeekerEvent::Verified { .. }).then_some(()))
            .await
    }

    /// Says something.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn say(&self, id: usize, text: &str) -> Result<()> {
        self.ask(SeekerCommand::Say {
            id: id.to_string(),
            text: text.into(),
        })
        .await
    }

    /// Waits for the words that the counselor sent as this number, and shows them.
    ///
    /// # Errors
    /// When others come, or none.
    pub async fn hear(&mut self, expected: usize) -> Result<()> {
        let (number, id) = self
            .until(|event| match event {
                SeekerEvent::Message { number, id, .. } => Some((number, id)),
                _ => None,
            })
            .await?;
        ensure!(
            id == expected.to_string(),
            "message {expected} was lost: {id} came"
        );
        self.ask(SeekerCommand::Shown { number }).await
    }
}

impl LoadCounselor {
    /// The next words, by their number in this run and their sender's id.
    async fn message(&mut self) -> Result<(u64, String)> {
        self.until(|event| match event {
            CounselorEvent::Message { number, id, .. } => Some((number, id)),
            _ => None,
        })
        .await
    }

    /// Waits for the words that the seeker sent as this number, and shows them.
    ///
    /// # Errors
    /// When others come, or none.
    pub async fn hear(&mut self, expected: usize) -> Result<()> {
        let (number, id) = self.message().await?;
        ensure!(
            id == expected.to_string(),
            "message {expected} was lost: {id} came"
        );
        self.ask(CounselorCommand::Shown { number }).await
    }
}

/// A seeker and a counselor in a chat.
pub struct Pair {
    /// Who asks.
    pub seeker: LoadSeeker,
    /// Who answers.
    pub counselor: LoadCounselor,
    chat: String,
}

impl Pair {
    /// The counselor says something.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn answer(&self, id: usize, text: &str) -> Result<()> {
        let (chat, id, text) = (self.chat.clone(), id.to_string(), text.into());
        self.counselor.ask(CounselorCommand::Say { chat, id, text }).await
    }
}

impl LoadHelpline {
    /// Founds it by the association's commands and starts its nodes, as a service runs them. With `proxied`, everybody's
    /// way leads through a proxy of its own.
    ///
    /// # Errors
    /// When its address is none.
    pub async fn found(proxied: bool, counselors: usize) -> Result<Self> {
        let counselors = PSEUDONYMS
            .get(..counselors)
            .context("there are not so many counselors")?;
        let helpline = Helpline::found(Plan {
            proxied,
            counselors,
            run: false,
            ..Plan::default()
        })
        .await;
        for node in helpline.nodes() {
            let mut command = node.command();
            command.env("HAMSA_LOG", "warn");
            node.run_as(command).await;
        }
        helpline.connected().await;
        let address = helpline.address.parse()?;
        Ok(Self { helpline, address })
    }

    /// All of it, for what needs no engine.
    #[must_use]
    pub const fn helpline(&self) -> &Helpline {
        &self.helpline
    }

    /// The entry.
    ///
    /// # Errors
    /// None: there is one.
    pub fn entry(&self) -> Result<&Node> {
        self.helpline.entries.first().context("no entry")
    }

    /// The home.
    ///
    /// # Errors
    /// None: there is one.
    pub fn home(&self) -> Result<&Node> {
        self.helpline.homes.first().context("no home")
    }

    /// Starts a seeker's engine.
    #[must_use]
    pub fn visitor(&self) -> LoadSeeker {
        Participant {
            handle: start_seeker(self.address.clone()),
        }
    }

    /// Lets so many people in, some at a time, until the helpline is proven to each; with `ticket`, until each waits in line.
    ///
    /// # Errors
    /// When one does not get in.
    pub async fn arrive(&self, count: usize, ticket: bool) -> Result<Vec<LoadSeeker>> {
        let (mut arriving, mut people) = (JoinSet::new(), Vec::new());
        for started in 0..count {
            if started >= AT_ONCE {
                people.extend(arriving.join_next().await.transpose()?.transpose()?);
            }
            arriving.spawn(arrive(self.visitor(), ticket));
        }
        while let Some(arrived) = arriving.join_next().await {
            people.push(arrived??);
        }
        ensure!(
            people.len() == count,
            "{} of {count} people are there",
            people.len()
        );
        Ok(people)
    }

    /// Starts a counselor's engine, and waits until the home has the duty.
    ///
    /// # Errors
    /// When the vault does not open, and as [`Participant::next`].
    pub async fn on_duty(&self, counselor: usize) -> Result<LoadCounselor> {
        let path = self.helpline.vault(counselor).to_owned();
        let passphrase = fs::read_to_string(self.helpline.passphrase())?;
        let passphrase = passphrase.lines().next().unwrap_or_default().to_owned();
        let vault = tokio::task::spawn_blocking(move || vault::open(&path, &passphrase, today())).await??;
        let mut counselor = Participant {
            handle: start_counselor(vault),
        };
        counselor.ask(CounselorCommand::OnDuty).await?;
        counselor
            .until(|event| matches!(event, CounselorEvent::OnDuty).then_some(()))
            .await?;
        Ok(counselor)
    }

    /// A seeker and a counselor in a chat, after the first words.
    ///
    /// # Errors
    /// As [`Participant::next`].
    pub async fn talk(&self, counselor: usize) -> Result<Pair> {
        let mut counselor = self.on_duty(counselor).await?;
        let mut seeker = self.visitor();
        seeker.start().await?;
        let waits = |event| matches!(event, CounselorEvent::Desk { waiting: 1.., .. }).then_some(());
        counselor.until(waits).await?;
        counselor.ask(CounselorCommand::TakeNext).await?;
        let (chat, first) = counselor
            .until(|event| match event {
                CounselorEvent::Chat { chat, number, .. } => Some((chat, number)),
                _ => None,
            })
            .await?;
        // The first words come with the chat or after it.
        let number = match first {
            Some(number) => number,
            None => counselor.message().await?.0,
        };
        counselor.ask(CounselorCommand::Shown { number }).await?;
        seeker
            .until(|event| matches!(event, SeekerEvent::Answered { .. }).then_some(()))
            .await?;
        Ok(Pair {
            seeker,
            counselor,
            chat,
        })
    }

    /// Waits until the home counts so many links.
    ///
    /// # Errors
    /// When it counts fewer in the end: then fewer people are there than a figure would claim.
    pub async fn links(&self, expected: usize) -> Result<()> {
        let home = self.home()?;
        let mut links = 0;
        let counted = timeout(EVENT, async {
            while links != expected {
                tokio::time::sleep(LOOK).await;
                links = (home.status().await.get("links"))
                    .and_then(Value::as_u64)
                    .and_then(|links| links.try_into().ok())
                    .unwrap_or(0);
            }
        });
        counted
            .await
            .map_err(|_| anyhow!("{expected} people should be there, and the home counts {links}"))
    }

    /// Ends when a node has ended: nothing measured after that is of any worth.
    ///
    /// # Errors
    /// With the name of a node that does not run.
    pub async fn alive(&self) -> Result<()> {
        for node in self.helpline.nodes() {
            ensure!(node.process().alive().await, "{} has ended", node.name);
        }
        Ok(())
    }
}

async fn arrive(mut visitor: LoadSeeker, ticket: bool) -> Result<LoadSeeker> {
    if !ticket {
        visitor.verified().await?;
        return Ok(visitor);
    }
    visitor.start().await?;
    // Errors are no end here: who is refused at first asks again, with a puzzle that is solved.
    let waits = async {
        while let Some(event) = visitor.event().await {
            if matches!(event, SeekerEvent::Waiting { ahead: Some(_) }) {
                return Ok(());
            }
        }
        bail!("an engine has stopped")
    };
    timeout(EVENT, waits)
        .await
        .context("somebody does not come to wait in line")??;
    Ok(visitor)
}
