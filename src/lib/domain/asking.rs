//! A question as it was put to one guest: the words are chosen and filled in once, when it is asked, so that an answer
//! is always read by what the guest saw, whatever the trigger files say by then.

use super::hotel::{AnswersAs, Hotel, Window};
use super::ids::{AnswerId, AskedId, MessageId, ProviderMessageId, QuestionId, ReservationId, TouchpointId, TriggerId};
use super::language::Language;
use super::message::words;
use super::stay;
use super::trigger::{Answer, Condition, Content, Kind, Question, Texts, TriggerSet, Variant};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A question with everything its answers may lead to. Its texts are words, no templates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    /// What is asked.
    pub question: Question,
    /// The questions that `then` may lead to, however far, by id.
    #[serde(default)]
    pub chain: BTreeMap<QuestionId, Question>,
    /// Hours in which it is not asked again.
    #[serde(default)]
    pub quiet_hours: Option<Window>,
}

/// How the words for one guest are made.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    /// The variant for this guest, filled in, by language. A language whose template cannot be filled in is left out.
    pub content: &'a dyn Fn(&Content) -> Texts,
    /// One template, filled in; `None` if that cannot be done.
    pub text: &'a dyn Fn(&str) -> Option<String>,
}

impl Asking {
    /// A question of a set in the words for one guest.
    pub fn prepare(question: &Question, set: &TriggerSet, quiet_hours: Option<Window>, wording: Wording<'_>) -> Self {
        let mut chain = BTreeMap::new();
        let mut next: Vec<&QuestionId> = leads_to(question).collect();
        while let Some(id) = next.pop() {
            let Some(found) = set.question(id).filter(|_| !chain.contains_key(id)) else { continue };
            chain.insert(id.clone(), worded(found, wording));
            next.extend(leads_to(found));
        }
        Self { question: worded(question, wording), chain, quiet_hours }
    }

    /// The question that an answer leads to.
    pub fn next(&self, id: &QuestionId) -> Option<Asking> {
        let question = self.chain.get(id)?.clone();
        Some(Self { question, chain: self.chain.clone(), quiet_hours: self.quiet_hours })
    }

    /// The answer of an id.
    pub fn answer(&self, id: &AnswerId) -> Option<&Answer> {
        self.question.answers.iter().find(|answer| answer.id == *id)
    }

    /// The words of the question in the first of the languages that has any.
    pub fn words(&self, languages: &[Language]) -> Option<&str> {
        self.question.content.variants.first().and_then(|variant| pick(&variant.text, languages))
    }

    /// How the question looks; `None` if it has no words at all. `languages` in the order of preference.
    pub fn show(&self, answers_as: AnswersAs, languages: &[Language]) -> Option<Shown> {
        let body = self.words(languages)?.to_owned();
        let options = options(&self.question, languages);
        let text = listed(&body, &self.question, &options, languages);
        let choices = match answers_as {
            AnswersAs::List => None,
            style => Some(Choices { style, body, options }).filter(|choices| choices.options.len() >= 2),
        };
        Some(Shown { text, choices })
    }

    /// When to ask once more: not in quiet hours, and not when the question is closed by then.
    pub fn remind_at(&self, asked_at: Timestamp, hotel: &Hotel) -> Option<Timestamp> {
        let after = SignedDuration::try_from(self.question.remind?).ok()?;
        let at = not_quiet(asked_at.checked_add(after).ok()?, self.quiet_hours, hotel);
        (at < self.expires_at(asked_at)).then_some(at)
    }

    /// When it closes by itself.
    pub fn expires_at(&self, asked_at: Timestamp) -> Timestamp {
        let open_for = SignedDuration::try_from(self.question.expires).ok();
        open_for.and_then(|open_for| asked_at.checked_add(open_for).ok()).unwrap_or(Timestamp::MAX)
    }
}

fn leads_to(question: &Question) -> impl Iterator<Item = &QuestionId> {
    question.answers.iter().filter_map(|answer| answer.then.as_ref())
}

/// The question with one variant that holds for everybody, and with words for templates.
fn worded(question: &Question, wording: Wording<'_>) -> Question {
    let text = (wording.content)(&question.content);
    let mut worded = question.clone();
    worded.content.variants = vec![Variant { filter: Condition::everybody(), text }];
    for answer in &mut worded.answers {
        for texts in [&mut answer.label, &mut answer.reply] {
            *texts = texts.iter().filter_map(|(language, text)| Some((*language, (wording.text)(text)?))).collect();
        }
    }
    worded
}

