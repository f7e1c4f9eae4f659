//! What a manager is promised by the trigger language, told as stays and what happened to them: the program as built is
//! asked with `triggers simulate` what it would send and when. Written from the language's description, not from the code.

use serde_json::Value;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

const COLUMNS: &str = "reservation_id,guest_name,phone,arrival,departure,status,room_type,room,language";

/// One hotel in Berlin, whose clocks change on 29 March and 25 October 2026; check-in 14:00, check-out 12:00.
struct Journey {
    folder: TempDir,
    triggers: String,
    stays: Vec<String>,
    events: Vec<String>,
    span: (&'static str, &'static str),
}

impl Journey {
    fn of(triggers: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("hotels")).expect("a folder for hotels");
        Self {
            folder,
            triggers: triggers.to_owned(),
            stays: Vec::new(),
            events: Vec::new(),
            span: ("2026-01-01", "2027-01-01"),
        }
    }

    fn span(mut self, from: &'static str, to: &'static str) -> Self {
        self.span = (from, to);
        self
    }

    /// `id phone arrival departure`, then the status, the room type and the room if they matter.
    fn stay(mut self, words: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().collect();
        let word = |at: usize, usual: &'static str| words.get(at).copied().unwrap_or(usual);
        self.stays.push(format!(
            "{},Anna Weber,{},{},{},{},{},{},en",
            words[0],
            words[1],
            words[2],
            words[3],
            word(4, "confirmed"),
            word(5, "standard"),
            word(6, "101"),
        ));
        self
    }

    fn event(mut self, at: &str, reservation: &str, event: &str, more: Value) -> Self {
        let mut line = serde_json::json!({ "at": at, "reservation_id": reservation, "event": event });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        self.events.push(line.to_string());
        self
    }

    fn told(&self) -> Value {
        let write = |name: &str, text: String| fs::write(self.folder.path().join(name), text).expect("a file");
        write("hotels/adler.yaml", HOTEL.to_owned());
        write("triggers.yaml", self.triggers.clone());
        write("stays.csv", format!("{COLUMNS}\n{}\n", self.stays.join("\n")));
        write("events.jsonl", self.events.join("\n"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotelbot"));
        command.arg("-C").arg(self.folder.path());
        command.args(["triggers", "simulate", "--json", "--from", self.span.0, "--to", self.span.1]);
        command.arg("--file").arg(self.folder.path().join("stays.csv"));
        if !self.events.is_empty() {
            command.arg("--events").arg(self.folder.path().join("events.jsonl"));
        }
        let output = command.env("HOTEL_TOKEN", "t").output().expect("the program runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}\n{}", self.triggers);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
    }

    /// What is sent, as `reservation trigger time`, hotel time with its offset, in order.
    fn sends(&self) -> Vec<String> {
        let told = self.told();
        let line = |send: &Value| {
            let at = send["at"].as_str().expect("a time").replace(":00+", "+");
            let word = |key: &str| send[key].as_str().expect("a word").to_owned();
            format!("{} {} {at}", word("reservation_id"), word("trigger"))
        };
        told["sends"].as_array().expect("a list").iter().map(line).collect()
    }

    fn sends_exactly(&self, expected: &[&str]) {
        assert_eq!(self.sends(), expected, "{:#}", self.told()["skips"]);
    }

    /// Whether this was passed over for this reason.
    fn skips(&self, reservation: &str, trigger: &str, reason: &str) {
        let told = self.told();
        let is_it = |skip: &Value| {
            skip["reservation_id"] == reservation && skip["trigger"] == trigger && skip["reason"] == reason
        };
        assert!(told["skips"].as_array().expect("a list").iter().any(is_it), "{told:#}");
    }
}

const HOTEL: &str = r#"
name: Adler
timezone: Europe/Berlin
languages: [en]
country: DE
check_in_time: "14:00"
check_out_time: "12:00"
whatsapp: { instance: "1101000001", token: "env:HOTEL_TOKEN", receive: poll }
staff: { contacts: [ { id: desk, name: Desk, whatsapp: "+4930111111" } ] }
"#;

/// A pack of one trigger that tells something.
fn one(id: &str, body: &str) -> String {
    format!("version: 1\ntriggers:\n  {id}:\n{}    send: {{ text: {{ en: \"Hello\" }} }}\n", indented(body))
}

fn indented(body: &str) -> String {
    body.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| format!("    {line}\n")).collect()
}

const AFTER_CHECK_IN: &str = "when: { after: check_in, by: 3h, only_between: \"10:00-20:30\" }";

#[test]
fn three_hours_after_check_in_within_the_window_and_else_the_next_morning() {
    Journey::of(&one("room-ok", AFTER_CHECK_IN))
        .stay("early +491511111111 2026-05-10 2026-05-12")
        .stay("late +491522222222 2026-05-10T18:30 2026-05-12")
        .sends_exactly(&["early room-ok 2026-05-10T17:00+02:00", "late room-ok 2026-05-11T10:00+02:00"]);
}

