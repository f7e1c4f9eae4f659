//! Wording the answer: a flat JSON object for hotelbot's prompts, something generic and valid for anybody else's.

use serde_json::{Value, json};

use super::guess::{Book, Guess, choose};
use super::request::ChatRequest;
use super::rules::{Fact, Prompt};
use super::words::{self, has};

/// What other clients hear.
const GENERIC: &str = "This is the sandbox model: it knows only the facts that a hotel's prompt lists.";

/// The content that answers a request from the facts in it.
#[must_use]
pub fn content(request: &ChatRequest, book: &Book) -> String {
    match Prompt::read(request) {
        Some(prompt) => flat(&prompt, book).to_string(),
        None if request.json => json!({"reply": generic(request)}).to_string(),
        None => generic(request),
    }
}

fn generic(request: &ChatRequest) -> String {
    let last = request.messages.iter().rev().find(|(role, _)| role == "user").map_or("", |(_, text)| text.as_str());
    with_echo(GENERIC.to_owned(), last)
}

/// Load tests match answers to questions by a word after `echo:`, which the reply repeats.
fn with_echo(reply: String, guest: &str) -> String {
    let echoes = guest.split("echo:").skip(1).filter_map(|rest| rest.split_whitespace().next());
    echoes.fold(reply, |reply, echo| format!("{reply} {echo}"))
}

/// The mood of a message.
struct Mood {
    sentiment: &'static str,
    attention: Option<&'static str>,
}

fn mood(guest: &str) -> Mood {
    let negative = has(guest, words::NEGATIVE);
    let sentiment = match (negative, has(guest, words::POSITIVE)) {
        (true, _) => "negative",
        (false, true) => "positive",
        (false, false) => "neutral",
    };
    let attention = if has(guest, words::DANGER) {
        Some("safety")
    } else if has(guest, words::PERSON) {
        Some("request_human")
    } else if has(guest, words::REFUND) {
        Some("refund")
    } else if negative {
        Some("complaint")
    } else {
        None
    };
    Mood { sentiment, attention }
}

fn flat(prompt: &Prompt, book: &Book) -> Value {
    let own = language(&prompt.guest, prompt.language.as_deref());
    let wanted = prompt.language.clone().unwrap_or_else(|| own.clone());
    let mood = mood(&prompt.guest);
    let guess = choose(book, &prompt.guest, &wanted);
    let small_talk = guess.topics.is_empty() && guess.facts.is_empty();
    let greeting = small_talk && mood.attention.is_none() && has(&prompt.guest, words::GREETINGS);
    let thanks = small_talk && mood.attention.is_none() && has(&prompt.guest, words::THANKS);
    let echoed = prompt.guest.contains("echo:");
    let no_answer = guess.facts.is_empty() && !(greeting || thanks || echoed);
    let attention = mood.attention.or((no_answer || guess.unknown).then_some("unknown_answer"));
    let handoff = attention.is_some();
    let phrases = phrases(&wanted);
    let reply = match () {
        () if mood.attention.is_some() => phrases.person(mood.attention, &guess),
        () if greeting => phrases.hello.to_owned(),
        () if thanks => phrases.welcome.to_owned(),
        () if has(&prompt.guest, words::GREETINGS) && !guess.facts.is_empty() => {
            format!("{} {}", phrases.greeting, phrases.facts(&guess, no_answer))
        }
        () => phrases.facts(&guess, no_answer),
    };
    json!({
        "reply": with_echo(reply, &prompt.guest),
        "language": own,
        "sentiment": mood.sentiment,
        "requires_attention": handoff,
        "attention_reason": attention,
        "topics": labels(&guess),
        "confidence": if handoff { 0.4 } else { 0.9 },
        "used_fact_ids": guess.facts.iter().map(|fact| fact.id.as_str()).collect::<Vec<_>>(),
        "handoff": handoff,
    })
}

