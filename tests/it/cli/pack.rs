//! The files that are shipped, as a manager tries them: checked, and one stay led through its whole journey.

use super::Folder;
use insta::assert_snapshot;
use std::fmt::Write as _;
use std::path::Path;

const FILES: &[&str] = &[
    "triggers.yaml",
    "hotels/astoria.yaml",
    "hotels/astoria/triggers.yaml",
    "hotels/sea-view.yaml",
    "hotels/sea-view/triggers.yaml",
];

/// A suite, a night, a day, and a guest without a name.
const STAYS: &str = "reservation_id,guest_name,phone,arrival,departure,language,booked_at,room_type
R1,Anna Berg,+79210000001,2026-07-10,2026-07-15,en,2026-07-01T10:00:00Z,suite
R2,Иван Петров,+79210000002,2026-07-10,2026-07-11,ru,2026-07-01T10:00:00Z,
R3,,+79210000004,2026-07-10,2026-07-12,de,2026-07-01T10:00:00Z,
";

fn shipped() -> Folder {
    let folder = Folder::new();
    for file in FILES {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file");
        folder.write(file, &text);
    }
    folder.write("stays.csv", STAYS);
    folder
}

/// Hotel time, reservation, trigger, language and the first words of each message.
fn journey(hotel: &str) -> String {
    let report = shipped().json(&[
        "--json",
        "--hotel",
        hotel,
        "triggers",
        "simulate",
        "--file",
        "stays.csv",
        "--from",
        "2026-07-01",
    ]);
    let mut lines = String::new();
    for send in report["sends"].as_array().expect("a list") {
        let word = |name: &str| send[name].as_str().unwrap_or_default();
        let start: String = word("text").chars().take(40).collect();
        let start = start.trim_end();
        // Writing to a String cannot fail.
        let _ = writeln!(
            lines,
            "{} {} {:18} {} {start}",
            &word("at")[5..16],
            word("reservation_id"),
            word("trigger"),
            word("language")
        );
    }
    lines
}

#[test]
fn the_shipped_files_are_right_and_nothing_in_them_needs_a_second_look() {
    assert_snapshot!(shipped().run(&["triggers", "check"]), @r"
    exit 0
    ---- stdout
    astoria   9 triggers are written correctly, 1 of them switched off
    sea-view  8 triggers are written correctly
    ");
}

#[test]
fn a_stay_at_the_astoria_is_led_through_its_journey() {
    assert_snapshot!(journey("astoria"), @r"
    07-09T12:00 R1 day-before-arrival en Anna, we are looking forward to seeing y
    07-09T12:00 R2 day-before-arrival ru Иван, ждём вас завтра! Номер будет готов
    07-09T12:00 R3 day-before-arrival de Guten Tag, wir freuen uns darauf, Sie mo
    07-10T14:20 R1 welcome            en Welcome, Anna! We are glad you are here.
    07-10T14:20 R2 welcome            ru Добро пожаловать, Иван! Мы рады, что вы
    07-10T14:20 R3 welcome            de Willkommen! Schön, dass Sie da sind. WLA
    07-10T19:00 R2 check-out-info     ru Иван, завтра день вашего отъезда. Выезд
    07-10T20:30 R1 suite-greeting     en Anna, this is your concierge. Theatre, a
    07-10T20:30 R3 first-evening      de Guten Abend! Haben Sie sich gut eingeric
    07-11T19:00 R3 check-out-info     de Guten Abend, morgen reisen Sie ab. Das Z
    07-12T11:00 R1 mid-stay-score     en Anna, you have been with us for some day
    07-12T12:00 R2 review             ru Спасибо, что были у нас, Иван! Что понра
    07-13T12:00 R3 review             de Vielen Dank für Ihren Besuch! Was hat Ih
    07-14T19:00 R1 check-out-info     en Anna, you are leaving us tomorrow. Check
    07-16T12:00 R1 review             en Thank you for staying with us, Anna! Wha
    ");
}

#[test]
fn the_same_stays_at_the_sea_view() {
    assert_snapshot!(journey("sea-view"), @r"
    07-01T17:00 R1 booking-confirmed  en Anna, thank you for choosing Sea View Ho
    07-01T17:00 R2 booking-confirmed  ru Иван, спасибо, что выбрали Sea View Hote
    07-01T17:00 R3 booking-confirmed  en Hello, thank you for choosing Sea View H
    07-09T12:00 R1 day-before-arrival en Anna, we are looking forward to seeing y
    07-09T12:00 R2 day-before-arrival ru Иван, ждём вас завтра! Номер будет готов
    07-09T12:00 R3 day-before-arrival en Hello, we are looking forward to seeing
    07-10T15:20 R1 welcome            en Welcome, Anna! We are glad you are here.
    07-10T15:20 R2 welcome            ru Добро пожаловать, Иван! Мы рады, что вы
    07-10T15:20 R3 welcome            en Welcome! We are glad you are here. Wi-Fi
    07-10T19:00 R2 check-out-info     ru Иван, завтра день вашего отъезда. Выезд
    07-10T20:00 R1 first-evening      en Good evening, Anna! Have you settled in
    07-10T20:00 R3 first-evening      en Good evening! Have you settled in well?
    07-11T19:00 R3 check-out-info     en Good evening, you are leaving us tomorro
    07-12T11:00 R1 mid-stay-score     en Anna, you have been with us for some day
    07-12T12:00 R2 review             ru Спасибо, что были у нас, Иван! Что понра
    07-13T12:00 R3 review             en Thank you for staying with us! What did
    07-14T19:00 R1 check-out-info     en Anna, you are leaving us tomorrow. Check
    07-16T12:00 R1 review             en Thank you for staying with us, Anna! Wha
    ");
}