#[test]
fn earlier_is_the_last_minute_of_the_window_before_and_skip_is_a_skip() {
    let earlier = AFTER_CHECK_IN.replace(" }", ", otherwise: earlier }");
    Journey::of(&one("room-ok", &earlier))
        .stay("late +491522222222 2026-05-10T18:30 2026-05-12")
        .sends_exactly(&["late room-ok 2026-05-10T20:29+02:00"]);
    let skip = Journey::of(&one("room-ok", &AFTER_CHECK_IN.replace(" }", ", otherwise: skip }")))
        .stay("late +491522222222 2026-05-10T18:30 2026-05-12");
    skip.sends_exactly(&[]);
    skip.skips("late", "room-ok", "window");
}

#[test]
fn quiet_hours_begin_at_their_first_minute_and_end_at_their_last() {
    let journey = Journey::of(&one("hello", "when: { after: check_in, by: 2h }"))
        .stay("at-21 +491511111111 2026-05-10T19:00 2026-05-12")
        .stay("before-21 +491522222222 2026-05-10T18:59 2026-05-12")
        .stay("at-9 +491533333333 2026-05-10T07:00 2026-05-12");
    journey.sends_exactly(&[
        "at-9 hello 2026-05-10T09:00+02:00",
        "before-21 hello 2026-05-10T20:59+02:00",
        "at-21 hello 2026-05-11T09:00+02:00",
    ]);
}

#[test]
fn what_is_moved_past_the_departure_is_not_said_unless_it_is_about_the_departure() {
    let body = "when: { after: check_in, by: 12h }";
    let moved = Journey::of(&one("night", body)).stay("r +491511111111 2026-05-10T14:00 2026-05-11T08:00");
    moved.sends_exactly(&[]);
    moved.skips("r", "night", "quiet");
    Journey::of(&one("bye", "when: { after: checked_out, by: 1h }"))
        .stay("r +491511111111 2026-05-10 2026-05-11T22:00")
        .sends_exactly(&["r bye 2026-05-12T09:00+02:00"]);
}

#[test]
fn a_clock_time_that_a_spring_night_leaves_out_is_the_first_instant_after_it() {
    let body = "when: { before: check_out, by: 1d, at: \"02:30\" }\nbecause: It is a test of the night\npolicy: { quiet_hours: \"04:00-04:01\" }";
    Journey::of(&one("gap", body))
        .stay("r +491511111111 2026-03-27 2026-03-30")
        .sends_exactly(&["r gap 2026-03-29T03:00+02:00"]);
}

#[test]
fn of_two_equal_clock_times_an_autumn_day_uses_the_first_and_hours_that_pass_may_end_in_the_second() {
    let free = "because: It is a test of the night\npolicy: { quiet_hours: \"04:00-04:01\" }";
    Journey::of(&one("fold", &format!("when: {{ before: check_out, by: 1d, at: \"02:30\" }}\n{free}")))
        .stay("r +491511111111 2026-10-23 2026-10-26")
        .sends_exactly(&["r fold 2026-10-25T02:30+02:00"]);
    Journey::of(&one("fold", &format!("when: {{ after: check_in, by: 3h }}\n{free}")))
        .stay("r +491511111111 2026-10-25T00:30 2026-10-27")
        .sends_exactly(&["r fold 2026-10-25T02:30+01:00"]);
}

#[test]
fn a_day_is_a_day_of_the_calendar_over_a_night_on_which_clocks_change() {
    Journey::of(&one("day", "when: { after: check_in, by: 1d }"))
        .stay("r +491511111111 2026-03-28T15:00 2026-04-01")
        .sends_exactly(&["r day 2026-03-29T15:00+02:00"]);
    Journey::of(&one("hours", "when: { after: check_in, by: 24h }"))
        .stay("r +491511111111 2026-03-28T15:00 2026-04-01")
        .sends_exactly(&["r hours 2026-03-29T16:00+02:00"]);
}

#[test]
fn half_of_a_stay_is_half_its_nights_and_one_night_has_no_half() {
    Journey::of(&one("half", "when: { on: mid_stay }"))
        .stay("five +491511111111 2026-05-10 2026-05-15")
        .stay("two +491522222222 2026-05-10 2026-05-12")
        .stay("one +491533333333 2026-05-10 2026-05-11")
        .sends_exactly(&["two half 2026-05-11T11:00+02:00", "five half 2026-05-12T11:00+02:00"]);
}

