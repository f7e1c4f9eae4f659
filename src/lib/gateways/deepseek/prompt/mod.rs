//! The request, in the order the vendor's cache likes: what all hotels share, what one hotel always says, the
//! conversation, and last what changes with every question. The first two are made once per hotel and kept as text.

use super::known::Known;
use super::mask::{self, MOST_GRAPHEMES, first_name, legible};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{FactId, HotelId};
use crate::domain::knowledge::FactValue;
use crate::domain::language::Language;
use crate::domain::message::Author;
pub use crate::domain::prompt::Prompt;
use crate::ports::{Question, Said};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

const UNDERSTAND: &str = include_str!("../prompts/understand.md");
/// An earlier message matters less than the newest one.
const MOST_GRAPHEMES_EARLIER: usize = 1_000;

impl Prompt {
    /// The built-in one.
    pub fn understand() -> Self {
        Self::parse(UNDERSTAND).expect("the built-in prompt has a front matter, which a test holds")
    }
}

/// What must be said again when an answer could not be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// The last answer was blank, cut off or no object: ask without JSON mode, with more room.
    pub format: bool,
    /// The last reply was in the wrong script.
    pub language: bool,
}

/// The part of a hotel's requests that never changes while the hotel does not.
#[derive(Debug)]
pub struct Prepared {
    hotel: Arc<Hotel>,
    /// The body up to the last message that is the same for every question, without a closing bracket.
    prefix: String,
    facts: BTreeSet<FactId>,
    prompt_name: String,
    /// What the hotel gives out.
    pub known: Known,
}

impl Prepared {
    /// Whether the hotel has the fact.
    pub fn has_fact(&self, fact: &FactId) -> bool {
        self.facts.contains(fact)
    }

    /// The prompt's name and version: the hotel's own, or the one for all.
    pub fn prompt_name(&self) -> &str {
        &self.prompt_name
    }

    fn new(hotel: &Arc<Hotel>, for_all: &Prompt, model: &str) -> Self {
        let prompt = hotel.prompt.as_ref().unwrap_or(for_all);
        let lines = hotel_lines(hotel);
        let head = Head {
            model,
            thinking: Thinking { kind: "disabled" },
            temperature: 0.3,
            stream: false,
            user_id: opaque(&hotel.id),
            messages: [Message::system(&prompt.text), Message::system(&lines)],
        };
        let mut prefix = serde_json::to_string(&head).expect("strings and numbers serialise");
        // Off come the brackets that close the messages and the object; questions go on from here.
        prefix.truncate(prefix.len() - 2);
        let mut known = Known::default();
        known.learn(&lines);
        let facts = hotel.knowledge.iter().map(|fact| fact.id.clone()).collect();
        Self { hotel: hotel.clone(), prefix, facts, prompt_name: prompt.name.clone(), known }
    }
}

#[derive(Serialize)]
struct Head<'a> {
    model: &'a str,
    thinking: Thinking,
    temperature: f32,
    stream: bool,
    user_id: String,
    /// Last, so that the body can be continued.
    messages: [Message<'a>; 2],
}

#[derive(Serialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Message<'a> {
    fn system(content: &'a str) -> Self {
        Self { role: "system", content }
    }
}

/// The prepared parts of all hotels.
#[derive(Debug)]
pub struct Preparations {
    prompt: Prompt,
    model: String,
    hotels: RwLock<HashMap<HotelId, Arc<Prepared>>>,
}

impl Preparations {
    /// Nothing is prepared yet.
    pub fn new(prompt: Prompt, model: String) -> Self {
        Self { prompt, model, hotels: RwLock::default() }
    }

    /// The hotel's part, made anew only if the hotel changed. One entry a hotel is kept.
    pub fn of(&self, hotel: &Arc<Hotel>) -> Arc<Prepared> {
        let found = self.hotels.read().unwrap_or_else(PoisonError::into_inner).get(&hotel.id).cloned();
        if let Some(prepared) = found
            && (Arc::ptr_eq(&prepared.hotel, hotel) || prepared.hotel == *hotel)
        {
            return prepared;
        }
        let prepared = Arc::new(Prepared::new(hotel, &self.prompt, &self.model));
        let mut hotels = self.hotels.write().unwrap_or_else(PoisonError::into_inner);
        hotels.insert(hotel.id.clone(), prepared.clone());
        prepared
    }
}

