//! What the demo shows, one line a fact; and the reader in the role of a guest.

use super::script::{Place, SEA_VIEW};
use super::stage::Stage;
use crate::printer::Printer;
use anstyle::{AnsiColor, Style};
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock as _;
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::Filter;
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The number under which the reader writes.
const READER: &str = "15550001111";

/// One line of what happens.
pub struct Line<'a> {
    place: Place,
    who: &'a str,
    author: &'a str,
    arrow: char,
    text: &'a str,
    why: Option<String>,
    style: Style,
}

impl<'a> Line<'a> {
    /// A guest wrote.
    pub fn guest(place: Place, who: &'a str, text: &'a str) -> Self {
        Self { place, who, author: "guest", arrow: '<', text, why: None, style: Style::new().bold() }
    }

    /// The bot answered, by this rule.
    pub fn bot(place: Place, who: &'a str, text: &'a str, rule: &str) -> Self {
        let style = AnsiColor::Green.on_default();
        Self { place, who, author: "bot", arrow: '>', text, why: Some(format!("rule {rule}")), style }
    }

    /// A colleague answered from the hotel's phone.
    pub fn staff(place: Place, who: &'a str, text: &'a str) -> Self {
        let why = Some("from the hotel's phone".to_owned());
        Self { place, who, author: "staff", arrow: '>', text, why, style: AnsiColor::Cyan.on_default() }
    }

    /// Something happened that is no message.
    pub fn note(place: Place, text: &'a str) -> Self {
        Self { place, who: "", author: "", arrow: '.', text, why: None, style: AnsiColor::Yellow.on_default() }
    }
}

/// Prints a line with the clock of this machine.
pub fn show(printer: &Printer, line: &Line<'_>) -> std::io::Result<()> {
    let clock = SystemClock.now().to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string();
    let hotel = super::stage::name_of(line.place);
    let why = line.why.as_ref().map(|why| format!("  [{why}]")).unwrap_or_default();
    let Line { style, who, author, arrow, text, .. } = line;
    let text = text.replace('\n', " ");
    printer.out(&format!("   {clock}  {hotel:<8}  {who:<6}  {author:<5} {style}{arrow} {text}{style:#}{why}\n"))
}

/// Reads lines and writes them as a guest of the second hotel, until an empty line or the end of input.
pub async fn write_as_guest(stage: &Stage, printer: &Printer) -> anyhow::Result<()> {
    printer.out(&format!(
        "\nNow you are a guest of {}. Write something and press Enter; an empty line ends the demo.\n",
        SEA_VIEW.hotel
    ))?;
    let answers = async {
        let filter = Filter { chat_id: Some(format!("{READER}@c.us")), ..Filter::instance(SEA_VIEW.instance) };
        let mut shown = 0;
        loop {
            stage.sandbox().wait_sent(&filter, shown + 1, Duration::from_secs(3600)).await;
            for answer in stage.sandbox().sent(&filter).into_iter().skip(shown) {
                shown += 1;
                show(printer, &Line { why: None, ..Line::bot(SEA_VIEW, "you", &answer.text, "") })?;
            }
        }
    };
    tokio::select! {
        ended = read_lines(stage) => ended,
        ended = answers => ended,
    }
}

async fn read_lines(stage: &Stage) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        if line.trim().is_empty() {
            break;
        }
        let action = Action { name: "Reader".to_owned(), ..Action::text(READER, line.trim()) };
        stage.sandbox().guest(SEA_VIEW.instance, &action).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}