fn labels(guess: &Guess<'_>) -> Vec<&'static str> {
    let mut labels: Vec<&str> = guess.topics.iter().map(|topic| words::label(topic)).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The language a message is in, as far as its letters tell; for Latin ones the prompt's own guess is taken over.
fn language(guest: &str, wanted: Option<&str>) -> String {
    let cyrillic = guest.chars().filter(|letter| ('\u{400}'..='\u{4ff}').contains(letter)).count();
    let latin = guest.chars().filter(char::is_ascii_alphabetic).count();
    match wanted {
        _ if cyrillic > latin => "ru".into(),
        Some(wanted) if !(wanted == "ru" && latin > 0) => wanted.into(),
        _ => "en".into(),
    }
}

struct Phrases {
    greeting: &'static str,
    hello: &'static str,
    welcome: &'static str,
    asking: &'static str,
    sorry: &'static str,
    urgent: &'static str,
    yes: &'static str,
    no: &'static str,
}

fn phrases(language: &str) -> &'static Phrases {
    if language == "ru" { &RUSSIAN } else { &ENGLISH }
}

const ENGLISH: Phrases = Phrases {
    greeting: "Hello!",
    hello: "Hello! How can we help you?",
    welcome: "You are welcome! Write to us any time.",
    asking: "We will ask our team and come back to you shortly.",
    sorry: "We are sorry about this. A colleague will take care of it right away.",
    urgent: "We are calling our team right now. If you are in danger, please call the emergency services at once.",
    yes: "Yes, this is available",
    no: "Unfortunately, this is not available",
};

const RUSSIAN: Phrases = Phrases {
    greeting: "Здравствуйте!",
    hello: "Здравствуйте! Чем можем помочь?",
    welcome: "Пожалуйста! Пишите нам в любое время.",
    asking: "Мы уточним у коллег и скоро вам ответим.",
    sorry: "Нам очень жаль. Коллега сейчас же этим займётся.",
    urgent: "Мы уже зовём коллег. Если вы в опасности, пожалуйста, сразу позвоните в экстренные службы.",
    yes: "Да, это есть",
    no: "К сожалению, этого нет",
};

impl Phrases {
    fn facts(&self, guess: &Guess<'_>, no_answer: bool) -> String {
        let mut sentences: Vec<String> = guess.facts.iter().map(|fact| self.fact(fact)).collect();
        if no_answer || guess.unknown {
            sentences.push(self.asking.to_owned());
        }
        if sentences.is_empty() {
            sentences.push(self.hello.to_owned());
        }
        sentences.join(" ")
    }

    fn fact(&self, fact: &Fact) -> String {
        let name = fact.id.replace(['.', '_', '-'], " ");
        match fact.text.as_str() {
            "yes" => format!("{}: {name}.", self.yes),
            "no" => format!("{}: {name}.", self.no),
            text if text.ends_with(['.', '!', '?']) => text.to_owned(),
            text => format!("{text}."),
        }
    }

    fn person(&self, reason: Option<&str>, guess: &Guess<'_>) -> String {
        match reason {
            Some("safety") => self.urgent.to_owned(),
            Some("complaint" | "refund") => self.sorry.to_owned(),
            _ if guess.facts.is_empty() => self.asking.to_owned(),
            _ => format!("{} {}", self.facts(guess, false), self.asking),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::{facts, tests::request};
    use super::*;

    const FACTS: &str = "Answer with one json object.\n- breakfast.hours [en]: 07:00–10:30 in the garden restaurant\n\
        - breakfast.hours [ru]: 07:00–10:30 в ресторане в саду\n- pool: yes\n- pets: no\n- airport.shuttle: unknown";

    fn answer(guest: &str, language: &str) -> Value {
        let user = format!("Answer in: {language}\n<<guest k>>\n{guest}\n<</guest k>>");
        let request = request(FACTS, &user);
        serde_json::from_str(&content(&request, &Book::new(facts(&request)))).unwrap()
    }

    #[test]
    fn a_fact_is_told_in_the_wanted_language_with_its_id() {
        let english = answer("When is breakfast?", "en");
        assert_eq!(english["reply"], "07:00–10:30 in the garden restaurant.");
        assert_eq!(english["used_fact_ids"], json!(["breakfast.hours"]));
        assert_eq!(english["handoff"], false);

        let russian = answer("Во сколько завтрак?", "ru");
        assert_eq!(russian["reply"], "07:00–10:30 в ресторане в саду.");
        assert_eq!(russian["language"], "ru");
    }

    #[test]
    fn what_nobody_knows_goes_to_a_person() {
        for guest in ["Is there an airport shuttle?", "Do you have a sauna?", "Can you write me a poem"] {
            let answer = answer(guest, "en");
            assert_eq!(answer["handoff"], true, "{guest}");
            assert_eq!(answer["attention_reason"], "unknown_answer", "{guest}");
            assert_eq!(answer["used_fact_ids"], json!([]), "{guest}");
        }
    }

    #[test]
    fn moods_and_wishes_are_told_apart() {
        for (guest, sentiment, reason) in [
            ("The room is dirty!", "negative", json!("complaint")),
            ("В номере ужасно грязно", "negative", json!("complaint")),
            ("I want to talk to a human", "neutral", json!("request_human")),
            ("Позовите администратора", "neutral", json!("request_human")),
            ("I want my money back", "neutral", json!("refund")),
            ("There is a fire in the corridor", "neutral", json!("safety")),
            ("Everything is wonderful, thank you", "positive", Value::Null),
        ] {
            let answer = answer(guest, "en");
            assert_eq!(answer["sentiment"], sentiment, "{guest}");
            assert_eq!(answer["attention_reason"], reason, "{guest}");
        }
    }

    #[test]
    fn a_greeting_is_greeted() {
        assert_eq!(answer("Добрый день!", "ru")["reply"], RUSSIAN.hello);
        assert_eq!(answer("hi", "en")["handoff"], false);
        let both = answer("Good morning! When is breakfast?", "en");
        assert_eq!(both["reply"], "Hello! 07:00–10:30 in the garden restaurant.");
        assert_eq!(both["topics"], json!(["food"]));
    }

    #[test]
    fn an_echo_comes_back_and_needs_no_fact() {
        let answer = answer("question echo:Q-17", "en");

        assert!(answer["reply"].as_str().unwrap().contains("Q-17"));
        assert_eq!(answer["handoff"], false);
    }

    #[test]
    fn other_clients_get_something_valid() {
        let mut other = request("Reply in json", "What is two and two?");
        assert!(serde_json::from_str::<Value>(&content(&other, &Book::default())).unwrap().is_object());

        other.json = false;
        assert_eq!(content(&other, &Book::default()), GENERIC);
    }
}
