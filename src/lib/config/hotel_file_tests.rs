//! Tables of a hotel's file, right and wrong, and what is said about it.

use crate::config::diagnose::{ConfigErrors, Finding, Place};
use crate::config::hotels::{Against, LoadedHotel, parse_hotel};
use crate::domain::hotel::{AnswersAs, Window};
use crate::domain::ids::HotelId;
use crate::domain::knowledge::FactValue;
use crate::domain::number_health::NewContacts;
use proptest::prelude::*;
use std::time::Duration;

/// Everything a hotel must say, one field a line.
pub(crate) const SMALLEST: &str = "\
name: Sea View
timezone: Asia/Bangkok
languages: [en]
whatsapp: { instance: \"1101000001\", token: env:TOKEN, receive: poll }
staff: { contacts: [ { id: desk, name: Desk, whatsapp: \"+66812345678\" } ] }
";

fn id(text: &str) -> HotelId {
    HotelId::parse(text).expect("valid")
}

fn parse(text: &str) -> Result<LoadedHotel, ConfigErrors> {
    parse_hotel(&id("sea-view"), text, Against::Vendor)
}

/// The mistakes of a file, one a line: `line:column message; fix`.
fn mistakes(text: &str) -> Vec<String> {
    parse(text).expect_err("must be refused").findings.iter().map(brief).collect()
}

fn brief(finding: &Finding) -> String {
    let place = match &finding.place {
        Place::Word { line, column, .. } => format!("{line}:{column} "),
        _ => String::new(),
    };
    format!("{place}{}; {}", finding.message, finding.fix.as_deref().unwrap_or_default())
}

#[test]
fn the_smallest_hotel_gets_the_defaults_of_the_contract() {
    let loaded = parse(SMALLEST).expect("valid");

    let hotel = loaded.hotel;
    assert_eq!(hotel.whatsapp.send_interval, Duration::from_millis(500));
    assert_eq!(hotel.whatsapp.answers_as, AnswersAs::List);
    assert_eq!(hotel.conversation.coalesce, Duration::from_secs(4));
    assert_eq!(hotel.conversation.handoff_after_staff_reply, Duration::from_secs(1800));
    assert_eq!(hotel.conversation.reply_within, Duration::from_secs(900));
    assert_eq!(hotel.quiet_hours, None, "the policy of the triggers holds");
    assert_eq!(hotel.sla.resolution, Duration::from_secs(4 * 3600));
    assert_eq!(hotel.privacy.keep_messages, Duration::from_secs(365 * 86_400));
    assert!(hotel.ai.enabled && hotel.ai.daily_budget_usd.is_none() && hotel.privacy.mask_before_ai);
    assert_eq!((hotel.check_in_time.hour(), hotel.check_out_time.hour()), (14, 12));
    assert_eq!(loaded.warnings, []);
}

#[test]
fn a_file_with_ten_mistakes_reports_ten() {
    let text = "\
name: Sea View
timezon: Asia/Bangkok
languages: [en, klingon]
check_in_time: 25:00
whatsapp:
  instance: 11010000011234567
  token: d75b3a66374942c5b3c019c698abc2067e15115
  receive: pull
quiet_hours: \"22:00-22:00\"
sla: { first_response: 10 }
staff:
  contacts:
    - { id: desk, name: Desk, whatsapp: 8 921 }
name: Twice
";

    let errors = parse(text).expect_err("must be refused");

    assert_eq!(errors.findings.len(), 10);
    insta::assert_snapshot!(errors, @r#"
    1 file has mistakes

      hotels/sea-view.yaml:2:1      timezon: Asia/Bangkok
                                    ^^^^^^^ unknown field `timezon`; did you mean `timezone`?
      hotels/sea-view.yaml:3:17     languages: [en, klingon]
                                                    ^^^^^^^ `klingon` is not a language; write a code such as `en`, `ru`, `de`
      hotels/sea-view.yaml:4:16     check_in_time: 25:00
                                                   ^^^^^ `25:00` is not a time; write hours and minutes from "00:00" to "23:59", such as `"14:00"`
      hotels/sea-view.yaml:6:13     instance: 11010000011234567
                                              ^^^^^^^^^^^^^^^^^ `11010000011234567` is not an instance; write idInstance as in Green API's console, up to 12 digits
      hotels/sea-view.yaml:7:10     token: ***************************************
                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the secret itself does not belong here; write `env:SEA_VIEW_TOKEN`, `file:PATH`, or `stored` after `hotelbot hotels secret sea-view token`
      hotels/sea-view.yaml:8:12     receive: pull
                                             ^^^^ unknown word `pull`; did you mean `poll`?
      hotels/sea-view.yaml:9:14     quiet_hours: "22:00-22:00"
                                                 ^^^^^^^^^^^^^ this is all day; write two different times, or `no` for none
      hotels/sea-view.yaml:10:24    sla: { first_response: 10 }
                                                           ^^ `10` is not a duration; write the unit: `10s`, `10m`, `10h`
      hotels/sea-view.yaml:13:41    - { id: desk, name: Desk, whatsapp: 8 921 }
                                                                        ^^^^^ `8 921` is not a phone; write `+`, the country code and the number, such as `"+66811111111"`
      hotels/sea-view.yaml:14:1     name: Twice
                                    ^^^^ `name` is written twice; the first is in line 1; keep one
    "#);
}

#[test]
fn a_mistake_of_form_hides_no_other_mistake() {
    let text = "\
name: \"Sea View
timezone: Asia/Bangkokk
languages: [en, ru
check_in_time: \"14:00\"
check_out_time: noon
whatsapp: { instance: x, token: env:T, receive: poll }
";

    assert_eq!(
        mistakes(text),
        [
            "1:7 this quote is left open; close it",
            "2:11 `Asia/Bangkokk` is not a time zone; did you mean `Asia/Bangkok`?",
            "3:12 this bracket is left open; close it with `]` or `}`",
            "5:17 `noon` is not a time; write hours and minutes from \"00:00\" to \"23:59\", such as `\"14:00\"`",
            "6:23 `x` is not an instance; write idInstance as in Green API's console, up to 12 digits",
        ]
    );
}

/// A line in place of one of [`SMALLEST`] or after it, and the one thing said about it.
#[test]
fn each_mistake_is_told_with_its_place_and_its_fix() {
    for (line, expected) in [
        (
            "timezone: GMT+3",
            "2:11 `GMT+3` is not a time zone; an offset knows no summer time; write a zone such as `Europe/Moscow`",
        ),
        ("timezone:", "2:1 a time zone such as `Europe/Moscow` is expected here; write it, or delete the field"),
        ("languages: []", "3:12 a hotel speaks at least one language; write `[en]`"),
        ("languages: [en, en]", "3:17 language `en` is there twice; keep one"),
        ("languages: [ua]", "3:13 `ua` is not a language; did you mean `uk`?"),
        ("languages: en", "3:12 a list is expected here; write `[first, second]`, or one `- item` a line"),
        ("country: UK", "6:10 `UK` is not a country; did you mean `GB`?"),
        ("instance: 5", "6:1 unknown field `instance`; it belongs under `whatsapp`"),
        ("check_in_time: 2pm", "6:16 `2pm` is not a time; write `\"14:00\"`"),
        (
            "check_in_time: 840",
            "6:16 `840` is not a time; write hours and minutes from \"00:00\" to \"23:59\", such as `\"14:00\"`",
        ),
        ("assume_check_in: maybe", "6:18 `maybe` is neither yes nor no; write `yes` or `no`"),
        ("conversation: { coalesce: 4 }", "6:27 `4` is not a duration; write the unit: `4s`, `4m`, `4h`"),
        (
            "conversation: { coalesce: -3h }",
            "6:27 `-3h` is not a duration; write a whole number and its unit, such as `30m`",
        ),
        ("conversation: { coalesce: 5m }", "6:27 `5m` is too long; write at most `1m`"),
        (
            "quiet_hours: \"25:00-09:00\"",
            "6:14 `25:00-09:00` is not a window; write two times from 00:00 to 23:59, such as `\"21:00-09:00\"`",
        ),
        ("quiet_hours: 21:00", "6:14 `21:00` is not a window; write `\"21:00-09:00\"`"),
        (
            "sla: { first_response: 2h, resolution: 1h }",
            "6:28 `resolution` is shorter than `first_response`; make it longer",
        ),
        ("ai: { daily_budget_usd: 1_000 }", "6:25 `1_000` is not a number; write one such as `2.50`"),
        ("ai: { daily_budget_usd: -1 }", "6:25 `-1` is out of range; write 0 to 10000"),
        ("ai: yes", "6:5 `ai` must have fields; write `enabled: …` and so on, indented"),
        (
            "links: { menu: http://example.com }",
            "6:16 `http://example.com` is not an address to give away; begin it with `https://`",
        ),
        ("knowledge: { pool: yess }", "6:20 `yess` is not a fact; did you mean `yes`?"),
        (
            "knowledge: { Pool!: yes }",
            "6:14 `Pool!` is not the name of a fact; use a-z, 0-9, `_` and dots, such as `breakfast.hours`",
        ),
        ("knowledge: { pool: { en: '' } }", "6:26 the text is empty; write one, or delete the field"),
        ("knowledge: { pool: yes, pool: no }", "6:25 `pool` is written twice; the first is in line 6; keep one"),
        ("texts: { handof: { en: Hi } }", "6:10 unknown occasion `handof`; did you mean `handoff`?"),
        (
            "pms: { kind: opera }",
            "6:14 unknown word `opera`; write one of `csv`, `webhook`, `mews`, `apaleo`, `cloudbeds`, `travelline`, `bnovo`, `ical`",
        ),
        ("privacy: { keep_messages: 0d }", "6:27 `0d` is too short; write at least `1d`"),
        (
            "voice: !!python/object:os.system rm",
            "6:34 tags such as `tag:yaml.org,2002:python/object:os.syste…` mean nothing here; delete the tag",
        ),
        ("voice: *nobody", "6:8 `*` here repeats a value that has no name; quote the text, or write it out"),
        ("voice: a: b", "6:9 a colon inside a text; put the text in quotes"),
        ("---", "6:1 a second document starts here; keep one hotel to a file and delete the line `---`"),
        ("just some words", "6:1 this is not a field; write `name: value`, with a space after the colon"),
    ] {
        assert_eq!(mistakes(&with(line)), [expected], "{line}");
    }
}

/// [`SMALLEST`] with a line replaced, or added if it has none of that name.
fn with(line: &str) -> String {
    let name = line.split(':').next().unwrap_or_default();
    let mut lines: Vec<&str> = SMALLEST.lines().collect();
    match lines.iter().position(|old| old.split(':').next() == Some(name)) {
        Some(at) => lines[at] = line,
        None => lines.push(line),
    }
    lines.join("\n")
}

#[test]
fn each_mistake_about_whatsapp_and_staff_is_told() {
    for (line, expected) in [
        (
            "whatsapp: { token: env:T, receive: poll }",
            "4:11 `whatsapp` lacks `instance`; add `instance: \"1101000001\"`",
        ),
        (
            "whatsapp: { instance: 1_000, token: env:T, receive: poll }",
            "4:23 `1_000` is not an instance; write idInstance as in Green API's console, up to 12 digits",
        ),
        (
            "whatsapp: { instance: 1, token: env:T }",
            "4:11 `receive: webhook` lacks a `webhook_token`; add `webhook_token: env:SEA_VIEW_WEBHOOK_TOKEN`, or write `receive: poll`",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, webhook_token: env:T }",
            "4:40 `webhook_token` is the same as `token`; make up another one for webhooks: whoever calls us must not be able to send as the hotel",
        ),
        (
            "whatsapp: { instance: 1, token: env:1T, receive: poll }",
            "4:33 this is not the name of an environment variable; write a variable of letters, digits and `_`, such as `env:SEA_VIEW_TOKEN`",
        ),
        (
            "whatsapp: { instance: 1, token: storde, receive: poll }",
            "4:33 unknown reference `storde`; did you mean `stored`?",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, send_interval: 0ms }",
            "4:70 `0ms` is too short; write at least `500ms`",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, new_contacts: { per_day: many } }",
            "4:80 `many` is not a number of guests; write one such as `100`",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, new_contacts: { number_since: 20.11.2026 } }",
            "4:85 `20.11.2026` is not a day; write one such as `2026-11-20`",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, new_contacts: { min_replies: 30 } }",
            "4:84 `30` is out of range; write 0 to 1",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, per_day: 20 }",
            "4:55 unknown field `per_day`; it belongs under `new_contacts`",
        ),
        (
            "whatsapp: { instance: 1, token: env:T, receive: poll, api_url: http://evil.example }",
            "4:64 `http://evil.example` is not an address to give away; begin it with `https://`",
        ),
        (
            "staff: { contacts: [ { id: desk, name: Desk } ] }",
            "5:24 this contact cannot be reached; add `whatsapp: \"+…\"`, `telegram:`, `email:` or `webhook:`",
        ),
        (
            "staff: { contacts: [ { id: desk, name: Desk, email: desk } ] }",
            "5:53 `desk` is not an e-mail address; write one such as `desk@example.com`",
        ),
        (
            "staff: { contacts: [ { id: desk, name: Desk, telegram: \"123456:ABC\" } ] }",
            "5:56 this is not a Telegram chat; write its id (digits), `@name` or `env:NAME`",
        ),
        (
            "staff: { contacts: [ { id: d, name: D, email: a@b.c }, { id: d, name: E, email: a@b.d } ] }",
            "5:62 contact `d` is there twice; keep one",
        ),
        (
            "staff: { contacts: [ { id: d, name: D, whatsapp: +66812345678 }, { id: e, name: E, whatsapp: +66 81 234 5678 } ] }",
            "5:94 phone `+66812345678` is there twice; keep one",
        ),
    ] {
        assert_eq!(mistakes(&with(line)), [expected], "{line}");
    }
}