/// A stable id that tells nothing about the hotel: the vendor separates caches and safety handling by it.
fn opaque(hotel: &HotelId) -> String {
    let digest = Sha256::digest(format!("hotelbot/{}", hotel.as_str()));
    digest.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The second system message: the same bytes as long as the hotel is the same.
fn hotel_lines(hotel: &Hotel) -> String {
    let mut text = format!("The hotel: {}\n", line(&hotel.name));
    let _ = writeln!(
        text,
        "Check-in from {}, check-out until {}.",
        clock(hotel.check_in_time),
        clock(hotel.check_out_time)
    );
    if let Some(voice) = &hotel.voice {
        let _ = writeln!(text, "How the hotel speaks: {}", line(voice));
    }
    if !hotel.links.is_empty() {
        text.push_str("Links you may give:\n");
        // A star, not a hyphen: only facts begin with one.
        hotel.links.iter().for_each(|(name, url)| text.extend(["* ", &line(name), ": ", &line(url), "\n"]));
    }
    text.push_str("Facts:\n");
    let mut facts: Vec<_> = hotel.knowledge.iter().collect();
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    for fact in facts {
        let id = fact.id.as_str();
        match &fact.value {
            FactValue::Yes => text.extend(["- ", id, ": yes\n"]),
            FactValue::No => text.extend(["- ", id, ": no\n"]),
            FactValue::Unknown => text.extend(["- ", id, ": unknown\n"]),
            FactValue::Text(texts) => {
                texts
                    .iter()
                    .for_each(|(l, words)| text.extend(["- ", id, " [", l.as_str(), "]: ", &line(words), "\n"]));
            }
        }
    }
    text
}

fn clock(time: jiff::civil::Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// One line without what is invisible.
fn line(text: &str) -> String {
    let visible = crate::domain::script::visible(text);
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A question as it leaves the house.
#[derive(Debug)]
pub struct Outbound {
    /// The guest's turn, legible and masked.
    pub turn: String,
    history: Vec<(&'static str, String)>,
    context: String,
    mark: String,
    language: Language,
}

impl Outbound {
    /// Masks and wraps. `mark` must be new for each question and not guessable: the guest could close the wrapping.
    pub fn new(question: &Question, mark: &str) -> Self {
        let masks = question.hotel.privacy.mask_before_ai;
        let clean = |text: &str, most| {
            let text = legible(text, most);
            neutral(if masks { mask::mask(&text) } else { text })
        };
        let earlier = |said: &Said| {
            let role = if said.author == Author::Guest { "user" } else { "assistant" };
            (role, clean(&said.text, MOST_GRAPHEMES_EARLIER))
        };
        let history = question.history.iter().map(earlier).filter(|(_, text)| !text.is_empty()).collect();
        Self {
            turn: clean(&question.turn, MOST_GRAPHEMES),
            history,
            context: context(question),
            mark: mark.to_owned(),
            language: question.language,
        }
    }

    /// The whole body of a request.
    pub fn body(&self, prepared: &Prepared, repair: Repair, max_tokens: u32) -> String {
        let size = prepared.prefix.len() + self.turn.len() * 2 + 1_024;
        let mut body = String::with_capacity(size);
        body.push_str(&prepared.prefix);
        self.history.iter().for_each(|(role, text)| push(&mut body, role, text));
        let mark = &self.mark;
        let newest = format!("{}<<guest {mark}>>\n{}\n<</guest {mark}>>", self.context, self.turn);
        push(&mut body, "user", &newest);
        if repair != Repair::default() {
            push(&mut body, "system", &self.again(repair));
        }
        let _ = write!(body, "],\"max_tokens\":{max_tokens}");
        if !repair.format {
            body.push_str(",\"response_format\":{\"type\":\"json_object\"}");
        }
        body.push('}');
        body
    }

    fn again(&self, repair: Repair) -> String {
        let mut text = String::new();
        if repair.format {
            text.push_str(
                "Your last answer could not be read. Write the one json object and nothing before or after it.",
            );
        }
        if repair.language {
            let code = self.language.as_str();
            let _ =
                write!(text, " Write \"reply\" in the language `{code}` and its usual letters, in no other language.");
        }
        text.trim_start().to_owned()
    }
}

fn push(body: &mut String, role: &'static str, content: &str) {
    let message = Message { role, content };
    body.push(',');
    body.push_str(&serde_json::to_string(&message).expect("strings serialise"));
}

/// What the model needs to know besides the words, before them: a guest may write a line like one of these.
fn context(question: &Question) -> String {
    let now = question.now.to_zoned(question.hotel.time_zone());
    let mut text = format!("Now at the hotel: {}\n", now.strftime("%A, %Y-%m-%d %H:%M"));
    if let Some(name) = question.first_name.as_deref().and_then(first_name) {
        let _ = writeln!(text, "The guest's first name: {name}");
    }
    let _ = writeln!(text, "Answer in: {}", question.language);
    text
}

/// Marks of prompts and of the vendor's own chat format, broken so that they are only letters.
fn neutral(text: String) -> String {
    if !text.contains(['<', '＜']) {
        return text;
    }
    let broken =
        [("<<", "< <"), ("<<", "< <"), (">>", "> >"), ("<|", "< |"), ("<｜", "< ｜"), ("|>", "| >"), ("｜>", "｜ >")];
    broken.into_iter().fold(text, |text, (mark, harmless)| text.replace(mark, harmless))
}

#[cfg(test)]
mod tests;
