//! What staff write in their own chat with the hotel's number: `ok 17`, `take 17`, `done 17`, `bot on`, `?`, in English or
//! Russian. A reply that quotes an alert needs no number. Pure.

use super::alert::{Alert, AlertState, Step};
use super::conversation::{HandoffReason, Mode};
use super::ids::{AlertId, ChatId};
use super::language::Language;
use super::staff_texts::{Say, say};
use jiff::Timestamp;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Somebody is on the way.
    Acknowledge,
    /// And the bot is to be silent: they write to the guest themselves.
    Take,
    /// It is done.
    Resolve,
    /// The bot may answer the guest again.
    BotOn,
    /// The bot is to be silent.
    BotOff,
    /// What is open, and what can be written.
    Help,
}

/// A wish, with the number of an alert if one was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    /// What.
    pub wish: Wish,
    /// Of which alert.
    pub number: Option<i64>,
}

const WORDS: &[(Wish, &[&str])] = &[
    (Wish::Acknowledge, &["ok", "okay", "ack", "seen", "ок", "окей", "принял", "приняла", "принято", "вижу"]),
    (Wish::Take, &["take", "mine", "беру", "взял", "взяла", "возьму", "мое", "мой", "моя"]),
    (Wish::Resolve, &["done", "fixed", "resolved", "готово", "сделано", "сделал", "сделала", "решено", "закрыто"]),
    (Wish::BotOn, &["bot on", "бот on", "бот вкл", "бот включи", "бот включить", "включи бота", "включить бота"]),
    (Wish::BotOff, &["bot off", "бот off", "бот выкл", "бот выключи", "бот выключить", "выключи бота", "бот молчи"]),
    (Wish::Help, &["?", "help", "list", "помощь", "список"]),
];

/// Reads an order; `None` if the words are something else, however close. `17` alone is none: nobody means only one thing
/// by a number.
pub fn parse(text: &str) -> Option<Order> {
    let folded = fold(text);
    let (mut words, mut number) = (Vec::new(), None);
    for token in folded.split_whitespace() {
        let digits = token.trim_start_matches(['#', '№']);
        match digits.parse::<i64>() {
            // A second number makes it unclear which is meant.
            Ok(found) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                if number.replace(found).is_some() {
                    return None;
                }
            }
            _ if digits.is_empty() => {}
            _ => words.push(digits),
        }
    }
    let said = words.join(" ");
    let wish = WORDS.iter().find(|(_, list)| list.contains(&said.as_str())).map(|(wish, _)| *wish)?;
    Some(Order { wish, number })
}

/// Small letters, without the punctuation around words that a phone's keyboard adds.
fn fold(text: &str) -> String {
    let small = text.trim().to_lowercase().replace('ё', "е").replace('？', "?");
    if small.chars().all(|c| c == '?') {
        return small.chars().take(1).collect();
    }
    small.chars().map(|c| if matches!(c, '.' | ',' | '!' | '?' | ':' | ';' | '"' | '…') { ' ' } else { c }).collect()
}

/// An alert as staff see it while they write.
#[derive(Clone, Debug, PartialEq)]
pub struct OnDesk {
    /// The alert.
    pub alert: Alert,
    /// The guest's name; untrusted.
    pub guest: Option<String>,
    /// The room of the stay.
    pub room: Option<String>,
    /// Whether a person leads the guest's chat.
    pub person_leads: bool,
}

/// What a contact's words are read with.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// The contact's id in the hotel's file.
    pub contact: String,
    /// As colleagues know them.
    pub name: String,
    /// The language staff are written to in.
    pub language: Language,
    /// What is not resolved at the hotel, the gravest first, and what the words name besides.
    pub alerts: Vec<OnDesk>,
    /// The alert of the notice that the words quote.
    pub quoted: Option<i64>,
}