#[test]
fn an_inline_secret_is_refused_and_never_shown() {
    for secret in ["d75b3a66374942c5b3c019c698abc2067e151158", "hunter2", "'s e c r e t'"] {
        for line in [
            format!("whatsapp: {{ instance: x, token: {secret}, receive: poll }}"),
            format!("whatsapp: {{ instance: 1, token: env:T, webhook_token: {secret} }}"),
            format!("whatsapp: {{ instance: 1, token: {secret} }} }}"),
        ] {
            let errors = parse(&with(&line)).expect_err("must be refused");
            let everything = format!("{errors}{errors:?}{}", serde_json::to_string(&errors).expect("json"));
            assert!(!everything.contains(secret.trim_matches('\'')), "{everything}");
        }
    }
}

#[test]
fn yaml_1_1_holds_no_surprises() {
    let text = format!(
        "{SMALLEST}check_in_time: 14:00\ncheck_out_time: 9:30\nvoice: no\ncountry: no\nquiet_hours: no\n\
         knowledge: {{ pool: no, sauna: true, spa: \"yes\", gym: Unknown, code: {{ en: 012 }} }}\n"
    );

    let hotel = parse(&text).unwrap_or_else(|errors| panic!("{errors}")).hotel;

    assert_eq!(hotel.check_in_time.to_string(), "14:00:00");
    assert_eq!(hotel.check_out_time.to_string(), "09:30:00");
    assert_eq!((hotel.voice.as_deref(), hotel.country.as_deref()), (Some("no"), Some("NO")));
    assert_eq!(hotel.quiet_hours, Some(Window::NEVER));
    let values: Vec<(&str, &FactValue)> = hotel.knowledge.iter().map(|fact| (fact.id.as_str(), &fact.value)).collect();
    let code = FactValue::Text([(hotel.languages[0], "012".to_owned())].into());
    assert_eq!(
        values,
        [
            ("code", &code),
            ("gym", &FactValue::Unknown),
            ("pool", &FactValue::No),
            ("sauna", &FactValue::Yes),
            ("spa", &FactValue::Yes),
        ]
    );
}

