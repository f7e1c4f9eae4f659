//! The table of what answers a question and what does not, written from what guests write, language by language.
//!
//! `fine` is an answer, `4` a score, `—` no answer; `+` behind it: something more must be read; `!`: and a person must
//! look.

use super::*;
use crate::domain::language::Language;
use crate::domain::trigger::{Condition, Content, Kind, Other, Variant};
use std::time::Duration;

fn texts(pairs: &[(&str, &str)]) -> crate::domain::trigger::Texts {
    pairs.iter().filter_map(|(code, text)| Some((Language::parse(code)?, (*text).to_owned()))).collect()
}

fn answer(id: &str, label: &[(&str, &str)], means: &[&str]) -> Answer {
    Answer { label: texts(label), means: means.iter().map(|word| (*word).to_owned()).collect(), ..Answer::bare(id) }
}

fn question(kind: Kind, answers: Vec<Answer>) -> Question {
    let text = texts(&[("en", "?")]);
    Question {
        id: "q".into(),
        content: Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None },
        kind,
        answers,
        other: Other::Classify,
        expires: Duration::from_secs(3600),
        remind: None,
    }
}

/// "Is the room all right?" of the manual.
fn room() -> Question {
    let fine = [
        ("en", "All is well"),
        ("ru", "Всё отлично"),
        ("de", "Alles in Ordnung"),
        ("fr", "Tout va bien"),
        ("es", "Todo está bien"),
        ("it", "Tutto bene"),
        ("pt", "Está tudo bem"),
        ("tr", "Her şey yolunda"),
        ("zh", "一切都好"),
        ("ar", "كل شيء على ما يرام"),
        ("kk", "Бәрі жақсы"),
    ];
    let problem = [
        ("en", "Something is wrong"),
        ("ru", "Есть проблема"),
        ("de", "Es gibt ein Problem"),
        ("fr", "Il y a un problème"),
        ("es", "Hay un problema"),
        ("it", "C'è un problema"),
        ("pt", "Há um problema"),
        ("tr", "Bir sorun var"),
        ("zh", "有问题"),
        ("ar", "هناك مشكلة"),
        ("kk", "Мәселе бар"),
    ];
    let mut fine = answer("fine", &fine, &["ok", "good", "👍", "да"]);
    fine.sentiment = Some(Sentiment::Positive);
    let mut problem = answer("problem", &problem, &["problem", "👎"]);
    problem.sentiment = Some(Sentiment::Negative);
    question(Kind::Choice, vec![fine, problem])
}

/// Times of breakfast, so that labels hold numbers.
fn breakfast() -> Question {
    let at = |id: &str, label: &str| answer(id, &[("en", label)], &[]);
    question(
        Kind::Choice,
        vec![at("early", "07:30"), at("usual", "08:30"), at("late", "09:30"), at("room", "In my room")],
    )
}

fn scale() -> Question {
    let mut bad = answer("bad", &[("en", "Poor"), ("ru", "Плохо")], &[]);
    bad.range = Some((1, 3));
    let mut good = answer("good", &[("en", "Excellent"), ("ru", "Отлично")], &[]);
    good.range = Some((5, 5));
    question(Kind::Scale(1, 5), vec![bad, good])
}

fn yes_no() -> Question {
    question(Kind::YesNo, vec![answer("yes", &[], &[]), answer("no", &[], &[])])
}

/// The notation of the table.
fn noted(answered: Option<Answered>, score: bool) -> String {
    let Some(answered) = answered else { return "—".to_owned() };
    let what = match (answered.score, &answered.answer) {
        (Some(number), _) if score => number.to_string(),
        (_, Some(id)) => id.0.clone(),
        (Some(number), None) => number.to_string(),
        (None, None) => "text".to_owned(),
    };
    let rest = answered.rest.map_or("", |rest| if rest.but { "!" } else { "+" });
    format!("{what}{rest}")
}