/// What to do about an alert, decided over the state it was seen in.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskAct {
    /// Which.
    pub alert: AlertId,
    /// Its guest's chat.
    pub chat: ChatId,
    /// The state it was seen in: in another, this must be decided anew.
    pub seen: AlertState,
    /// Taken or ended.
    pub step: Option<Step>,
    /// Who leads the guest's chat from then on.
    pub mode: Option<Mode>,
    /// Who says so.
    pub by: String,
}

/// What is done, and the one line that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Nothing, when the words only ask or cannot be obeyed.
    pub act: Option<DeskAct>,
    /// In the staff's language.
    pub text: String,
    /// For the journal.
    pub reason: String,
}

/// Obeys, or says why not.
pub fn answer(desk: &Desk, order: Option<Order>, now: Timestamp) -> Answer {
    let Some(order) = order else { return said(desk, Say::NotUnderstood, "no command") };
    if order.wish == Wish::Help {
        return said(desk, Say::Help, "asks what is open");
    }
    match which(desk, order) {
        Which::One(on_desk) => obey(desk, order.wish, on_desk, now),
        Which::None(Some(number)) => said(desk, Say::NoSuch(number), "names no alert"),
        Which::None(None) => said(desk, Say::NothingOpen, "nothing to be meant"),
        Which::Several => said(desk, Say::WhichOne, "could mean several alerts"),
    }
}

fn said(desk: &Desk, what: Say<'_>, reason: &str) -> Answer {
    Answer { act: None, text: say(desk, what), reason: reason.to_owned() }
}

enum Which<'a> {
    One(&'a OnDesk),
    None(Option<i64>),
    Several,
}

/// The alert that is meant: by its number, by the quote, or because it is the only one that can be.
fn which(desk: &Desk, order: Order) -> Which<'_> {
    if let Some(number) = order.number.or(desk.quoted) {
        let found = desk.alerts.iter().find(|on_desk| on_desk.alert.number == number);
        return found.map_or(Which::None(Some(number)), Which::One);
    }
    let can = |on_desk: &&OnDesk| match order.wish {
        Wish::Acknowledge => on_desk.alert.state == AlertState::Open,
        Wish::BotOn => on_desk.person_leads,
        Wish::BotOff => !on_desk.person_leads,
        _ => on_desk.alert.is_unresolved(),
    };
    let mut candidates = desk.alerts.iter().filter(can);
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Which::One(only),
        (None, _) => Which::None(None),
        (Some(_), Some(_)) => Which::Several,
    }
}

fn obey(desk: &Desk, wish: Wish, on_desk: &OnDesk, now: Timestamp) -> Answer {
    let alert = &on_desk.alert;
    let act = |step: Option<Step>, mode: Option<Mode>| DeskAct {
        alert: alert.id,
        chat: alert.chat,
        seen: alert.state,
        step: step.filter(|step| alert.state.after(*step).is_some()),
        mode,
        by: desk.name.clone(),
    };
    let silent = Mode::Handoff { since: now, until: None, why: HandoffReason::Command };
    let (act, say) = match wish {
        Wish::Acknowledge if alert.state == AlertState::Open => (Some(act(Some(Step::Acknowledge), None)), Say::Taken),
        Wish::Resolve if alert.is_unresolved() => (Some(act(Some(Step::Resolve), None)), Say::Done),
        Wish::Take if alert.is_unresolved() => (Some(act(Some(Step::Acknowledge), Some(silent))), Say::Yours),
        Wish::BotOn => (Some(act(None, Some(Mode::Bot))), Say::BotOn),
        Wish::BotOff => (Some(act(None, Some(silent))), Say::BotOff),
        _ if alert.is_unresolved() => (None, Say::TakenBefore),
        _ => (None, Say::Over),
    };
    let reason = format!("alert {}: {wish:?}", alert.number).to_lowercase();
    Answer { act, text: super::staff_texts::about(desk, on_desk, say), reason }
}

#[cfg(test)]
#[path = "staff_command_tests.rs"]
mod tests;