#[test]
fn anchors_work_as_far_as_they_are_harmless() {
    let text = format!("{SMALLEST}knowledge:\n  a: &open {{ en: 'Always' }}\n  b: *open\n");

    let hotel = parse(&text).expect("valid").hotel;

    assert_eq!(hotel.knowledge[0].value, hotel.knowledge[1].value);
}

#[test]
fn what_would_eat_memory_is_refused_by_counting() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (name, before) in ["b", "c", "d", "e", "f", "g", "h"].iter().zip(["a", "b", "c", "d", "e", "f", "g"]) {
        bomb.push_str(&format!(
            "{name}: &{name} [*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before}]\n"
        ));
    }
    let nested = format!("voice: {}", "[".repeat(10_000));
    let blocks: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 700))).collect();
    let many = format!("voice: [{}]", "x, ".repeat(30_000));
    // Broken in its first line, so that each field is read by itself: together they are still too much.
    let spread: String =
        (0..100).map(|n| format!("a{n}: [&x [{}], {}]\n", "y,".repeat(100), "*x,".repeat(9))).collect();
    let spread = format!("voice: [\n{spread}");
    let broken = "a: [\n".repeat(100_000);
    let long = format!("voice: &long \"{}\"\nlinks: [{}]", "x".repeat(100_000), "*long, ".repeat(1000));
    for (text, expected) in [
        (bomb.as_str(), "more than 20000 values"),
        (&nested, "too deeply nested"),
        (&blocks, "too deeply nested"),
        (&many, "more than 20000 values"),
        (&long, "more than 20000 values"),
        (&spread, "more than 20000 values"),
        (&broken, "left open"),
        ("voice: &me [*me]", "repeats a value inside itself"),
    ] {
        let errors = mistakes(text);
        assert!(errors.iter().any(|error| error.contains(expected)), "{expected}: {errors:?}");
        assert!(errors.len() <= 100, "{} mistakes", errors.len());
    }
}

