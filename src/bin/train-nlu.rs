//! `train-nlu`: makes the weights of the embedded reader from labelled messages, the same file each time.
//!
//! ```text
//! train-nlu DATA-FOLDER OUT-FOLDER [THRESHOLD] [PUBLIC.jsonl]
//! ```
//!
//! A tenth of the authored messages, chosen by their hash, is first held back to show what each threshold would give;
//! then everything is learned. `held-out.tsv` is never read here.

use anyhow::{Context, bail};
use hotelbot::domain::understanding::{Sentiment, Topic};
use hotelbot::nlu::language_words;
use hotelbot::nlu::reader::features::features;
use hotelbot::nlu::reader::known_words::{file, words};
use hotelbot::nlu::reader::model::{Model, crc32};
use hotelbot::nlu::reader::tokens::{spelling, tokens};
use hotelbot::nlu::reader::train::{Course, Example, softmax, train};
use hotelbot::nlu::reader::{BITS, LEARNED};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What the classes of the model are trained with.
const CLASSES: Course = Course { bits: BITS.0, classes: 4, one_class: true, rounds: 4, rate: 0.2, seed: 11 };
/// What the topics are trained with; there are fewer messages that have them.
const TOPICS: Course = Course { bits: BITS.1, classes: 14, one_class: false, rounds: 8, rate: 0.2, seed: 12 };
/// How much a message of ours counts against one of a public set.
const AUTHORED: f32 = 6.0;
/// How much a seed phrase counts.
const SEED: f32 = 3.0;
/// Of one language and class of a public set at most about so many count fully.
const ENOUGH: f32 = 1_500.0;
/// Public English is ten times as much as ours and mostly not about hotels: at full weight every third unhappy guest
/// who writes English was missed on what was held back.
const PUBLIC_ENGLISH: f32 = 0.1;
/// The threshold written when none is named: chosen on what was held back.
const THRESHOLD: f32 = 0.5;
/// The threshold while another reader looks, too.
const ONLINE: f32 = 0.6;

struct Labelled {
    language: String,
    text: String,
    sentiment: Sentiment,
    topics: Vec<Topic>,
    weight: f32,
    /// One of our messages, whole; and whether it is our writing at all: seeds are.
    authored: bool,
    ours: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, out, rest @ ..] = arguments.as_slice() else {
        bail!("usage: train-nlu DATA-FOLDER OUT-FOLDER [THRESHOLD] [PUBLIC.jsonl]");
    };
    let threshold = rest.first().map_or(Ok(THRESHOLD), |text| text.parse()).context("the threshold is no number")?;
    let mut examples = authored(Path::new(data))?;
    examples.extend(seeds(&Path::new(data).join("seeds.json"))?);
    if let Some(public) = rest.get(1) {
        examples.extend(public_set(Path::new(public))?);
    }
    write(&Path::new(out).join("words.hbkw"), &known_words(&examples))?;
    show_held_back(&examples)?;
    let all: Vec<&Labelled> = examples.iter().collect();
    write(&Path::new(out).join("sentiment.hbsc"), &train(&CLASSES, &by_class(&all), (threshold, ONLINE)))?;
    write(&Path::new(out).join("topics.hbsc"), &train(&TOPICS, &by_topic(&all), (threshold, ONLINE)))
}

fn write(path: &Path, file: &[u8]) -> anyhow::Result<()> {
    fs::write(path, file).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn authored(folder: &Path) -> anyhow::Result<Vec<Labelled>> {
    let mut examples = Vec::new();
    for part in LEARNED {
        let path = folder.join(part);
        for (number, line) in read(&path)?.lines().enumerate() {
            let example = of_line(line).with_context(|| format!("{}:{}", path.display(), number + 1))?;
            examples.push(example);
        }
    }
    Ok(examples)
}

fn of_line(line: &str) -> anyhow::Result<Labelled> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [language, label, topics, text] = fields.as_slice() else { bail!("a line has four fields") };
    let sentiment = Sentiment::parse(label).context("an unknown label")?;
    let topics = topics.split(',').filter_map(Topic::parse).collect();
    let language = (*language).to_owned();
    Ok(Labelled { language, text: (*text).to_owned(), sentiment, topics, weight: AUTHORED, authored: true, ours: true })
}

/// Phrases of one class by a letter, and what may stand before and after them.
#[derive(Deserialize)]
struct Seeds {
    pre: Vec<String>,
    suf: Vec<String>,
    #[serde(flatten)]
    phrases: BTreeMap<String, String>,
}

fn seeds(path: &Path) -> anyhow::Result<Vec<Labelled>> {
    let languages: BTreeMap<String, Seeds> = serde_json::from_str(&read(path)?)?;
    let mut examples = Vec::new();
    for (language, seeds) in &languages {
        for (class, phrases) in &seeds.phrases {
            let sentiment = class_of(class)?;
            examples
                .extend(phrases.split('|').flat_map(|phrase| variants((language.as_str(), seeds), phrase, sentiment)));
        }
    }
    Ok(examples)
}

fn class_of(letter: &str) -> anyhow::Result<Sentiment> {
    Ok(match letter {
        "R" => Sentiment::RequiresAttention,
        "N" => Sentiment::Negative,
        "P" => Sentiment::Positive,
        "U" | "Z" | "0" | "T" => Sentiment::Neutral,
        other => bail!("an unknown class of seeds: {other}"),
    })
}

