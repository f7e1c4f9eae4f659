//! One stay from the booking to the review, on a clock that jumps: the daemon's own loops, the shipped triggers, a
//! database and the emulated WhatsApp. Nobody waits for a week; every message is planned, judged and sent as in one.

use super::patience::{PATIENCE, until};
use super::script::SEA_VIEW;
use crate::printer::Printer;
use crate::trial::{self, Folder, Start};
use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, ensure};
use hotelbot::app::App;
use hotelbot::config::{Flags, Settings, load_hotels, load_triggers};
use hotelbot::daemon::{self, Listeners, Roles};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{ChatId, HotelId, ReservationId};
use hotelbot::domain::message::Delivery;
use hotelbot::domain::stay::ReservationStatus;
use hotelbot::domain::stay_change::{ByHand, Told};
use hotelbot::domain::touchpoint::{Touchpoint, TouchpointState};
use hotelbot::flow::Flow;
use hotelbot::flow::stays::{Source, Teller};
use hotelbot::gateways::pms::columns::from_object;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::{Clock, Topic};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::Filter;
use hotelbot::sandbox::{Declare, Options, Running};
use hotelbot::store::OpenOptions;
use hotelbot::store::triggers::{ApplyTriggers, TriggerChange};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const TOKEN: &str = "demo-token";
const PHONE: &str = "447700900456";
const GUEST: &str = "Emma Clark";
/// The shipped pack, and the hotel's own file that is laid over it.
const TRIGGERS: &str = include_str!("../../../../triggers.yaml");
const OWN_TRIGGERS: &str = include_str!("../../../../hotels/sea-view/triggers.yaml");
/// What the guest answers to a trigger.
const ANSWERS: &[(&str, &str)] =
    &[("first-evening", "1"), ("mid-stay-score", "4, but the air conditioner is noisy at night")];

/// The machine's clock, ahead of it by as much as was jumped.
#[derive(Debug, Default)]
struct Ahead(AtomicI64);