#[test]
fn an_old_zone_is_taken_and_said() {
    let loaded = parse(&with("timezone: Europe/Kiev")).expect("valid");

    assert_eq!(loaded.hotel.timezone, "Europe/Kyiv");
    let notes: Vec<String> = loaded.warnings.iter().map(brief).collect();
    assert_eq!(notes, ["2:11 `Europe/Kiev` is an old name; it is read as `Europe/Kyiv`; write that"]);
}

#[test]
fn what_may_not_be_meant_is_a_warning() {
    for (line, expected) in [
        ("staff:", "5:1 nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`"),
        (
            "languages: [en, ru]\nknowledge: { pool: { en: Yes } }",
            "4:14 `pool` is not told in ru; add it, or guests get a translation nobody has checked",
        ),
        (
            "staff: { contacts: [ { id: d, name: D, whatsapp: \"+19991234567890\" } ] }",
            "5:50 no phone is known to begin like `+19991234567890`; look at the digits again",
        ),
    ] {
        let notes: Vec<String> = parse(&with(line)).expect("valid").warnings.iter().map(brief).collect();
        assert_eq!(notes, [expected], "{line}");
    }
}

#[test]
fn zero_between_sends_is_for_emulators_only() {
    let text = with("whatsapp: { instance: 1, token: env:T, receive: poll, send_interval: 0ms }");

    assert!(parse_hotel(&id("a"), &text, Against::Vendor).is_err());
    assert_eq!(
        parse_hotel(&id("a"), &text, Against::Emulator).expect("valid").hotel.whatsapp.send_interval,
        Duration::ZERO
    );
}

#[test]
fn whom_the_bot_may_write_to_first_is_read() {
    let text = with(
        "whatsapp: { instance: 1, token: env:T, receive: poll, new_contacts: { number_since: 2026-11-20, per_day: 80, min_replies: 0.3 } }",
    );

    let read = parse(&text).expect("valid").hotel.whatsapp.new_contacts;

    let number_since = Some(jiff::civil::date(2026, 11, 20));
    assert_eq!(read, NewContacts { number_since, per_day: Some(80), min_replies: Some(0.3) });
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_change_of_a_right_file_makes_the_reader_panic(
        at in 0..2000_usize,
        length in 0..40_usize,
        new in "[a-z0-9:{}\\[\\],&*!'\"#%|> \\t\\n-]{0,8}",
    ) {
        let text: Vec<char> = include_str!("../../../hotels/sea-view.yaml").chars().collect();
        let (start, end) = (at.min(text.len()), (at + length).min(text.len()));
        let changed: String = text[..start].iter().copied().chain(new.chars()).chain(text[end..].iter().copied()).collect();

        if let Err(errors) = parse(&changed) {
            prop_assert!(!errors.findings.is_empty() && !errors.to_string().is_empty());
        }
    }
}
