//! The short lines that staff read in their chat, in Russian or English.

use super::alert::AlertState;
use super::language::Language;
use super::staff_command::{Desk, OnDesk};
use super::trigger::Severity;

/// What is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Say<'a> {
    /// The words were no command.
    NotUnderstood,
    /// What is open, and the commands.
    Help,
    /// No alert has this number.
    NoSuch(i64),
    /// Nothing is open that the command could mean.
    NothingOpen,
    /// Several are.
    WhichOne,
    /// It is theirs.
    Taken,
    /// It is theirs, and the bot is silent.
    Yours,
    /// It is over.
    Done,
    /// The bot answers the guest again.
    BotOn,
    /// The bot is silent.
    BotOff,
    /// Somebody has it.
    TakenBefore,
    /// It was over before.
    Over,
    /// A note that is no fixed text.
    Note(&'a str),
}

/// At most so many alerts in one answer: the rest is a number.
const MOST_LISTED: usize = 10;

const fn line(russian: bool, ru: &'static str, en: &'static str) -> &'static str {
    if russian { ru } else { en }
}

/// A line that is about no alert in particular.
pub fn say(desk: &Desk, what: Say<'_>) -> String {
    let russian = is_russian(desk.language);
    match what {
        Say::NotUnderstood => format!("{}\n{}", line(russian, "Не понял.", "I did not get that."), commands(russian)),
        Say::Help => format!("{}\n{}", list(desk), commands(russian)),
        Say::NoSuch(number) => {
            format!("{} {number}.\n{}", line(russian, "Нет тревоги", "There is no alert"), list(desk))
        }
        Say::NothingOpen => {
            line(russian, "Сейчас нечего отметить.", "There is nothing that this could mean.").to_owned()
        }
        Say::WhichOne => {
            format!("{}\n{}", line(russian, "Какую? Добавьте номер.", "Which one? Add its number."), list(desk))
        }
        Say::Note(note) => note.to_owned(),
        _ => line(russian, "Принято.", "Noted.").to_owned(),
    }
}

/// A line about one alert.
pub fn about(desk: &Desk, on_desk: &OnDesk, what: Say<'_>) -> String {
    let russian = is_russian(desk.language);
    let (number, who) = (on_desk.alert.number, whose(on_desk));
    let act = on_desk.alert.resolved.as_ref().or(on_desk.alert.acknowledged.as_ref());
    let by = act.map_or("?", |act| act.by.as_str());
    let name = &desk.name;
    match what {
        Say::Taken => format!("{number} {}: {name}{who}", line(russian, "принято", "is taken")),
        Say::Yours => {
            format!(
                "{number} {}{who}",
                line(russian, "ваше, бот в этом чате молчит", "is yours, the bot is silent there")
            )
        }
        Say::Done => format!("{number} {}{who}", line(russian, "закрыто", "is done")),
        Say::BotOn => format!("{number}: {}{who}", line(russian, "бот снова отвечает", "the bot answers again")),
        Say::BotOff => format!("{number}: {}{who}", line(russian, "бот молчит", "the bot is silent")),
        Say::TakenBefore => format!("{number} {} {by}{who}", line(russian, "уже принял(а)", "was taken before by")),
        Say::Over => format!("{number} {} {by}{who}", line(russian, "уже закрыл(а)", "was closed before by")),
        other => say(desk, other),
    }
}

/// What a contact is told of an alert: how bad, who and where, in the guest's own words, and what can be written back.
pub fn notice(on_desk: &OnDesk, language: Language, round: i64) -> String {
    let russian = is_russian(language);
    let alert = &on_desk.alert;
    let grave = alert.severity >= Severity::High;
    let mark = if grave { "🔴" } else { "🟡" };
    let again = if round > 0 { line(russian, " ещё ждёт", " still waits") } else { "" };
    let mut text = format!("{mark} {}{again}{}\n«{}»", alert.number, whose(on_desk), brief(&alert.words, 300));
    if let Some(reply) = &alert.suggested_reply {
        text.push_str(&format!("\n{}: {}", line(russian, "Можно ответить", "A reply could be"), brief(reply, 300)));
    }
    let number = alert.number;
    text.push_str(&match russian {
        true => format!("\nок {number} · беру {number} · готово {number}"),
        false => format!("\nok {number} · take {number} · done {number}"),
    });
    text
}

fn is_russian(language: Language) -> bool {
    language.as_str() == "ru"
}

fn commands(russian: bool) -> &'static str {
    line(
        russian,
        "ок 17 (иду) · беру 17 (отвечаю сам) · готово 17 · бот вкл 17 · бот выкл 17 · ?",
        "ok 17 (on my way) · take 17 (I answer myself) · done 17 · bot on 17 · bot off 17 · ?",
    )
}

/// `, room 301, Maria`: the room and the name as far as they are known.
fn whose(on_desk: &OnDesk) -> String {
    let room = on_desk.room.as_deref().map(|room| format!(", {}", brief(room, 12)));
    let guest = on_desk.guest.as_deref().map(|guest| format!(", {}", brief(guest, 30)));
    room.unwrap_or_default() + &guest.unwrap_or_default()
}

/// One line of another's words, cut.
fn brief(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

fn list(desk: &Desk) -> String {
    let russian = is_russian(desk.language);
    let open: Vec<&OnDesk> = desk.alerts.iter().filter(|on_desk| on_desk.alert.is_unresolved()).collect();
    if open.is_empty() {
        return line(russian, "Открытых тревог нет.", "No alert is open.").to_owned();
    }
    let mut lines: Vec<String> = open.iter().take(MOST_LISTED).map(|on_desk| listed(on_desk)).collect();
    if open.len() > MOST_LISTED {
        lines.push(format!("{} {}", line(russian, "и ещё", "and more:"), open.len() - MOST_LISTED));
    }
    lines.join("\n")
}

fn listed(on_desk: &OnDesk) -> String {
    let alert = &on_desk.alert;
    let taken = match (&alert.state, &alert.acknowledged) {
        (AlertState::Acknowledged, Some(act)) => format!(" [{}]", act.by),
        _ => String::new(),
    };
    format!("{}{}{taken}: «{}»", alert.number, whose(on_desk), brief(&alert.words, 60))
}