/// The text in the first of the languages that has one, else in any.
pub fn pick<'a>(texts: &'a Texts, languages: &[Language]) -> Option<&'a str> {
    let wanted = languages.iter().find_map(|language| texts.get(language));
    wanted.or_else(|| texts.values().next()).map(String::as_str)
}

/// The instant itself, or the end of the quiet hours it lies in.
pub fn not_quiet(at: Timestamp, quiet: Option<Window>, hotel: &Hotel) -> Timestamp {
    let local = at.to_zoned(hotel.time_zone());
    let Some(window) = quiet.filter(|window| window.contains(local.time())) else { return at };
    let crosses_midnight = window.start > window.end && local.time() >= window.start;
    let date = if crosses_midnight { local.date().tomorrow().ok() } else { Some(local.date()) };
    date.map_or(at, |date| stay::instant(hotel, date, window.end).max(at))
}

/// A question as a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// With the answers as a numbered list: works on every phone.
    pub text: String,
    /// For a channel that can do better; it falls back to the text.
    pub choices: Option<Choices>,
}

/// Answers to be tapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Buttons or a poll.
    pub style: AnswersAs,
    /// The question without the list.
    pub body: String,
    /// In order.
    pub options: Vec<ChoiceOption>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// The answer's id; of a scale the number.
    pub id: String,
    /// The words.
    pub label: String,
}

/// What can be chosen, in the order it is shown. A scale's numbers are its options.
pub fn options(question: &Question, languages: &[Language]) -> Vec<ChoiceOption> {
    if let Some((low, high)) = question.kind.range() {
        return (low..=high).map(|n| ChoiceOption { id: n.to_string(), label: n.to_string() }).collect();
    }
    if question.kind == Kind::Text {
        return Vec::new();
    }
    let of = |answer: &Answer| ChoiceOption { id: answer.id.0.clone(), label: label(answer, question.kind, languages) };
    if question.kind == Kind::YesNo && question.answers.is_empty() {
        let word = |id: &str| yes_or_no(id, languages).map(|label| ChoiceOption { id: id.to_owned(), label });
        return ["yes", "no"].into_iter().filter_map(word).collect();
    }
    question.answers.iter().map(of).collect()
}

/// The label in a language; of yes and no also without one, else the id.
fn label(answer: &Answer, kind: Kind, languages: &[Language]) -> String {
    let built_in = || if kind == Kind::YesNo { yes_or_no(answer.id.as_str(), languages) } else { None };
    pick(&answer.label, languages).map(str::to_owned).or_else(built_in).unwrap_or_else(|| answer.id.0.clone())
}

fn yes_or_no(id: &str, languages: &[Language]) -> Option<String> {
    let place = ["yes", "no"].iter().position(|known| *known == id)?;
    let wanted = languages.iter().find_map(|l| YES_NO.iter().find(|(code, _)| *code == l.as_str()));
    Some(wanted.map_or(YES_NO[0].1[place], |(_, words)| words[place]).to_owned())
}

/// "Yes" and "no" as they are shown; English first.
pub const YES_NO: &[(&str, [&str; 2])] = &[
    ("en", ["Yes", "No"]),
    ("ru", ["Да", "Нет"]),
    ("de", ["Ja", "Nein"]),
    ("fr", ["Oui", "Non"]),
    ("es", ["Sí", "No"]),
    ("it", ["Sì", "No"]),
    ("pt", ["Sim", "Não"]),
    ("tr", ["Evet", "Hayır"]),
    ("zh", ["是", "否"]),
    ("ar", ["نعم", "لا"]),
    ("uk", ["Так", "Ні"]),
    ("kk", ["Иә", "Жоқ"]),
    ("th", ["ใช่", "ไม่"]),
    ("ja", ["はい", "いいえ"]),
    ("ko", ["네", "아니요"]),
    ("pl", ["Tak", "Nie"]),
    ("nl", ["Ja", "Nee"]),
];

/// The question with its answers below, one a line. A scale has no list: its numbers are the answers, and a line says
/// which there are if the question does not.
fn listed(body: &str, question: &Question, options: &[ChoiceOption], languages: &[Language]) -> String {
    let lines: Vec<String> = match question.kind.range() {
        Some(range) => scale_lines(body, question, range, languages),
        None => options.iter().enumerate().map(|(n, option)| format!("{}. {}", n + 1, option.label)).collect(),
    };
    if lines.is_empty() { body.to_owned() } else { format!("{body}\n\n{}", lines.join("\n")) }
}

