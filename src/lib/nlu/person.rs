//! Whether a guest asks for a person, in plain words: it must work when the model does not.

use super::normalise::{clauses, words};
use super::person_words::{Asking, SPACED, UNSPACED};
use super::whole::{is_polite, without_politeness};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words between an asking word and a person: «дайте мне, пожалуйста, живого человека».
const MOST_BETWEEN: usize = 4;

/// Whether the words ask for a person.
pub fn asks_person(text: &str) -> bool {
    let whole = words(text);
    if whole.is_empty() {
        return false;
    }
    let alone = LEXICON.alone.contains(without_politeness(&whole));
    alone || in_pieces(&whole) || joined(text).iter().any(|clause| in_clause(clause))
}

/// The clauses; what a word of politeness between commas keeps apart is one clause: «позовите, пожалуйста, менеджера».
fn joined(text: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for clause in clauses(text) {
        let polite = is_polite(&clause);
        match joined.last_mut() {
            Some(last) if open && !polite => last.extend([" ", &clause]),
            _ if polite => {}
            _ => joined.push(clause),
        }
        open = polite;
    }
    joined
}

fn in_clause(clause: &str) -> bool {
    let tokens: Vec<&str> = clause.split(' ').collect();
    (0..tokens.len()).any(|at| {
        let starts = LEXICON.starts.get(tokens[at]).into_iter().flatten();
        starts.into_iter().any(|start| LEXICON.languages[start.language].asks(&tokens, at, start))
    })
}

fn in_pieces(whole: &str) -> bool {
    // Most messages are plain Latin and hold no Chinese: telling that costs less than looking for each piece.
    let possible = LEXICON.pieces.iter().filter(|(piece, _)| piece.is_ascii() || !whole.is_ascii());
    possible.into_iter().any(|(piece, negations)| {
        whole
            .match_indices(piece.as_str())
            .any(|(at, _)| !negations.iter().any(|no| whole[..at].trim_end().ends_with(no)))
    })
}

/// A sequence of words that may begin a request.
struct Start {
    words: Vec<String>,
    language: usize,
    /// Complete by itself; otherwise a person must follow.
    complete: bool,
}

/// One language, ready to be compared.
struct Prepared {
    between: HashSet<String>,
    persons: Vec<Vec<String>>,
    negations: Vec<Vec<String>>,
}

impl Prepared {
    fn new(asking: &Asking) -> Self {
        let between = asking.between.iter().flat_map(|word| split(word)).collect();
        let persons = asking.persons.iter().map(|phrase| split(phrase)).collect();
        let negations = asking.negations.iter().map(|phrase| split(phrase)).collect();
        Self { between, persons, negations }
    }

    fn asks(&self, tokens: &[&str], at: usize, start: &Start) -> bool {
        if !begins_with(&tokens[at..], &start.words) || self.is_negated(&tokens[..at]) {
            return false;
        }
        let rest = &tokens[at + start.words.len()..];
        start.complete || self.person_follows(rest)
    }

    fn person_follows(&self, rest: &[&str]) -> bool {
        for skipped in 0..=MOST_BETWEEN.min(rest.len()) {
            if self.persons.iter().any(|person| begins_with(&rest[skipped..], person)) {
                return true;
            }
            if !rest.get(skipped).is_some_and(|word| self.between.contains(*word)) {
                return false;
            }
        }
        false
    }

    /// A negation ends right before, or one word before: «не надо звать», "don't want to".
    fn is_negated(&self, before: &[&str]) -> bool {
        let ends_with = |tail: &[&str], words: &[String]| {
            tail.len() >= words.len() && begins_with(&tail[tail.len() - words.len()..], words)
        };
        (0..=2.min(before.len())).any(|skip| {
            let tail = &before[..before.len() - skip];
            self.negations.iter().any(|negation| ends_with(tail, negation))
        })
    }
}

fn begins_with(tokens: &[&str], words: &[String]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token == word)
}

fn split(phrase: &str) -> Vec<String> {
    words(phrase).split(' ').map(str::to_owned).collect()
}

