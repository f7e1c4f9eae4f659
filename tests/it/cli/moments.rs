//! What must be sent and when, as lists of cases: `tests/moments/*.yaml`, written from the language's description and not
//! from the program. Each case is one run of `triggers simulate`.

use super::Folder;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// One hotel, its triggers, its stays, what happens, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    timezone: Option<String>,
    languages: Option<Vec<String>>,
    /// Further lines of the hotel's file.
    hotel: Option<String>,
    from: String,
    to: Option<String>,
    triggers: String,
    /// Rows of the stays' file, its columns in the order of [`COLUMNS`].
    stays: Vec<String>,
    #[serde(default)]
    events: Vec<String>,
    /// All of them: `reservation trigger instant`.
    sends: Vec<String>,
    /// At least these: `reservation trigger reason`.
    #[serde(default)]
    skips: Vec<String>,
    /// All of them: `reservation text`.
    texts: Option<Vec<String>>,
}

const COLUMNS: &str = "reservation_id,guest_name,phone,arrival,departure,status,room_type,room,language,vip,tags,\
                       booked_at,adults,custom.meal";

impl Case {
    fn folder(&self) -> Folder {
        let folder = Folder::new();
        let zone = self.timezone.as_deref().unwrap_or("Europe/Berlin");
        let languages = self.languages.clone().unwrap_or_else(|| vec!["en".into(), "ru".into()]).join(", ");
        let hotel = format!(
            "name: Haus\ntimezone: {zone}\nlanguages: [{languages}]\ncountry: DE\ncheck_in_time: \"14:00\"\n\
             check_out_time: \"12:00\"\nwhatsapp: {{ instance: \"1101000001\", token: env:TOKEN, receive: poll }}\n\
             staff: {{ contacts: [ {{ id: front_desk, name: Desk, whatsapp: \"+4915199999999\" }} ] }}\n{}\n",
            self.hotel.as_deref().unwrap_or_default()
        );
        folder.write("hotels/haus.yaml", &hotel);
        folder.write("triggers.yaml", &format!("version: 1\n{}", self.triggers));
        folder.write("stays.csv", &format!("{COLUMNS}\n{}\n", self.stays.join("\n")));
        folder.write("events.jsonl", &self.events.join("\n"));
        folder
    }

    /// What differs from what is expected; nothing, if all is well.
    fn differences(&self) -> String {
        let folder = self.folder();
        let mut args = vec!["triggers", "simulate", "--json", "--file", "stays.csv", "--from", &self.from];
        if !self.events.is_empty() {
            args.extend(["--events", "events.jsonl"]);
        }
        args.extend(self.to.iter().flat_map(|to| ["--to", to]));
        let story = folder.json(&args);
        let mut differences = String::new();
        let sends = told(&story["sends"], "at");
        if sends != self.sends.iter().cloned().collect() {
            writeln!(differences, "  sends {sends:#?}\n  wanted {:#?}", self.sends).expect("a string takes all");
        }
        let skips = told(&story["skips"], "reason");
        let unsaid: Vec<_> = self.skips.iter().filter(|skip| !skips.contains(*skip)).collect();
        if !unsaid.is_empty() {
            writeln!(differences, "  skips {skips:#?}\n  wanted {unsaid:#?}").expect("a string takes all");
        }
        let texts = told_texts(&story["sends"]);
        if self.texts.as_ref().is_some_and(|wanted| wanted.iter().cloned().collect::<BTreeSet<_>>() != texts) {
            writeln!(differences, "  texts {texts:?}").expect("a string takes all");
        }
        differences
    }
}

/// `reservation trigger …` of each, with one more field.
fn told(list: &serde_json::Value, last: &str) -> BTreeSet<String> {
    let word = |one: &serde_json::Value, field: &str| one[field].as_str().expect("a word").to_owned();
    let list = list.as_array().expect("a list");
    let line = |one| format!("{} {} {}", word(one, "reservation_id"), word(one, "trigger"), word(one, last));
    let lines: BTreeSet<String> = list.iter().map(line).collect();
    assert!(last == "reason" || lines.len() == list.len(), "something is sent twice in one instant: {list:#?}");
    lines
}

fn told_texts(sends: &serde_json::Value) -> BTreeSet<String> {
    let sends = sends.as_array().expect("a list").iter();
    let word = |one: &serde_json::Value, field: &str| one[field].as_str().expect("a word").to_owned();
    sends.map(|one| format!("{} {}", word(one, "reservation_id"), word(one, "text"))).collect()
}

fn all_hold(file: &str) {
    let cases: Vec<Case> = serde_saphyr::from_str(file).expect("a list of cases");
    assert!(!cases.is_empty());
    let differing = |case: &Case| Some(case.differences()).filter(|found| !found.is_empty());
    let wrong: Vec<String> =
        cases.iter().filter_map(|case| differing(case).map(|found| format!("{}\n{found}", case.case))).collect();
    assert!(wrong.is_empty(), "{} of {} cases differ\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

macro_rules! lists {
    ($($test:ident: $file:literal,)+) => {
        $(#[test]
        fn $test() {
            all_hold(include_str!(concat!("../../moments/", $file)));
        })+
    };
}

lists!(
    clock_times_in_the_nights_the_clocks_change: "nights.yaml",
    stays_that_change: "changes.yaml",
    moments_that_were_missed: "missed.yaml",
    who_hears_it_and_how_often: "guests.yaml",
    windows_weekdays_and_quiet_hours: "hours.yaml",
    conditions_variants_languages_and_scores: "conditions.yaml",
    anchors_and_ways_to_say_a_moment: "moments.yaml",
);