fn check(question: &Question, score: bool, cases: &[(&str, &[&str])]) -> usize {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (expected, said) in cases {
        for text in *said {
            count += 1;
            let found = noted(read(question, text), score);
            if found != *expected {
                wrong.push(format!("{text:?} is {found}, should be {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    count
}

#[rustfmt::skip]
const ROOM: &[(&str, &[&str])] = &[
    ("fine", &[
        "1", "1.", "1)", "(1)", "1️⃣", "１", "١", "१", "๑", "一", "①", "#1", "№1", "1!", " 1 ", "1, thanks", "one",
        "First", "the first one", "option 1", "answer 1", "1 please", "Hello! 1", "вариант 1", "Первое",
        "первый вариант", "один", "1-й", "uno", "opción 1", "la respuesta es 1", "eins", "Antwort 1", "un",
        "réponse 1", "opzione 1", "bir", "birinci", "选1", "第一个", "واحد", "الخيار 1", "หนึ่ง", "бір", "All is well",
        "all is well!", "ALL IS WELL", "All is well, thank you", "Good evening, all is well", "Всё отлично",
        "все отлично", "Все отлично, спасибо большое!", "Добрый день! Всё отлично.", "Alles in Ordnung",
        "alles in ordnung danke", "Tout va bien", "Tout va bien, merci beaucoup", "Todo está bien",
        "todo esta bien gracias", "Tutto bene", "Tutto bene grazie mille", "Está tudo bem", "Her şey yolunda",
        "her sey yolunda", "一切都好", "一切都好，谢谢", "كل شيء على ما يرام", "كل شيء على ما يرام شكرا", "Бәрі жақсы", "ok",
        "OK!", "Good", "good, thanks", "👍", "👍👍", "👍🏽", "да", "Да, спасибо", "All is wel", "все отлчно",
        "Всё отличьно", "Alles in Ordnng", "Todo esta bein", "Tuto bene", "Her şey yolnda",
        "All is well, everything is great", "1, everything is perfect", "Да, всё хорошо", "1 👍", "All is well 😊",
    ]),
    ("problem", &[
        "2", "2.", "2)", "2️⃣", "２", "٢", "二", "two", "второе", "вариант 2", "the second one", "zwei", "deux", "dos",
        "due", "iki", "两", "اثنان", "Something is wrong", "something is wrong.", "Есть проблема", "есть проблема!!",
        "Es gibt ein Problem", "Il y a un problème", "il y a un probleme", "Hay un problema", "C'è un problema",
        "c’e un problema", "Há um problema", "Bir sorun var", "有问题", "هناك مشكلة", "Мәселе бар", "👎", "Problem",
        "Somthing is wrong", "Something is worng", "ест проблема", "Есть прблема",
    ]),
    ("fine!", &[
        "All is well but the TV is dead", "1 but it is cold", "да, но холодно", "Всё отлично, но душ течёт",
        "Tout va bien mais il fait froid", "ok, but no hot water", "Alles in Ordnung, aber laut",
        "Todo está bien, pero hace frío", "Tutto bene, però il wifi non va", "Her şey yolunda ama oda soğuk",
        "一切都好，但是空调坏了", "كل شيء على ما يرام لكن الغرفة باردة",
    ]),
    ("fine+", &[
        "1. When is breakfast?", "All is well. Can I get two towels?", "да, во сколько завтрак?",
        "Good! Where is the gym?",
    ]),
    ("problem+", &[
        "2, the shower leaks", "2 - кондиционер не работает", "Something is wrong: no light",
        "Есть проблема, нет воды", "2 because the room is dirty",
    ]),
    ("—", &[
        "3", "0", "12", "-1", "1.5", "1:30", "1-2", "1 or 2", "1 или 2", "1, 2", "1 and 2", "1/2", "½",
        "2 towels please", "2 towels", "two towels please", "2 полотенца, пожалуйста", "две подушки",
        "2 toallas por favor", "zwei Handtücher bitte", "deux serviettes", "due asciugamani", "iki havlu lütfen",
        "两条毛巾", "2条毛巾", "منشفتان", "أريد 2 مناشف", "2 people", "нас 2", "we are 2", "2 of us", "2 nights", "2 ночи",
        "at 1", "at 1 pm", "1pm", "1 pm", "в 2", "в 2 часа", "a las 2", "um 2", "à 2 heures", "alle 2", "saat 2",
        "room 2", "комната 2", "номер 2", "room 1", "Zimmer 2", "chambre 1", "1 minute", "1 минуту", "one moment",
        "One second", "just a second", "один момент", "un momento", "eine Minute", "un instant", "bir dakika", "一下",
        "一个", "1st of May", "2 мая", "le 2", "1 hour", "we arrive at 2", "приедем в 2", "arrivo alle 1",
        "2 days ago", "$1", "1€", "100", "1%", "No one came", "not good", "Not all is well", "не очень",
        "не отлично", "нет, всё хорошо", "не всё отлично", "isn't good", "nicht gut", "pas bien", "no está bien",
        "iyi değil", "不好", "ليس جيدا", "good morning", "Good evening!", "ok where is the pool?", "is everything ok?",
        "1?", "2?", "спасибо", "thank you", "hello", "Здравствуйте", "😡", "🙈", "...", "When is breakfast?",
        "во сколько завтрак", "the first floor", "на первом этаже", "все", "is", "well", "wrong", "no problem",
        "без проблем", "All is well or something is wrong", "да нет", "да, плохо", "All is well?", "1 and a half",
        "goodbye", "second floor", "дай 2", "a good room", "Alles klar?", "problems with wifi", "unwell",
    ]),
];

#[rustfmt::skip]
const SCALE: &[(&str, &[&str])] = &[
    ("5", &[
        "5", "5!", "5.", "5/5", "5 / 5", "5 of 5", "5 out of 5", "five", "Five out of five", "five stars", "5 stars",
        "5 stars!", "5*", "5 ⭐", "⭐⭐⭐⭐⭐", "🌟🌟🌟🌟🌟", "5+", "I give 5", "I'd give it a 5", "I would rate it 5",
        "my rating is 5", "a solid 5", "definitely 5", "Score: 5", "It's a 5 out of 5", "5 points", "５", "٥", "५",
        "๕", "五", "5️⃣", "⑤", "5 из 5", "5 звёзд", "5 звезд", "пять", "пятёрка", "Твердая пятерка", "ставлю 5",
        "Ставлю вам 5!", "оценка 5", "Оценка: 5", "5 баллов", "пять звёзд", "пять из пяти", "Спасибо, 5",
        "Спасибо! 5!", "думаю 5", "В целом 5", "5 de 5", "cinco", "5 estrellas", "le doy un 5", "5 von 5", "fünf",
        "5 Sterne", "ich gebe 5", "5 sur 5", "cinq", "5 étoiles", "je mets 5", "5 su 5", "cinque stelle", "do 5",
        "cinco estrelas", "dou 5", "beş", "5 yıldız", "5 üzerinden 5", "5 puan veriyorum", "5分", "打5分", "我给5分", "五星",
        "五颗星", "خمسة", "٥ نجوم", "5 من 5", "خمس نجوم", "5 คะแนน", "бес", "5 жұлдыз", "Excellent", "отлично",
        "Отлично!", "5, everything was great", "5, всё отлично, спасибо", "5 great", "5 отлично!",
        "Everything was great! 5", "5 all good", "5 всё супер",
    ]),
    ("4", &[
        "4", "4/5", "4 из 5", "four out of five", "four", "четыре", "4 балла", "4 звезды", "quattro su cinque",
        "vier von fünf", "quatre sur cinq", "cuatro de cinco", "dört", "四", "4分", "أربعة من خمسة", "⭐⭐⭐⭐", "maybe 4",
        "наверное 4", "I think 4", "5 üzerinden 4", "4 please", "поставлю 4", "4 stars out of 5", "4 балла из 5", "мы ставим вам 4 из 5", "4-",
    ]),
    ("1", &[
        "1", "единица", "one star", "1 star", "1/5", "одна звезда", "uno",
    ]),
    ("5!", &[
        "5 but the air conditioning is broken", "5, but the AC is broken", "5. But no towels",
        "5 но кондиционер сломан", "5, хотя шумно", "5 pero el aire no funciona",
        "5 aber die Klimaanlage ist kaputt", "5 mais la clim est en panne", "5 ma il condizionatore non va",
        "5 ama klima bozuk", "5分但是空调坏了", "5 لكن المكيف معطل", "five stars but noisy", "5 звёзд, но шумно", "5 😡",
        "5, всё супер, но грязно",
    ]),
    ("4+", &[
        "4, the shower is slow", "4 because of the noise", "4, потому что шумно", "4 - тонкие стены",
        "4. When is breakfast?", "поставлю 4, мало подушек", "4 stars, small room", "4, 2 towels please",
        "4/5 since the bed is hard", "The bed is hard. 4", "Кровать жёсткая. 4/5",
    ]),
    ("—", &[
        "0", "6", "7", "10", "55", "4/10", "8/10", "4 из 10", "3.5", "4,5", "4.5", "4-5", "4 or 5", "4 или 5",
        "4 to 5", "between 4 and 5", "3, 4", "less than 5", "4 and a half", "4 с половиной", "не 5", "not 5",
        "not a 5", "2 towels please", "2 towels", "room 5", "in room 5", "at 5 pm", "at 5", "5 pm", "5pm", "5:00",
        "5.30", "5 minutes", "in 5 minutes", "5 minutes please", "we arrive at 3", "We are 4", "4 people", "for 2",
        "table for 4", "2 полотенца", "номер 5", "в 5", "в 5 вечера", "5 минут", "через 5 минут", "приедем в 3",
        "нас 4", "4 человека", "на 2 человек", "5 тысяч", "5 рублей", "5 ночей", "5 этаж", "2 кофе, пожалуйста",
        "2 toallas", "habitación 5", "a las 5", "5 minutos", "somos 4", "llegamos a las 3", "2 Handtücher",
        "Zimmer 5", "um 5", "um 5 Uhr", "5 Minuten", "wir sind 4", "2 serviettes", "chambre 5", "à 5 heures",
        "5 minutes s'il vous plaît", "nous sommes 4", "2 asciugamani", "camera 5", "alle 5", "5 minuti",
        "siamo in 4", "2 havlu", "oda 5", "saat 5", "5 dakika", "4 kişiyiz", "2条毛巾", "5号房间", "5点", "5分钟", "我们4个人",
        "4个人", "غرفة 5", "الساعة 5", "5 دقائق", "نحن 4 أشخاص", "2 مناشف", "quarto 5", "às 5", "2 toalhas",
        "5 минутта", "2 сүлгі", "ห้อง 5", "5 นาที", "$5", "5 €", "5%", "5 km", "+5", "1st", "the 5th", "5th floor",
        "5?", "wifi?", "thanks", "👍", "ok", "good", "Room 204 is cold", "We need 3 more pillows", "4 times I asked",
        "5 calls and nobody came", "taxi for 5", "Give me 2", "3 nights", "2 adults 1 child", "breakfast at 4?",
        "my number is +7 916 123-45-67", "call 5", "5G", "номер 5 звонил дважды", "5 дней назад", "4 times",
    ]),
];

#[rustfmt::skip]
const NPS: &[(&str, &[&str])] = &[
    ("10", &[
        "10", "10/10", "ten", "🔟", "10 из 10", "10 points", "десять", "diez", "zehn", "dix", "dieci", "十", "عشرة",
        "10!!!", "10 out of 10",
    ]),
    ("0", &[
        "0", "zero", "ноль", "0/10", "cero",
    ]),
    ("7", &[
        "7", "7/10", "seven", "семь", "sieben", "7 puan", "7分", "سبعة",
    ]),
    ("9!", &[
        "9 but the pool was cold", "9, но бассейн холодный",
    ]),
    ("—", &[
        "11", "100", "10:00", "10 am", "7 am", "9-10", "4/5", "10 minutes", "room 7", "в 7", "at 10", "8 or 9",
        "7 nights", "10%", "24/7",
    ]),
];

#[rustfmt::skip]
const YES_NO_CASES: &[(&str, &[&str])] = &[
    ("yes", &[
        "yes", "Yes!", "yes please", "Yes, please.", "yep", "yeah", "sure", "of course", "Yes, of course",
        "yes I do", "ok", "1", "👍", "✅", "да", "Да!", "да, пожалуйста", "Да, конечно", "конечно", "ага", "угу", "+",
        "хочу", "да нужно", "sí", "si", "Sí, por favor", "claro", "vale", "ja", "Ja, gerne", "ja bitte", "natürlich",
        "oui", "Oui, merci", "bien sûr", "d'accord", "sì", "certo", "va bene", "evet", "Evet lütfen", "tamam",
        "olur", "是", "是的", "好的", "可以", "要", "نعم", "أجل", "حسنا", "نعم من فضلك", "sim", "sim, por favor", "ใช่",
        "ใช่ค่ะ", "иә", "так", "はい", "네", "Yes, everything is great", "yes, that would be great", "Да, будьте добры", "y", "Да, всё отлично, спасибо!", "first",
        "Hi, yes", "没问题",
    ]),
    ("no", &[
        "no", "No.", "nope", "no thanks", "of course not", "конечно нет", "No, thank you", "no thank you very much", "not yet", "2", "👎", "❌", "нет",
        "Нет, спасибо", "не надо", "нет, не надо", "не нужно", "неа", "no gracias", "No, gracias", "nein",
        "Nein danke", "nicht nötig", "non", "Non merci", "no grazie", "hayır", "Hayır, teşekkürler", "yok",
        "istemiyorum", "不", "不用", "不用了，谢谢", "不要", "没有", "لا", "لا شكرا", "não", "não, obrigado", "ไม่", "ไม่ต้อง",
        "жоқ", "ні", "いいえ", "아니요",
    ]),
    ("yes+", &[
        "yes, at 10 please", "Да, в 10 утра", "Yes. What time is it?", "sí, a las 10", "ja, um zehn Uhr",
        "oui, à 10 heures", "evet, saat 10'da", "是的，十点", "yes and two towels please",
    ]),
    ("yes!", &[
        "yes but the AC does not work", "да, но позже", "sí, pero más tarde", "ja, aber später",
        "oui mais plus tard", "sì, ma più tardi", "evet ama sonra", "是的，但是晚一点", "نعم لكن لاحقا",
    ]),
    ("no+", &[
        "No, the shower leaks", "нет, не работает душ", "No. Please call me a taxi",
    ]),
    ("—", &[
        "нет, всё хорошо", "No, everything is fine", "да нет", "да, нет", "yes and no", "yes but no", "yes no", "yes or no?",
        "yes?", "no?", "no problem", "no idea", "not good", "не очень", "не знаю", "I don't know", "maybe",
        "может быть", "vielleicht", "3", "no good", "yesterday", "now", "know", "note", "nobody", "north",
        "да, ужасно", "yes 5", "when?", "нетто", "данные", "siesta", "sino", "jacket", "nonna", "是不是", "不错", "要不要",
        "hello", "thanks", "no hot water in the room", "нет горячей воды", "no hay agua", "kein Wasser",
        "pas d'eau chaude", "non c'è acqua", "sıcak su yok mu", "没有热水", "لا يوجد ماء", "ok where is it",
    ]),
];

#[test]
fn a_choice_is_answered_by_its_numbers_labels_and_words_and_by_nothing_else() {
    assert!(check(&room(), false, ROOM) >= 250);
}

#[test]
fn a_scale_is_answered_by_its_numbers_and_by_no_others() {
    assert!(check(&scale(), true, SCALE) >= 200);
}

#[test]
fn ten_is_a_number_of_the_longer_scale() {
    check(&question(Kind::Nps, Vec::new()), true, NPS);
}

#[test]
fn yes_and_no_are_heard_in_many_languages_and_contradictions_are_not() {
    assert!(check(&yes_no(), false, YES_NO_CASES) >= 120);
    let without_answers = question(Kind::YesNo, Vec::new());
    assert_eq!(noted(read(&without_answers, "да"), false), "yes");
    assert_eq!(noted(read(&without_answers, "2"), false), "no");
}

#[test]
fn the_table_holds_a_hundred_texts_that_are_no_answers() {
    let none = [ROOM, SCALE, NPS, YES_NO_CASES].concat();
    let count: usize = none.iter().filter(|(expected, _)| *expected == "—").map(|(_, texts)| texts.len()).sum();
    assert!(count >= 250, "{count}");
}

#[test]
fn a_label_that_is_a_number_wins_only_where_no_place_in_the_list_says_otherwise() {
    let towels = |label: &str| answer(label, &[("en", label)], &[]);
    let question = question(Kind::Choice, vec![towels("2"), towels("4"), towels("6")]);

    check(&question, false, &[("4", &["4"]), ("6", &["6", "3"]), ("2", &["1"]), ("—", &["2", "5"])]);
}

#[test]
fn clock_times_can_be_labels() {
    check(
        &breakfast(),
        false,
        &[
            ("early", &["1", "07:30", "7:30", "7:30 please"]),
            ("late", &["9:30", "3"]),
            ("room", &["4", "in my room", "In my rooom"]),
            ("—", &["9:00", "9", "10:30", "at 9:45", "in my bag", "7"]),
        ],
    );
}

#[test]
fn a_slip_never_decides_between_two_answers_nor_for_the_opposite() {
    let one = |id: &str, ru: &str, en: &str| answer(id, &[("ru", ru), ("en", en)], &[]);
    let question = question(
        Kind::Choice,
        vec![
            one("happy", "Доволен", "Satisfied"),
            one("house", "Дом у моря", "Sea house"),
            one("tom", "Том у моря", "Tea house"),
        ],
    );

    check(
        &question,
        false,
        &[
            ("happy", &["довлен", "доволен!", "satisfed", "Satisfide"]),
            (
                "—",
                &["недоволен", "не доволен", "unsatisfied", "dissatisfied", "Ком у моря", "not satisfied", "Pea house"],
            ),
        ],
    );
}

#[test]
fn a_word_that_belongs_to_two_answers_is_none() {
    let question = question(
        Kind::Choice,
        vec![answer("tea", &[("en", "Tea")], &["hot"]), answer("coffee", &[("en", "Coffee")], &["hot"])],
    );

    check(
        &question,
        false,
        &[("tea", &["tea", "Tea please"]), ("coffee", &["coffee"]), ("—", &["hot", "tea or coffee", "tea and coffee"])],
    );
}

#[test]
fn votes_and_taps_are_read_by_option_and_id() {
    let room = room();
    let voted =
        |options: &[&str]| noted(vote(&room, &options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>()), false);

    assert_eq!(voted(&["Всё отлично"]), "fine");
    assert_eq!(voted(&["Something is wrong"]), "problem");
    assert_eq!(voted(&[]), "—");
    assert_eq!(voted(&["Something is wrong", "All is well"]), "—");
    assert_eq!(voted(&["Pizza"]), "—");
    assert_eq!(noted(tap(&room, "problem", "whatever"), false), "problem");
    assert_eq!(noted(tap(&room, "x", "Есть проблема"), false), "problem");
    assert_eq!(noted(tap(&room, "x", "Pizza"), false), "—");
    assert_eq!(noted(vote(&scale(), &["4".to_owned()]), true), "4");
    assert_eq!(noted(tap(&scale(), "2", "2"), true), "2");
    assert_eq!(noted(vote(&yes_no(), &["Да".to_owned()]), false), "yes");
    assert_eq!(noted(reaction(&room, "👍"), false), "fine");
    assert_eq!(noted(reaction(&room, ""), false), "—");
    assert_eq!(read(&room, "1").map(|answered| answered.how), Some(How::Number));
    assert_eq!(read(&room, "Все отлчно").map(|answered| answered.how), Some(How::NearMiss));
    assert_eq!(read(&room, "👍").map(|answered| answered.how), Some(How::Means));
}

#[test]
fn the_number_of_a_scale_names_the_answer_that_holds_it() {
    assert_eq!(read(&scale(), "2").and_then(|answered| answered.answer), Some("bad".into()));
    assert_eq!(read(&scale(), "4").and_then(|answered| answered.answer), None);
    assert_eq!(read(&scale(), "5 из 5").and_then(|answered| answered.answer), Some("good".into()));
}

#[test]
fn what_is_not_the_answer_is_cut_out_to_be_read() {
    let rest = |text: &str| read(&scale(), text).and_then(|answered| answered.rest).map(|rest| rest.text);
    assert_eq!(rest("5 but the air conditioning is broken").as_deref(), Some("but the air conditioning is broken"));
    assert_eq!(rest("4, Кондиционер сломан!").as_deref(), Some("Кондиционер сломан!"));
    assert_eq!(rest("Кровать жёсткая. 4/5").as_deref(), Some("Кровать жёсткая"));
    assert_eq!(rest("5, thanks a lot"), None);
}

#[test]
fn free_text_is_an_answer_whatever_it_is_and_is_read_all_the_same() {
    let mut any = answer("told", &[], &[]);
    any.tag = vec!["told".to_owned()];
    let question = question(Kind::Text, vec![any, answer("nothing", &[("en", "Nothing")], &[])]);

    check(&question, false, &[("told+", &["The shower leaks", "2 towels please"]), ("nothing", &["Nothing!"])]);
}

#[test]
fn hostile_and_long_texts_are_no_answers_and_cost_little() {
    let long = "5 ".repeat(20_000);
    let words = "word ".repeat(20_000);
    for text in
        [long.as_str(), words.as_str(), "", " ", "\u{0}", "\u{202e}5\u{202c} rooms", "ooooooooooooooooooooooooooooo"]
    {
        assert_eq!(noted(read(&scale(), text), true), "—", "{}", text.chars().take(20).collect::<String>());
    }
}