fn scale_lines(body: &str, question: &Question, (low, high): (i64, i64), languages: &[Language]) -> Vec<String> {
    let named: Vec<String> = question.answers.iter().filter_map(|answer| scale_line(answer, languages)).collect();
    if named.is_empty() && !body.contains(&high.to_string()) { vec![format!("{low}–{high}")] } else { named }
}

fn scale_line(answer: &Answer, languages: &[Language]) -> Option<String> {
    let label = pick(&answer.label, languages)?;
    let (from, to) = answer.range.or(answer.score.map(|score| (score, score)))?;
    Some(if from == to { format!("{from} – {label}") } else { format!("{from}–{to} – {label}") })
}

/// A question that waits for its answer, or waited for it lately.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenQuestion {
    /// This asking of it.
    pub id: AskedId,
    /// As it was asked.
    pub asking: Asking,
    /// The language it was asked in.
    pub language: Language,
    /// The trigger that began it.
    pub trigger: Option<TriggerId>,
    /// The touchpoint that began it.
    pub touchpoint: Option<TouchpointId>,
    /// The stay it is about.
    pub reservation: Option<ReservationId>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it closes.
    pub expires_at: Timestamp,
    /// Whether it was shown once more because of other words.
    pub repeated: bool,
    /// The messages that ask it, as the channel calls them: its own, a repetition, a reminder.
    pub messages: Vec<ProviderMessageId>,
    /// It was answered by a vote, which may still change.
    pub voted: Option<Voted>,
}

/// What a vote said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voted {
    /// The answer.
    pub answer: Option<AnswerId>,
    /// The number.
    pub score: Option<i64>,
}

words!(
    /// By what an answer was recognised.
    How {
        /// A number of the list or the scale.
        Number = "number",
        /// A label, in any language.
        Label = "label",
        /// Another word that counts as it.
        Means = "means",
        /// A label with a slip of the finger.
        NearMiss = "near_miss",
        /// A vote in the poll.
        Vote = "vote",
        /// A tap on a button.
        Button = "button",
        /// An emoji put on the question.
        Reaction = "reaction",
        /// Free text was asked for.
        Text = "text",
    }
);

/// What a guest's words answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The answer; `None` for a number that no answer names, or free text.
    pub answer: Option<AnswerId>,
    /// The number.
    pub score: Option<i64>,
    /// What else was said and must still be read.
    pub rest: Option<Rest>,
    /// By what it was recognised.
    pub how: How,
}

impl Answered {
    /// A vote that was taken back.
    pub fn withdrawn() -> Self {
        Self { answer: None, score: None, rest: None, how: How::Vote }
    }

    /// Whether it is a vote that was taken back: any other names an answer or a number.
    pub fn is_withdrawn(&self) -> bool {
        self.how == How::Vote && self.answer.is_none() && self.score.is_none()
    }
}

/// What was said besides the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// The words.
    pub text: String,
    /// It begins with "but" or its like: whatever it says, a person must look.
    pub but: bool,
}

