//! `hotelbot status`: every hotel on one screen, and what needs a person.

use crate::alerts::Open;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::kept;
use crate::number;
use crate::pms;
use crate::printer::Report;
use crate::words;
use anstyle::AnsiColor;
use hotelbot::app;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::received::InstanceState;
use hotelbot::ports::Line;
use hotelbot::store::Store;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::queues::Workload;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// The daemon looks at each instance every 30 s and takes what comes in within seconds; after this long nobody is
/// doing it.
const UNATTENDED: Duration = Duration::from_secs(120);

/// One hotel.
#[derive(Serialize)]
struct Row {
    hotel: String,
    whatsapp: Option<String>,
    whatsapp_seen_at: Option<String>,
    paused_at: Option<String>,
    waiting: i64,
    waiting_since: Option<String>,
    inbox: i64,
    inbox_failed: i64,
    warnings: i64,
    outbox: i64,
    outbox_unknown: i64,
    ai_today_micro_usd: i64,
    ai_budget_usd: Option<f64>,
    last_message_at: Option<String>,
    /// What spares the number, or should.
    number: Option<String>,
    kept_too_long: Option<String>,
    open_alerts: i64,
    overdue_alerts: usize,
    needs: Vec<Need>,
    #[serde(skip)]
    waiting_for: Option<String>,
    #[serde(skip)]
    ago: Option<String>,
}

/// One thing that needs a person.
#[derive(Serialize)]
struct Need {
    what: String,
    command: String,
}

#[derive(Serialize)]
struct Status {
    needs_person: bool,
    hotels: Vec<Row>,
}

/// Shows every hotel.
pub async fn run(desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = desk.store(&settings).await?;
    let (lines, sealed) = (app::lines(&settings, &desk.environment), store.secrets().await?);
    let mut loads = store.workloads().await?;
    let (now, open) = (desk.now(), Open::of(&store).await?);
    let mut rows = Vec::new();
    for known in desk.hotels(&store).await? {
        let load = loads.remove(&known.hotel.id).unwrap_or_default();
        let today = now.to_zoned(known.hotel.time_zone()).start_of_day().map_or(now, |day| day.timestamp());
        let spent = store.spent_since(&known.hotel.id, today).await?;
        let mut row = row(&known, &load, spent, now);
        row.open_alerts = open.count(&known.hotel.id);
        row.overdue_alerts = open.overdue(&known.hotel, now).len();
        if let Some(what) = open.late(&known.hotel, now) {
            row.needs.insert(0, Need { what, command: format!("hotelbot alerts list --hotel {}", known.hotel.id) });
        }
        row.number = number::spared(&known.hotel, &store.number_seen(&known.hotel, now).await?, now);
        row.kept_too_long = kept::too_long(&store, &known.hotel, now).await?;
        if let Some(what) = row.kept_too_long.clone() {
            row.needs.push(Need { what, command: "hotelbot serve".to_owned() });
        }
        // Without the hotel's token this is not the daemon's environment, and what is missing here tells nothing.
        let line = lines(&known.hotel, &sealed).ok();
        row.needs.extend(stays(&known.hotel, line.as_ref(), &store, now).await?);
        rows.push((load.waiting_since, row));
    }
    rows.sort_by_key(|(waiting_since, _)| waiting_since.unwrap_or(Timestamp::MAX));
    let hotels: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    let needs_person = hotels.iter().any(|row| !row.needs.is_empty());
    desk.printer.report(&Status { needs_person, hotels })?;
    Ok(if needs_person { Exit::No } else { Exit::Done })
}