#[test]
fn every_day_in_house_is_each_day_between_arrival_and_departure() {
    Journey::of(&one("daily", "when: { on: in_house_daily, at: \"10:30\" }"))
        .stay("r +491511111111 2026-05-10 2026-05-13")
        .sends_exactly(&["r daily 2026-05-11T10:30+02:00", "r daily 2026-05-12T10:30+02:00"]);
}

const CHECK_OUT_INFO: &str =
    "when: { before: check_out, by: 1d, at: \"18:00\" }\nwhere: { all: [ { status: checked_in } ] }";

#[test]
fn an_extension_moves_what_is_to_come_and_repeats_nothing() {
    let extended = |at: &str| {
        Journey::of(&one("info", CHECK_OUT_INFO)).stay("r +491511111111 2026-05-10 2026-05-13").event(
            at,
            "r",
            "dates",
            serde_json::json!({ "arrival": "2026-05-10", "departure": "2026-05-15" }),
        )
    };
    extended("2026-05-11T10:00:00+02:00").sends_exactly(&["r info 2026-05-14T18:00+02:00"]);
    extended("2026-05-12T19:00:00+02:00").sends_exactly(&["r info 2026-05-12T18:00+02:00"]);
}

#[test]
fn who_leaves_early_hears_nothing_more_of_the_stay() {
    let journey = Journey::of(&one("info", CHECK_OUT_INFO))
        .stay("r +491511111111 2026-05-10 2026-05-13")
        .event("2026-05-10T14:30:00+02:00", "r", "check_in", Value::Null)
        .event("2026-05-11T10:00:00+02:00", "r", "check_out", Value::Null);
    journey.sends_exactly(&[]);
    journey.skips("r", "info", "status");
}

#[test]
fn who_cancelled_or_never_came_hears_only_what_is_meant_for_them() {
    let pack = "version: 1
triggers:
  hello: { when: { after: check_in, by: 1h }, send: { text: { en: Hello } } }
  sorry: { when: { after: booking_cancelled, by: 1h }, send: { text: { en: Sorry } } }
  missed: { when: { after: no_show, by: 1h }, send: { text: { en: Missed } } }
";
    Journey::of(pack)
        .stay("gone +491511111111 2026-05-10 2026-05-13")
        .stay("absent +491522222222 2026-05-10 2026-05-13")
        .stay("maybe +491533333333 2026-05-10 2026-05-13 tentative")
        .event("2026-05-09T10:00:00+02:00", "gone", "cancelled", Value::Null)
        .event("2026-05-11T10:00:00+02:00", "absent", "no_show", Value::Null)
        .sends_exactly(&["gone sorry 2026-05-09T11:00+02:00", "absent missed 2026-05-11T11:00+02:00"]);
}

#[test]
fn after_stop_nobody_is_written_to() {
    let journey = Journey::of(&one("info", CHECK_OUT_INFO)).stay("r +491511111111 2026-05-10 2026-05-13").event(
        "2026-05-11T10:00:00+02:00",
        "r",
        "opt_out",
        Value::Null,
    );
    journey.sends_exactly(&[]);
    journey.skips("r", "info", "opted_out");
}

#[test]
fn two_rooms_on_one_phone_are_one_stay_and_each_room_its_own_only_if_asked() {
    let rooms = |once: &str| {
        let body = format!(
            "when: {{ after: check_in, by: 2h }}\nonce: {once}\npolicy: {{ per_guest: {{ min_gap: 0m }} }}\nbecause: It is about each room"
        );
        Journey::of(&one("hello", &body))
            .stay("a +491511111111 2026-05-10 2026-05-12 confirmed standard 101")
            .stay("b +491511111111 2026-05-10 2026-05-12 confirmed standard 102")
    };
    let one_stay = rooms("per stay");
    assert_eq!(one_stay.sends().len(), 1);
    one_stay.skips("b", "hello", "duplicate");
    rooms("per room").sends_exactly(&["a hello 2026-05-10T16:00+02:00", "b hello 2026-05-10T16:00+02:00"]);
}

#[test]
fn two_stays_of_one_guest_are_two_unless_once_is_for_ever() {
    let stays = |once: &str| {
        Journey::of(&one("hello", &format!("when: {{ after: check_in, by: 2h }}\nonce: {once}")))
            .stay("may +491511111111 2026-05-10 2026-05-12")
            .stay("june +491511111111 2026-06-10 2026-06-12")
    };
    let both = ["may hello 2026-05-10T16:00+02:00", "june hello 2026-06-10T16:00+02:00"];
    stays("per stay").sends_exactly(&both);
    stays("every 30d").sends_exactly(&both);
    stays("per guest").sends_exactly(&both[..1]);
    stays("every 40d").sends_exactly(&both[..1]);
}

