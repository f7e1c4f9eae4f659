//! The demo's installation, and how each step is done and checked: at the vendor's end, and in the database.

use super::live::{Line, show};
use super::patience::{PATIENCE, until};
use super::script::{ASTORIA, Conversation, Place, SEA_VIEW, Step};
use crate::printer::Printer;
use crate::trial::{self, Daemon, Folder, Start};
use anyhow::{Context as _, bail, ensure};
use hotelbot::config::Environment;
use hotelbot::domain::conversation::{Conversation as Chat, Mode};
use hotelbot::domain::ids::HotelId;
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::{Filter, Record};
use hotelbot::sandbox::{Declare, Options, Running};
use hotelbot::store::Store;
use std::time::Duration;

const MODEL_LATENCY: Duration = Duration::from_millis(300);
/// What Green API must show at the webhook.
const HOOK_TOKEN: &str = "demo-hook";
const TOKEN: &str = "demo-token";

/// Everything that runs while the demo does.
pub struct Stage {
    folder: Folder,
    sandbox: Running,
    daemon: Daemon,
    store: Store,
}

impl Stage {
    /// Sets everything up and says what there is.
    pub async fn set(live_model: bool, printer: &Printer) -> anyhow::Result<Self> {
        let folder = Folder::make("demo")?;
        for place in [ASTORIA, SEA_VIEW] {
            folder.hotel(place.hotel, &quicker(place.yaml))?;
        }
        let sandbox = trial::sandbox(Options { deepseek_latency: MODEL_LATENCY, ..Options::default() }).await?;
        let url = format!("sqlite:{}", folder.path().join("demo.db").display());
        let start = Start { database_url: &url, environment: secrets(), live_model };
        let environment = trial::environment(&folder, &sandbox, &start);
        let store = trial::apply(&folder, &environment).await?;
        sandbox.declare(Declare::new(ASTORIA.instance, TOKEN)).map_err(anyhow::Error::msg)?;
        sandbox.declare(Declare::new(SEA_VIEW.instance, TOKEN)).map_err(anyhow::Error::msg)?;
        let daemon = trial::serve(&environment, "web,worker,scheduler").await?;
        let hook = format!("{}/hooks/{}/whatsapp", daemon.url, SEA_VIEW.hotel);
        let pushing = Declare::new(SEA_VIEW.instance, TOKEN).webhook(&hook, HOOK_TOKEN);
        sandbox.declare(pushing).map_err(anyhow::Error::msg)?;
        let stage = Self { folder, sandbox, daemon, store };
        printer.out(&stage.introduction(live_model))?;
        Ok(stage)
    }

    fn introduction(&self, live_model: bool) -> String {
        let model = if live_model {
            "the real DeepSeek, with your key"
        } else {
            "emulated: it picks answers from the hotel's facts by simple rules (a real one: --live-ai)"
        };
        format!(
            "Two example hotels on a fresh installation in {folder}\n\n  \
             daemon    {daemon}, this program's own `serve`\n  \
             WhatsApp  Green API emulated at {sandbox}; {astoria} is polled, {sea_view} is called\n  \
             model     {model}\n",
            folder = self.folder.path().display(),
            daemon = self.daemon.url,
            sandbox = self.sandbox.url,
            astoria = ASTORIA.hotel,
            sea_view = SEA_VIEW.hotel,
        )
    }

    /// Does one step, shows it as it happens, and checks that it really did.
    pub async fn step(&self, with: &Conversation, step: &Step, printer: &Printer) -> anyhow::Result<()> {
        let before = self.sent(with).len();
        match step {
            Step::Asks(text, words) => {
                self.guest_writes(with, text, printer)?;
                let answer = self.answer(with, before, printer).await?;
                let is_right = words.iter().any(|word| answer.text.contains(word));
                ensure!(is_right, "the answer holds none of {words:?}: {}", answer.text);
            }
            Step::WantsPerson(text) => {
                self.guest_writes(with, text, printer)?;
                self.answer(with, before, printer).await?;
                self.until("nobody leads", with, |chat| matches!(chat.mode, Mode::Handoff { .. })).await?;
                show(printer, &Line::note(with.place, "handed off: a person is asked for, the bot is silent"))?;
            }
            Step::StaffWrites(text) => {
                self.sandbox.staff(with.place.instance, &Action::text(with.phone, text)).map_err(anyhow::Error::msg)?;
                show(printer, &Line::staff(with.place, with.name, text))?;
                self.until("the colleague is not noticed", with, |chat| chat.waiting_since.is_none()).await?;
            }
            Step::IsLeftToPerson(text) => {
                self.guest_writes(with, text, printer)?;
                self.until("the message is not handled", with, |chat| chat.waiting_since.is_some()).await?;
                ensure!(self.sent(with).len() == before, "the bot spoke over a person");
                show(printer, &Line::note(with.place, "the bot keeps silent; a person leads this chat"))?;
            }
        }
        Ok(())
    }