struct Lexicon {
    languages: Vec<Prepared>,
    starts: HashMap<String, Vec<Start>>,
    alone: HashSet<String>,
    pieces: Vec<(String, Vec<String>)>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut starts: HashMap<String, Vec<Start>> = HashMap::new();
    for (language, asking) in SPACED.iter().enumerate() {
        let verbs = asking.verbs.iter().map(|verb| (verb, false));
        for (phrase, complete) in verbs.chain(asking.phrases.iter().map(|phrase| (phrase, true))) {
            let words = split(phrase);
            starts.entry(words[0].clone()).or_default().push(Start { words, language, complete });
        }
    }
    let alone = SPACED.iter().flat_map(|a| a.alone).chain(UNSPACED.iter().flat_map(|p| p.alone));
    let pieces = UNSPACED.iter().flat_map(|language| {
        let negations: Vec<String> = language.negations.iter().map(|no| words(no)).collect();
        language.inside.iter().map(move |piece| (words(piece), negations.clone()))
    });
    Lexicon {
        languages: SPACED.iter().map(Prepared::new).collect(),
        starts,
        alone: alone.map(|word| words(word)).collect(),
        pieces: pieces.collect(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_a_person_are_heard_in_each_language() {
        let requests = [
            "can I talk to a human",
            "Can I please speak to the manager?",
            "I want a real person",
            "real person pls",
            "Manager!",
            "operator",
            "Hi, operator please",
            "This is useless. Get me a manager, now",
            "Please call me back",
            "I'd like to speak with someone",
            "позовите менеджера",
            "Позовите, пожалуйста, администратора!",
            "оператор",
            "ОПЕРАТОР!!!",
            "соедините меня с живым человеком",
            "хочу поговорить с человеком",
            "Дайте мне живого человека",
            "можно администратора?",
            "перезвоните мне",
            "поклич менеджера",
            "Покличте, будь ласка, адміністратора",
            "операторды шақырыңыз",
            "Kann ich mit einem Menschen sprechen?",
            "Ich möchte den Manager sprechen",
            "Bitte rufen Sie mich zurück",
            "Je voudrais parler à quelqu'un",
            "je veux parler à un humain",
            "Puis-je parler à la réception ?",
            "Quiero hablar con una persona",
            "¿Puedo hablar con el gerente, por favor?",
            "Vorrei parlare con un operatore",
            "posso parlare con il direttore?",
            "Quero falar com um atendente",
            "Posso falar com o gerente?",
            "bir yetkiliyle görüşmek istiyorum",
            "Gerçek bir insanla konuşmak istiyorum",
            "转人工",
            "我要找经理",
            "أريد التحدث مع شخص حقيقي",
            "موظف",
            "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ",
            "担当者と話したいです",
            "오퍼레이터 말고 직원과 이야기하고 싶어요",
            "사람",
            "Chcę rozmawiać z człowiekiem",
            "proszę połączyć mnie z kierownikiem, chcę porozmawiać z kierownikiem",
            "Ik wil een medewerker spreken, kan ik met een medewerker spreken?",
            "Позовите мeнеджepа",
        ];

        let missed: Vec<&str> = requests.into_iter().filter(|text| !asks_person(text)).collect();

        assert_eq!(missed, [""; 0]);
    }

    #[test]
    fn mentioning_a_person_is_no_request() {
        let mentions = [
            "the receptionist was nice",
            "The manager was very rude to us",
            "How much is it per person?",
            "I need a room for one person",
            "are there people in the pool now?",
            "I don't need a manager",
            "No need to call the manager",
            "I spoke to the manager yesterday and she helped",
            "How do I call reception from the room?",
            "Is the tour operator at the hotel?",
            "Are you a real person or a bot?",
            "вы живой человек?",
            "帮我找个人均100元的餐馆",
            "администратор был очень любезен",
            "сколько стоит на человека?",
            "нам нужен номер на 2 человека",
            "не надо звать менеджера",
            "Не зовите администратора, всё хорошо",
            "Менеджер обещал полотенца",
            "Der Mitarbeiter war sehr nett",
            "Ich habe gestern mit dem Manager gesprochen",
            "Prix par personne ?",
            "Il n'y a personne à la réception ?",
            "cuánto cuesta por persona",
            "no quiero hablar con el gerente",
            "Quanto costa a persona?",
            "quanto é por pessoa?",
            "Kişi başı ne kadar?",
            "前台的人很好",
            "不用转人工",
            "พนักงานน่ารักมาก",
            "スタッフは親切でした",
            "Pracownik był miły",
            "De medewerker was aardig",
            "👍",
            "",
        ];

        let misread: Vec<&str> = mentions.into_iter().filter(|text| asks_person(text)).collect();

        assert_eq!(misread, [""; 0]);
    }
}