#[test]
fn of_those_due_in_one_minute_the_highest_priority_goes_and_the_others_meet_the_limit() {
    let pack = "version: 1
triggers:
  aaa: { priority: 10, when: { after: check_in, by: 2h }, send: { text: { en: A } } }
  bbb: { priority: 90, when: { after: check_in, by: 2h }, send: { text: { en: B } } }
  ccc: { when: { after: check_in, by: 6h }, send: { text: { en: C } } }
  ddd: { when: { after: check_in, by: 18h }, send: { text: { en: D } } }
";
    let journey = Journey::of(pack).stay("r +491511111111 2026-05-10T12:00 2026-05-12");
    // 14:00 b, 18:00 c (four hours later is enough), then two in 24 hours.
    journey.sends_exactly(&["r bbb 2026-05-10T14:00+02:00", "r ccc 2026-05-10T18:00+02:00"]);
    journey.skips("r", "aaa", "limit");
    journey.skips("r", "ddd", "limit");
}

#[test]
fn a_suite_of_two_nights_and_more_is_neither_another_room_nor_one_night() {
    let body =
        "when: { after: check_in, by: 3h }\nwhere: { all: [ { room_type: [suite, deluxe] }, { nights: \">= 2\" } ] }";
    let journey = Journey::of(&one("suites", body))
        .stay("yes +491511111111 2026-05-10 2026-05-12 confirmed Suite")
        .stay("room +491522222222 2026-05-10 2026-05-12 confirmed standard")
        .stay("short +491533333333 2026-05-10 2026-05-11 confirmed suite");
    journey.sends_exactly(&["yes suites 2026-05-10T17:00+02:00"]);
    journey.skips("room", "suites", "condition");
    journey.skips("short", "suites", "condition");
}

#[test]
fn a_moment_that_was_past_when_the_stay_became_known_is_missed_unless_it_may_be_late() {
    let late = |missed: &str| {
        Journey::of(&one("before", &format!("when: {{ before: arrival, by: 2d, at: \"12:00\"{missed} }}")))
            .span("2026-05-01", "2026-06-01")
            .stay("known +491511111111 2026-05-20 2026-05-22")
            .event(
                "2026-05-08T15:00:00+02:00",
                "new",
                "created",
                serde_json::json!({ "row": { "reservation_id": "new", "guest_name": "B", "phone": "+491522222222",
                    "arrival": "2026-05-10", "departure": "2026-05-12" } }),
            )
    };
    let known = "known before 2026-05-18T12:00+02:00";
    late("").skips("new", "before", "missed");
    late("").sends_exactly(&[known]);
    late(", if_missed: within 4h").sends_exactly(&["new before 2026-05-08T15:00+02:00", known]);
    late(", if_missed: within 2h").sends_exactly(&[known]);
    late(", if_missed: send").sends_exactly(&["new before 2026-05-08T15:00+02:00", known]);
}

#[test]
fn without_a_number_there_is_nobody_to_write_to() {
    let journey =
        Journey::of(&one("hello", "when: { after: check_in, by: 2h }")).stay("r call-me 2026-05-10 2026-05-12");
    journey.sends_exactly(&[]);
    journey.skips("r", "hello", "no_phone");
}

const ASKS: &str = "version: 1
triggers:
  ok:
    when: { after: check_in, by: 2h }
    ask:
      text: { en: Is all well? }
      answers:
        - { id: fine, label: { en: All is well }, reply: { en: Good } }
        - { id: bad, label: { en: Something is wrong }, reply: { en: We are coming } }
  glad:
    when: { after: answer, of: ok, is: fine, by: 4h }
    send: { text: { en: You are welcome } }
  other:
    when: { after: check_in, by: 6h }
    ask: { kind: text, text: { en: And now? } }
";

#[test]
fn an_answer_is_the_moment_of_what_follows_it() {
    let answered = |text: &str| {
        let pack = ASKS.split("  other:").next().expect("the first two triggers");
        Journey::of(pack).stay("r +491511111111 2026-05-10T12:00 2026-05-13").event(
            "2026-05-10T14:05:00+02:00",
            "r",
            "answer",
            serde_json::json!({ "trigger": "ok", "text": text }),
        )
    };
    let asked = "r ok 2026-05-10T14:00+02:00";
    answered("1").sends_exactly(&[asked, "r glad 2026-05-10T18:05+02:00"]);
    answered("all is well").sends_exactly(&[asked, "r glad 2026-05-10T18:05+02:00"]);
    answered("2").sends_exactly(&[asked]);
    answered("what time is breakfast?").sends_exactly(&[asked]);
}

#[test]
fn nothing_is_asked_while_a_question_is_open() {
    let sends = Journey::of(ASKS).stay("r +491511111111 2026-05-10T12:00 2026-05-13").sends();
    assert_eq!(sends[0], "r ok 2026-05-10T14:00+02:00");
    assert!(!sends.contains(&"r other 2026-05-10T18:00+02:00".to_owned()), "{sends:?}");
}