    fn guest_writes(&self, with: &Conversation, text: &str, printer: &Printer) -> anyhow::Result<()> {
        let action = Action { name: with.name.to_owned(), ..Action::text(with.phone, text) };
        self.sandbox.guest(with.place.instance, &action).map_err(anyhow::Error::msg)?;
        show(printer, &Line::guest(with.place, with.name, text))?;
        Ok(())
    }

    /// The next message the vendor accepted for this guest.
    async fn answer(&self, with: &Conversation, before: usize, printer: &Printer) -> anyhow::Result<Record> {
        self.sandbox.wait_sent(&filter(with), before + 1, PATIENCE).await;
        let Some(answer) = self.sent(with).into_iter().nth(before) else {
            bail!("no answer reached Green API within {} s", PATIENCE.as_secs());
        };
        let rule = self.rule(with).await?;
        show(printer, &Line::bot(with.place, with.name, &answer.text, &rule))?;
        Ok(answer)
    }

    /// The rule that the newest turn was decided by.
    async fn rule(&self, with: &Conversation) -> anyhow::Result<String> {
        let (hotel, chat) = self.chat(with).await?.context("the guest is not known")?;
        let turns = self.store.turns(&hotel, chat.id, 1).await?;
        Ok(turns.into_iter().next().map(|turn| turn.rule).unwrap_or_default())
    }

    fn sent(&self, with: &Conversation) -> Vec<Record> {
        self.sandbox.sent(&filter(with))
    }

    /// Waits until the stored conversation is as it must be.
    async fn until(
        &self,
        failure: &'static str,
        with: &Conversation,
        is_so: impl Fn(&Chat) -> bool,
    ) -> anyhow::Result<()> {
        until(failure, async || Ok(self.chat(with).await?.filter(|(_, chat)| is_so(chat)).map(|_| ()))).await
    }

    async fn chat(&self, with: &Conversation) -> anyhow::Result<Option<(HotelId, Chat)>> {
        let hotel = HotelId::parse(with.place.hotel)?;
        Ok(self.store.find_chats(with.phone, &[hotel]).await?.into_iter().next())
    }

    /// Where the emulators are, for writing as a guest.
    pub fn sandbox(&self) -> &Running {
        &self.sandbox
    }

    /// Ends everything and removes the folder.
    pub async fn clear(self) -> anyhow::Result<()> {
        self.daemon.end().await?;
        self.store.close().await;
        self.sandbox.stop().await;
        Ok(())
    }
}

fn filter(with: &Conversation) -> Filter {
    Filter { chat_id: Some(format!("{}@c.us", with.phone)), ..Filter::instance(with.place.instance) }
}

fn secrets() -> Environment {
    let secrets = [(ASTORIA.token, TOKEN), (SEA_VIEW.token, TOKEN), ("SEA_VIEW_WEBHOOK_TOKEN", HOOK_TOKEN)];
    secrets.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The example files as they are, only less patient: nobody wants to watch four seconds of silence before each answer.
fn quicker(yaml: &str) -> String {
    if yaml.contains("coalesce: 4s") {
        return yaml.replace("coalesce: 4s", "coalesce: 1s");
    }
    format!("{yaml}\nconversation: {{ coalesce: 1s }}\n")
}

/// For the lines on the screen.
pub fn name_of(place: Place) -> &'static str {
    place.hotel
}