/// The phrase as it is, and once with what its hash picks before and after it.
fn variants((language, seeds): (&str, &Seeds), phrase: &str, sentiment: Sentiment) -> Vec<Labelled> {
    let pick = |list: &[String], by: u32| list.get(by as usize % list.len().max(1)).cloned().unwrap_or_default();
    let hash = crc32(phrase.as_bytes());
    let dressed = format!("{}{phrase}{}", pick(&seeds.pre, hash), pick(&seeds.suf, hash >> 8)).replace("{n}", "214");
    let language = language.to_owned();
    let labelled = |text| Labelled {
        language: language.clone(),
        text,
        sentiment,
        topics: Vec::new(),
        weight: SEED,
        authored: false,
        ours: true,
    };
    vec![labelled(phrase.to_owned()), labelled(dressed)]
}

/// A row of a public set.
#[derive(Deserialize)]
struct Row {
    text: String,
    lang: String,
    label: String,
    source: String,
    dom: String,
}

fn public_set(path: &Path) -> anyhow::Result<Vec<Labelled>> {
    let text = read(path)?;
    let rows = text.lines().map(serde_json::from_str).collect::<Result<Vec<Row>, _>>()?;
    let mut counts: BTreeMap<(String, String), f32> = BTreeMap::new();
    for row in &rows {
        *counts.entry((row.lang.clone(), row.label.clone())).or_default() += 1.0;
    }
    let weight = |row: &Row| {
        let count = counts.get(&(row.lang.clone(), row.label.clone())).copied().unwrap_or(1.0);
        (ENOUGH / count).min(1.0).sqrt() * trust(row) * if row.lang == "en" { PUBLIC_ENGLISH } else { 1.0 }
    };
    let labelled = |row: &Row| {
        let sentiment = Sentiment::parse(&row.label).context("an unknown label")?;
        Ok(Labelled {
            language: row.lang.clone(),
            text: row.text.clone(),
            sentiment,
            topics: Vec::new(),
            weight: weight(row),
            authored: false,
            ours: false,
        })
    };
    rows.iter().filter(|row| trust(row) > 0.0).map(labelled).collect()
}

/// Hotels teach most; lines of films are left out, because they taught nothing that could be measured.
fn trust(row: &Row) -> f32 {
    match (row.dom.as_str(), row.source.as_str()) {
        ("hotel", _) => 2.0,
        (_, "xed-subtitles") => 0.0,
        (_, "restaurant8k") => 1.5,
        _ => 1.0,
    }
}

/// The words of every message; of the public sets those that occur often, because they hold much else.
fn known_words(examples: &[Labelled]) -> Vec<u8> {
    let mut counts: BTreeMap<(&str, String), u32> = BTreeMap::new();
    for example in examples.iter().filter(|example| !example.ours) {
        words(&example.text).into_iter().for_each(|word| *counts.entry((&example.language, word)).or_default() += 1);
    }
    let enough = |language: &str| if language == "en" { 10 } else { 3 };
    let public = counts
        .iter()
        .filter(|((language, _), count)| **count >= enough(language))
        .map(|((language, word), _)| (*language, word.as_str()));
    let ours = examples.iter().filter(|example| example.ours);
    let ours = ours.map(|example| (example.language.as_str(), example.text.as_str()));
    let lists = language_words().flat_map(|(language, list)| list.iter().map(move |word| (language, *word)));
    file(ours.chain(public).chain(lists))
}

fn found(example: &Labelled, bits: u8) -> Vec<u32> {
    features(&tokens(&spelling(&example.text)), bits)
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u32 {
    all.iter().position(|known| known == one).and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
}

fn by_class(examples: &[&Labelled]) -> Vec<Example> {
    let one = |example: &&Labelled| Example {
        features: found(example, BITS.0),
        classes: 1 << place(Sentiment::ALL, &example.sentiment),
        weight: example.weight,
    };
    examples.iter().map(one).collect()
}

fn by_topic(examples: &[&Labelled]) -> Vec<Example> {
    let one = |example: &&Labelled| Example {
        features: found(example, BITS.1),
        classes: example.topics.iter().fold(0, |bits, topic| bits | 1 << place(Topic::ALL, topic)),
        weight: 1.0,
    };
    examples.iter().filter(|example| example.authored).map(one).collect()
}

/// Trains without a tenth of our messages and prints what each threshold gives on it, without rules.
fn show_held_back(examples: &[Labelled]) -> anyhow::Result<()> {
    let is_back = |example: &&Labelled| example.authored && crc32(example.text.as_bytes()).is_multiple_of(10);
    let (back, rest): (Vec<&Labelled>, Vec<&Labelled>) = examples.iter().partition(is_back);
    let model = Model::load(train(&CLASSES, &by_class(&rest), (THRESHOLD, ONLINE)).leak())?;
    let score = |example: &&Labelled| {
        let likely = softmax(&model.logits(&found(example, BITS.0))[..4]);
        (example.sentiment, likely[2] + likely[3])
    };
    let scores: Vec<(Sentiment, f32)> = back.iter().map(score).collect();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "held back: {} of {}\nthreshold  recall  attention  precision  of positives",
        back.len(),
        examples.len()
    )?;
    for threshold in [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6] {
        let count = |classes: &[Sentiment], least: f32| {
            scores.iter().filter(|(class, score)| classes.contains(class) && *score >= least).count() as f32
        };
        let share = |classes: &[Sentiment]| count(classes, threshold) / count(classes, 0.0).max(1.0);
        let unhappy = [Sentiment::Negative, Sentiment::RequiresAttention];
        let precision = count(&unhappy, threshold) / count(Sentiment::ALL, threshold).max(1.0);
        let (recall, attention) = (share(&unhappy), share(&unhappy[1..]));
        let positives = share(&[Sentiment::Positive]);
        writeln!(out, "{threshold:9.2} {recall:7.3} {attention:10.3} {precision:10.3} {positives:13.3}")?;
    }
    Ok(())
}