/// An answer that was given in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// To which question.
    pub asked: AskedId,
    /// What.
    pub answered: Answered,
    /// In which message.
    pub message: MessageId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;
    use crate::domain::trigger::Other;
    use std::time::Duration;

    fn language(code: &str) -> Language {
        Language::parse(code).expect("a code")
    }

    fn texts(pairs: &[(&str, &str)]) -> Texts {
        pairs.iter().map(|(code, text)| (language(code), (*text).to_owned())).collect()
    }

    fn answer(id: &str, label: &[(&str, &str)]) -> Answer {
        Answer { label: texts(label), ..Answer::bare(id) }
    }

    fn question(id: &str, kind: Kind, answers: Vec<Answer>) -> Question {
        let text = texts(&[("en", "Is all well, {{ name }}?"), ("ru", "Всё ли хорошо?")]);
        Question {
            id: id.into(),
            content: Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None },
            kind,
            answers,
            other: Other::Classify,
            expires: Duration::from_secs(36 * 3600),
            remind: Some(Duration::from_secs(5 * 3600)),
        }
    }

    fn asking(question: Question) -> Asking {
        let quiet = Window { start: jiff::civil::time(21, 0, 0, 0), end: jiff::civil::time(9, 0, 0, 0) };
        Asking { question, chain: BTreeMap::new(), quiet_hours: Some(quiet) }
    }

    fn shown(question: Question, code: &str) -> String {
        asking(question).show(AnswersAs::List, &[language(code), Language::EN]).expect("it has words").text
    }

    #[test]
    fn answers_are_a_numbered_list_in_the_guests_language() {
        let answers = || {
            vec![
                answer("fine", &[("en", "All is well"), ("ru", "Всё отлично")]),
                answer("problem", &[("en", "Something is wrong"), ("ru", "Есть проблема")]),
            ]
        };
        let room = || question("q", Kind::Choice, answers());
        assert_eq!(shown(room(), "ru"), "Всё ли хорошо?\n\n1. Всё отлично\n2. Есть проблема");
        assert_eq!(shown(room(), "de"), "Is all well, {{ name }}?\n\n1. All is well\n2. Something is wrong");
        assert_eq!(shown(question("q", Kind::YesNo, Vec::new()), "ru"), "Всё ли хорошо?\n\n1. Да\n2. Нет");
        assert_eq!(shown(question("q", Kind::Scale(1, 5), Vec::new()), "ru"), "Всё ли хорошо?\n\n1–5");
        assert_eq!(shown(question("q", Kind::Text, Vec::new()), "ru"), "Всё ли хорошо?");
    }

    #[test]
    fn a_poll_carries_the_same_answers_and_the_list_beside_them() {
        let shown = asking(question("q", Kind::Scale(1, 3), Vec::new())).show(AnswersAs::Poll, &[Language::EN]);
        let choices = shown.and_then(|shown| shown.choices).expect("choices");
        let labels: Vec<&str> = choices.options.iter().map(|option| option.label.as_str()).collect();
        assert_eq!((labels, choices.body.as_str()), (vec!["1", "2", "3"], "Is all well, {{ name }}?"));
    }

    #[test]
    fn a_reminder_waits_for_the_morning_and_never_comes_after_the_end() {
        let hotel = hotel();
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let remind = |asked: &str, question: Question| asking(question).remind_at(at(asked), &hotel);
        let usual = || question("q", Kind::Choice, Vec::new());
        // Moscow is three hours ahead.
        assert_eq!(remind("2026-07-12T09:00:00Z", usual()), Some(at("2026-07-12T14:00:00Z")));
        assert_eq!(remind("2026-07-12T14:00:00Z", usual()), Some(at("2026-07-13T06:00:00Z")));
        assert_eq!(remind("2026-07-12T22:00:00Z", usual()), Some(at("2026-07-13T06:00:00Z")));
        let short = Question { expires: Duration::from_secs(6 * 3600), ..usual() };
        assert_eq!(remind("2026-07-12T14:00:00Z", short), None);
        assert_eq!(remind("2026-07-12T09:00:00Z", Question { remind: None, ..usual() }), None);
    }

    #[test]
    fn the_words_and_all_that_answers_lead_to_are_kept_as_the_guest_saw_them() {
        let mut first = question("first", Kind::Choice, vec![answer("a", &[("en", "A {{ name }}")])]);
        first.answers[0].then = Some("second".into());
        let mut second = question("second", Kind::Choice, vec![answer("b", &[])]);
        // A circle, which `check` reports, must not keep anybody here.
        second.answers[0].then = Some("first".into());
        let questions = [first.clone(), second].into_iter().map(|q| (q.id.clone(), q)).collect();
        let set = TriggerSet { questions, ..TriggerSet::default() };
        let fill = |text: &str| (!text.contains("ru")).then(|| text.replace("{{ name }}", "Ann"));
        let content = |content: &Content| {
            let texts = &content.variants[0].text;
            texts.iter().filter_map(|(code, text)| Some((*code, fill(text)?))).collect()
        };

        let asking = Asking::prepare(&first, &set, None, Wording { content: &content, text: &fill });

        assert_eq!(asking.words(&[Language::EN]), Some("Is all well, Ann?"));
        assert_eq!(pick(&asking.question.answers[0].label, &[Language::EN]), Some("A Ann"));
        assert_eq!(asking.next(&"second".into()).map(|next| next.question.id), Some("second".into()));
        assert_eq!(asking.next(&"third".into()), None);
    }
}