fn row(known: &HotelInForce, load: &Workload, spent: i64, now: Timestamp) -> Row {
    let zone = known.hotel.time_zone();
    let stamp = |at: Option<Timestamp>| at.map(|at| words::stamp(at, &zone));
    Row {
        hotel: known.hotel.id.to_string(),
        whatsapp: known.line_state.as_ref().map(|state| state.as_str().to_owned()),
        whatsapp_seen_at: stamp(known.line_state_at),
        paused_at: stamp(known.paused_at),
        waiting: load.waiting,
        waiting_since: stamp(load.waiting_since),
        inbox: load.inbox,
        inbox_failed: load.quarantined + load.failed,
        warnings: load.warnings,
        outbox: load.planned,
        outbox_unknown: load.unknown,
        ai_today_micro_usd: spent,
        ai_budget_usd: known.hotel.ai.daily_budget_usd,
        last_message_at: stamp(load.last_at),
        number: None,
        kept_too_long: None,
        open_alerts: 0,
        overdue_alerts: 0,
        needs: needs(known, load, now),
        waiting_for: load.waiting_since.map(|since| words::waiting(words::since(now, since))),
        ago: load.last_at.map(|at| words::ago(now, at)),
    }
}

/// What a person must do something about, the most urgent first.
fn needs(known: &HotelInForce, load: &Workload, now: Timestamp) -> Vec<Need> {
    let hotel = &known.hotel.id;
    let mut needs = Vec::new();
    let mut need = |what: String, command: String| needs.push(Need { what, command });
    if let Some(what) = guests(known, load, now) {
        need(what, format!("hotelbot chats list --waiting --hotel {hotel}"));
    }
    if let Some(what) = line(known, now) {
        need(what, format!("hotelbot doctor --hotel {hotel}"));
    }
    if let Some(oldest) = load.inbox_oldest.filter(|at| words::since(now, *at) > UNATTENDED) {
        let what = format!("{} for {}", received(load.inbox, "waits", "wait"), words::span(words::since(now, oldest)));
        need(what, "hotelbot serve".to_owned());
    }
    if load.warnings > 0 {
        let warnings = counted(load.warnings, "warning", "warnings");
        let what = format!("WhatsApp gave {warnings}: a quota that is used up, or a guest who blocked the hotel");
        need(what, format!("hotelbot inbox list --failed --hotel {hotel}"));
    }
    let unread = load.quarantined + load.failed;
    if unread > 0 {
        need(
            received(unread, "could not be read", "could not be read"),
            format!("hotelbot inbox list --failed --hotel {hotel}"),
        );
    }
    if load.unknown > 0 {
        let messages = counted(load.unknown, "message", "messages");
        need(format!("{messages} may or may not have left"), format!("hotelbot outbox list --unknown --hotel {hotel}"));
    }
    needs
}

/// What must be done so that stays are known and guests are written to.
async fn stays(hotel: &Hotel, line: Option<&Line>, store: &Store, now: Timestamp) -> anyhow::Result<Vec<Need>> {
    let doctor = |what| Need { what, command: format!("hotelbot doctor --hotel {}", hotel.id) };
    let mut needs: Vec<Need> = pms::silent(hotel, store, now).await?.into_iter().map(doctor).collect();
    needs.extend(line.and_then(|line| pms::not_let_in(hotel, line)).map(doctor));
    let unfinished = store.unfinished_imports().await?.into_iter().filter(|import| import.hotel == hotel.id);
    needs.extend(unfinished.filter(|import| words::since(now, import.worked_at) > UNATTENDED).map(|import| Need {
        what: format!("an import was interrupted: {} still to be told", counted(import.left, "stay is", "stays are")),
        command: format!("hotelbot stays list --hotel {}", hotel.id),
    }));
    let open = store.open_replans().await?.into_iter().filter(|open| open.hotel == hotel.id);
    needs.extend(open.filter(|open| words::since(now, open.worked_at) > UNATTENDED).map(|open| Need {
        what: format!(
            "an apply was interrupted: {} still to be planned anew",
            counted(open.left, "stay is", "stays are")
        ),
        command: format!("hotelbot stays list --hotel {}", hotel.id),
    }));
    Ok(needs)
}

fn counted(number: i64, one: &str, many: &str) -> String {
    words::count(usize::try_from(number).unwrap_or(0), one, many)
}

fn received(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", counted(number, "received message", "received messages"), if number == 1 { one } else { many })
}