impl Ahead {
    fn jump(&self, to: Timestamp) {
        let ahead = to.duration_since(SystemClock.now()).as_micros();
        self.0.fetch_max(i64::try_from(ahead).unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

/// Plays the journey to its end.
pub async fn play(printer: &Printer) -> anyhow::Result<()> {
    let journey = Journey::begin().await?;
    let outcome = journey.travel(printer).await;
    journey.end().await;
    outcome
}

struct Journey {
    _folder: Folder,
    sandbox: Running,
    flow: Flow,
    clock: Arc<Ahead>,
    hotel: Arc<Hotel>,
    stop: CancellationToken,
    daemon: JoinHandle<anyhow::Result<()>>,
}

/// What a person of the hotel does in the PMS.
const AT_THE_DESK: [(ReservationStatus, &str); 2] =
    [(ReservationStatus::CheckedIn, "checks in"), (ReservationStatus::CheckedOut, "checks out")];

impl Journey {
    async fn begin() -> anyhow::Result<Self> {
        let folder = Folder::make("journey")?;
        let polled = SEA_VIEW.yaml.replace("receive: webhook", "receive: poll");
        folder.hotel(SEA_VIEW.hotel, &format!("{polled}\nconversation: {{ coalesce: 0s }}\n"))?;
        let own = folder.path().join("hotels").join(SEA_VIEW.hotel);
        std::fs::create_dir(&own).context("making the hotel's folder")?;
        std::fs::write(folder.path().join("triggers.yaml"), TRIGGERS).context("writing the triggers")?;
        std::fs::write(own.join("triggers.yaml"), OWN_TRIGGERS).context("writing the hotel's triggers")?;
        let sandbox = trial::sandbox(Options::default()).await?;
        sandbox.declare(Declare::new(SEA_VIEW.instance, TOKEN)).map_err(anyhow::Error::msg)?;
        let url = format!("sqlite:{}", folder.path().join("journey.db").display());
        let secrets = [(SEA_VIEW.token, TOKEN), ("SEA_VIEW_WEBHOOK_TOKEN", TOKEN)];
        let secrets = secrets.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let start = Start { database_url: &url, environment: secrets, live_model: false };
        let environment = trial::environment(&folder, &sandbox, &start);
        trial::apply(&folder, &environment).await?.close().await;
        let settings = Settings::load(&Flags::default(), &environment)?;
        let mut flow = App::open(&settings, &environment, OpenOptions::default()).await?.flow;
        let clock = Arc::new(Ahead::default());
        flow.clock = clock.clone();
        // The instance is looked at every second of the wall, while days go by on the clock.
        flow.limits.line_seen_within = Duration::from_secs(366 * 24 * 3600);
        flow.limits.watch_every = Duration::from_secs(1);
        let hotels = load_hotels(folder.path(), settings.against())?;
        let triggers = load_triggers(folder.path(), &hotels)?;
        let change = |(hotel, set)| TriggerChange { hotel, set, change: "the shipped pack".to_owned() };
        let changes = triggers.sets.into_iter().map(change).collect();
        let apply = ApplyTriggers { base: 0, changes, by: "demo".to_owned(), now: flow.now() };
        flow.store.apply_triggers(apply).await?;
        let hotel = hotels.into_iter().next().context("no hotel")?.hotel;
        let stop = CancellationToken::new();
        let options = daemon::Options { roles: Roles::ALL, admin_token: None };
        let (ready, _) = tokio::sync::oneshot::channel();
        let nothing = Listeners { public: None, admin: None };
        let daemon = tokio::spawn(daemon::run(flow.clone(), nothing, options, ready, stop.clone()));
        Ok(Self { _folder: folder, sandbox, flow, clock, hotel: Arc::new(hotel), stop, daemon })
    }

    async fn travel(&self, printer: &Printer) -> anyhow::Result<()> {
        let told = self.booking()?;
        let (arrives, departs) = (told.booking.arrival, told.booking.departure);
        let id = told.booking.id.clone();
        let (arrives, departs) = (
            arrives.instant(&self.hotel, self.hotel.check_in_time),
            departs.instant(&self.hotel, self.hotel.check_out_time),
        );
        self.line(printer, Some('+'), &format!("{GUEST} books 5 nights"), "", Style::new())?;
        let source: Source = Arc::new(move || Ok(Box::new(std::iter::once(Ok(told.clone())))));
        Teller::of(&self.flow).import(self.hotel.clone(), "csv", source).await?;
        let at_the_desk = [arrives + SignedDuration::from_hours(1), departs - SignedDuration::from_mins(45)];
        let mut desk = at_the_desk.into_iter().zip(AT_THE_DESK).peekable();
        let mut sent = 0;
        while let Some(next) = self.next(&id, desk.peek().map(|(at, _)| *at)).await? {
            match next {
                Next::Desk => {
                    let Some((at, (status, words))) = desk.next() else { break };
                    self.clock.jump(at);
                    self.set(&id, status).await?;
                    self.line(printer, Some('+'), &format!("{GUEST} {words}"), "", Style::new())?;
                }
                Next::Trigger(touchpoint) => sent += usize::from(self.trigger(&touchpoint, &id, printer).await?),
            }
        }
        ensure!(sent >= 5, "only {sent} messages were sent in the whole stay");
        Ok(())
    }

    fn booking(&self) -> anyhow::Result<Told> {
        let today = self.flow.now().to_zoned(self.hotel.time_zone()).date();
        let row = serde_json::json!({
            "reservation_id": "SV-1042", "guest_name": GUEST, "phone": format!("+{PHONE}"), "language": "en",
            "arrival": (today + 2.days()).to_string(), "departure": (today + 7.days()).to_string(),
            "status": "confirmed", "room_type": "sea view", "room": "12",
        });
        let row = row.as_object().context("a row")?;
        from_object(row, &self.hotel).map_err(|_| anyhow::anyhow!("the demo's reservation is refused"))
    }

    /// The earlier of what stands in the plan and what happens at the desk.
    async fn next(&self, id: &ReservationId, desk: Option<Timestamp>) -> anyhow::Result<Option<Next>> {
        let planned = self.touchpoints(id).await?;
        let first =
            planned.into_iter().filter(|one| one.state == TouchpointState::Planned).min_by_key(|one| one.due_at);
        Ok(match (first, desk) {
            (Some(trigger), Some(desk)) if desk < trigger.due_at => Some(Next::Desk),
            (Some(trigger), _) => Some(Next::Trigger(Box::new(trigger))),
            (None, Some(_)) => Some(Next::Desk),
            (None, None) => None,
        })
    }

    async fn touchpoints(&self, id: &ReservationId) -> anyhow::Result<Vec<Touchpoint>> {
        let views = self.flow.store.touchpoints_of_stay(id.as_str(), &[self.hotel_id()]).await?;
        Ok(views.into_iter().map(|view| view.touchpoint).collect())
    }

    fn hotel_id(&self) -> HotelId {
        self.hotel.id.clone()
    }

    async fn set(&self, id: &ReservationId, status: ReservationStatus) -> anyhow::Result<()> {
        let by_hand =
            ByHand { status: Some(status), at: None, arrival: None, departure: None, room: None, room_type: None };
        let set = Teller::of(&self.flow).set(self.hotel.clone(), id.clone(), by_hand, false).await?;
        set.context("the reservation is not known").map(|_| ())
    }

    /// Lets a message become due; whether it was sent.
    async fn trigger(&self, planned: &Touchpoint, id: &ReservationId, printer: &Printer) -> anyhow::Result<bool> {
        let before = self.sent().len();
        self.clock.jump(planned.due_at);
        let what = planned.key.trigger.as_str();
        let now = until("the message is not looked at", async || {
            let now = self.touchpoints(id).await?.into_iter().find(|one| one.id == planned.id);
            Ok(now.filter(|now| (now.state, now.due_at) != (planned.state, planned.due_at)))
        })
        .await
        .with_context(|| what.to_owned())?;
        match (now.state, now.reason) {
            (TouchpointState::Sent, _) => {
                self.heard(before, what, printer).await?;
                self.answer(what, printer).await?;
                return Ok(true);
            }
            (TouchpointState::Draft, _) => {
                self.line(printer, None, "a draft waits for a colleague's approval", what, NOTE)?;
            }
            (TouchpointState::Skipped, Some(reason)) => {
                self.line(printer, None, &format!("not sent: {reason}"), what, NOTE)?;
            }
            _ => {}
        }
        Ok(false)
    }

    /// Shows what the guest's phone got since.
    async fn heard(&self, before: usize, why: &str, printer: &Printer) -> anyhow::Result<()> {
        self.sandbox.wait_sent(&filter(), before + 1, PATIENCE).await;
        let sent = self.sent();
        ensure!(sent.len() > before, "{why}: nothing reached Green API");
        for text in &sent[before..] {
            self.line(printer, Some('>'), text, why, AnsiColor::Green.on_default())?;
        }
        self.settled().await
    }

    async fn answer(&self, trigger: &str, printer: &Printer) -> anyhow::Result<()> {
        let Some((_, text)) = ANSWERS.iter().find(|(id, _)| *id == trigger) else { return Ok(()) };
        self.clock.jump(self.flow.now() + SignedDuration::from_mins(7));
        let before = self.sent().len();
        let written = self.flow.now();
        let action =
            Action { name: GUEST.to_owned(), timestamp: Some(written.as_second()), ..Action::text(PHONE, text) };
        self.sandbox.guest(SEA_VIEW.instance, &action).map_err(anyhow::Error::msg)?;
        self.line(printer, Some('<'), text, "", Style::new().bold())?;
        self.flow.bell.ring(Topic::Inbox);
        until("the answer is not handled", async || {
            let Some((hotel, chat)) = self.chat().await? else { return Ok(None) };
            let turns = self.flow.store.turns(&hotel, chat, 50).await?;
            Ok(turns.iter().any(|turn| turn.at >= written).then_some(()))
        })
        .await?;
        self.heard(before, "answer", printer).await
    }

    /// Until every message's end is recorded: what is recorded after the clock has jumped counts as sent that late.
    async fn settled(&self) -> anyhow::Result<()> {
        until("a message is still under way", async || {
            let Some((hotel, chat)) = self.chat().await? else { return Ok(None) };
            let messages = self.flow.store.chat_messages(&hotel, chat, Timestamp::UNIX_EPOCH, 50).await?;
            let under_way =
                |delivery: Option<Delivery>| matches!(delivery, Some(Delivery::Planned | Delivery::Sending));
            Ok((!messages.iter().any(|message| under_way(message.message.delivery))).then_some(()))
        })
        .await
    }

    async fn chat(&self) -> anyhow::Result<Option<(HotelId, ChatId)>> {
        let found = self.flow.store.find_chats(PHONE, &[self.hotel_id()]).await?;
        Ok(found.into_iter().next().map(|(hotel, chat)| (hotel, chat.id)))
    }

    fn sent(&self) -> Vec<String> {
        self.sandbox.sent(&filter()).into_iter().map(|record| record.text).collect()
    }

    fn line(&self, printer: &Printer, arrow: Option<char>, text: &str, why: &str, style: Style) -> std::io::Result<()> {
        let at = self.flow.now().to_zoned(self.hotel.time_zone()).strftime("%a %d %b %H:%M").to_string();
        let why = if why.is_empty() { String::new() } else { format!("  [{why}]") };
        let (arrow, text) = (arrow.unwrap_or('.'), text.replace('\n', "  "));
        printer.out(&format!("   {at}  {style}{arrow} {text}{style:#}{why}\n"))
    }

    async fn end(self) {
        self.stop.cancel();
        // It drains within its own time; what it says of that does not matter to a reader.
        let _ = self.daemon.await;
        self.sandbox.stop().await;
    }
}

/// What comes next.
enum Next {
    /// Somebody at the hotel does something.
    Desk,
    /// A message becomes due.
    Trigger(Box<Touchpoint>),
}

const NOTE: Style = AnsiColor::Yellow.on_default();

fn filter() -> Filter {
    Filter { chat_id: Some(format!("{PHONE}@c.us")), ..Filter::instance(SEA_VIEW.instance) }
}