fn guests(known: &HotelInForce, load: &Workload, now: Timestamp) -> Option<String> {
    let waited = words::since(now, load.waiting_since?);
    let promised = known.hotel.sla.first_response;
    let guests = counted(load.waiting, "guest waits", "guests wait");
    let first = format!("{guests} for a person, the first for {}", words::span(waited));
    Some(match waited.checked_sub(promised).filter(|late| !late.is_zero()) {
        Some(late) => format!("{first}, {} longer than the {} promised", words::span(late), words::span(promised)),
        None => format!("{first}; {} promised", words::span(promised)),
    })
}

fn line(known: &HotelInForce, now: Timestamp) -> Option<String> {
    let zone = known.hotel.time_zone();
    let since = known.line_since.map(|at| format!(" since {}", words::moment(at, now, &zone))).unwrap_or_default();
    let unattended = known.line_state_at.is_none_or(|at| words::since(now, at) > UNATTENDED);
    match (&known.line_problem, &known.line_state) {
        (Some(problem), _) => Some(format!("WhatsApp: {}", words::one_line(problem))),
        (None, Some(state)) if *state != InstanceState::Authorized => {
            Some(format!("WhatsApp is {}{since}: nobody is reached", state.as_str()))
        }
        _ if unattended => Some("nobody looks at the instance; is `hotelbot serve` running?".to_owned()),
        _ => None,
    }
}

impl Report for Status {
    fn text(&self) -> String {
        if self.hotels.is_empty() {
            return "No hotel is in force\n\nMake those of hotels/ so: hotelbot hotels apply\n".to_owned();
        }
        let mut grid = Grid::new(&["HOTEL", "WHATSAPP", "WAITING", "INBOX", "OUTBOX", "AI TODAY", "LAST MESSAGE"]);
        grid = grid.numbers(&[3, 4, 5]);
        for row in &self.hotels {
            grid.row([
                cell(&row.hotel),
                toned(whatsapp(row), whatsapp_tone(row)),
                toned(or_dash(row.waiting_for.as_ref()), if row.waiting > 0 { Tone::Bad } else { Tone::Plain }),
                cell(row.inbox + row.inbox_failed),
                cell(row.outbox + row.outbox_unknown),
                cell(words::dollars(row.ai_today_micro_usd)),
                cell(or_dash(row.ago.as_ref())),
            ]);
        }
        format!("{}{}{}", grid.text(), self.needs(), self.numbers())
    }
}

fn whatsapp(row: &Row) -> String {
    let state = or_dash(row.whatsapp.as_ref());
    if row.paused_at.is_some() { format!("{state}, paused") } else { state }
}

fn whatsapp_tone(row: &Row) -> Tone {
    match row.whatsapp.as_deref() {
        Some("authorized") if row.paused_at.is_none() => Tone::Good,
        Some("authorized") | None => Tone::Warn,
        Some(_) => Tone::Bad,
    }
}

impl Status {
    /// What is said of numbers; nobody has to do anything about it at once.
    fn numbers(&self) -> String {
        let said = self.hotels.iter().filter_map(|row| Some((&row.hotel, row.number.as_ref()?)));
        let lines: Vec<String> = said.map(|(hotel, number)| format!("{hotel}: {number}\n")).collect();
        if lines.is_empty() { String::new() } else { format!("\n{}", lines.concat()) }
    }

    fn needs(&self) -> String {
        let all = self.hotels.iter().flat_map(|row| row.needs.iter().map(move |need| (&row.hotel, need)));
        let count = all.clone().count();
        if count == 0 {
            return "\nNothing needs a person\n".to_owned();
        }
        let longest = self.hotels.iter().map(|row| row.hotel.len()).max().unwrap_or(0);
        let red = AnsiColor::Red.on_default();
        let mut text = format!("\n{}\n", words::count(count, "thing needs a person:", "things need a person:"));
        // Writing to a String cannot fail.
        for (hotel, need) in all {
            let _ =
                writeln!(text, "  {hotel:longest$}  {red}{}{red:#}\n  {:longest$}  {}", need.what, "", need.command);
        }
        text
    }
}
