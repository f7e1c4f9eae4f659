//! The words the rule-based model knows: topics of a hotel in English and Russian, and moods.

/// Beginnings of words that mean one topic.
pub type Topic = (&'static str, &'static [&'static str]);

/// What guests ask about. A word belongs to a topic if it starts with one of its beginnings.
pub const TOPICS: &[Topic] = &[
    ("breakfast", &["breakfast", "завтрак"]),
    ("lunch", &["lunch", "обед"]),
    ("dinner", &["dinner", "supper", "ужин"]),
    ("restaurant", &["restaurant", "cafe", "menu", "ресторан", "кафе", "меню"]),
    ("bar", &["bar", "cocktail", "бар", "коктейл"]),
    ("pool", &["pool", "swim", "бассейн", "плава"]),
    ("wifi", &["wifi", "wi-fi", "internet", "wlan", "вайфай", "вай-фай", "wi", "интернет"]),
    ("parking", &["park", "garage", "парков", "стоянк", "гараж"]),
    ("check_in", &["check-in", "checkin", "arriv", "заезд", "заселен", "засел", "заехат", "check_in"]),
    ("check_out", &["check-out", "checkout", "depart", "leav", "выезд", "выселен", "выехат", "check_out"]),
    ("luggage", &["luggage", "baggage", "suitcase", "багаж", "чемодан"]),
    ("pets", &["pet", "pets", "dog", "cat", "питом", "собак", "кошк", "кот", "животн"]),
    ("airport", &["airport", "shuttle", "transfer", "аэропорт", "трансфер", "шаттл"]),
    ("taxi", &["taxi", "cab", "такси"]),
    ("spa", &["spa", "massage", "спа", "массаж"]),
    ("sauna", &["sauna", "hammam", "саун", "хаммам", "бан"]),
    ("gym", &["gym", "fitness", "workout", "трениров", "тренажер", "тренажёр", "фитнес", "спортзал"]),
    ("beach", &["beach", "sea", "пляж", "море", "моря"]),
    ("laundry", &["laundry", "iron", "wash", "прачечн", "стирк", "постира", "утюг"]),
    ("cleaning", &["clean", "housekeep", "уборк", "убрат", "убира"]),
    ("towels", &["towel", "linen", "sheet", "полотен", "бель"]),
    ("children", &["child", "kid", "baby", "crib", "cot", "дет", "ребен", "ребён", "кроватк", "малыш"]),
    ("smoking", &["smok", "курит", "курен"]),
    ("payment", &["pay", "card", "cash", "currency", "оплат", "платит", "карт", "налич", "валют"]),
    ("deposit", &["deposit", "депозит", "залог"]),
    ("tax", &["tax", "налог"]),
    ("address", &["address", "locat", "адрес", "находит", "добрат", "доехат"]),
    ("reception", &["reception", "ресепш", "стойк"]),
    ("room_service", &["room_service", "рум-сервис"]),
    ("minibar", &["minibar", "мини-бар", "минибар"]),
    ("conditioner", &["air-con", "aircon", "conditioner", "кондицион"]),
    ("safe", &["safe", "сейф"]),
    ("view", &["view", "balcon", "вид", "балкон"]),
    ("elevator", &["elevator", "lift", "лифт"]),
    ("accessible", &["wheelchair", "accessib", "disab", "коляск", "инвалид"]),
    ("noise", &["quiet", "noise", "noisy", "шум", "тишин"]),
    ("excursions", &["tour", "excursion", "экскурс", "тур"]),
    ("late_check_out", &["late"]),
    ("early_check_in", &["early", "раньше", "ранн"]),
];

/// The label under which hotelbot counts a topic; its list is closed and coarser than this one.
#[must_use]
pub fn label(topic: &str) -> &'static str {
    match topic {
        "breakfast" | "lunch" | "dinner" | "restaurant" | "bar" | "room_service" | "minibar" => "food",
        "wifi" => "internet",
        "cleaning" | "towels" | "laundry" => "cleanliness",
        "conditioner" => "temperature",
        "noise" => "noise",
        "payment" | "deposit" | "tax" => "billing",
        "check_in" | "check_out" | "late_check_out" | "early_check_in" => "booking",
        "view" | "safe" | "elevator" => "room",
        _ => "other",
    }
}

/// What about a topic is asked: these choose between the facts of one topic.
pub const ASPECTS: &[Topic] = &[
    (
        "hours",
        &[
            "hour",
            "time",
            "when",
            "open",
            "close",
            "until",
            "from",
            "время",
            "когда",
            "час",
            "скольк",
            "врем",
            "работа",
        ],
    ),
    ("price", &["price", "cost", "much", "free", "fee", "pay", "цен", "стоит", "стоимост", "бесплат", "плат"]),
    ("place", &["where", "place", "floor", "location", "где", "этаж", "мест"]),
    ("password", &["password", "code", "network", "парол", "сет"]),
    ("kind", &["what", "which", "menu", "kind", "какой", "какая", "какие", "что"]),
];

/// Words by which a guest greets.
pub const GREETINGS: &[&str] = &[
    "hello",
    "hi",
    "hey",
    "good morning",
    "good evening",
    "good afternoon",
    "привет",
    "здравствуй",
    "добрый",
    "доброе",
    "hola",
    "hallo",
    "bonjour",
];
/// Words by which a guest thanks.
pub const THANKS: &[&str] = &["thank", "thanks", "thx", "спасиб", "благодар"];
/// Words by which a guest asks for a person.
pub const PERSON: &[&str] = &[
    "human",
    "real person",
    "a person",
    "someone",
    "operator",
    "manager",
    "speak to",
    "talk to",
    "call me",
    "staff",
    "оператор",
    "менеджер",
    "администратор",
    "живой",
    "живого",
    "с человеком",
    "человека",
    "человек ",
    "сотрудник",
    "позовите",
    "позвоните",
];
/// Words of an unhappy guest.
pub const NEGATIVE: &[&str] = &[
    "dirty",
    "terrible",
    "awful",
    "horrible",
    "disgust",
    "broken",
    "doesn't work",
    "does not work",
    "not working",
    "bad",
    "worst",
    "angry",
    "unacceptable",
    "disappoint",
    "rude",
    "cockroach",
    "smell",
    "complain",
    "refund",
    "no hot water",
    "leak",
    "грязн",
    "ужас",
    "отврат",
    "сломан",
    "сломал",
    "не работает",
    "плох",
    "хуже",
    "недовол",
    "возмут",
    "безобраз",
    "таракан",
    "воня",
    "жалоб",
    "верните",
    "хам",
    "кошмар",
    "разочаров",
    "нет воды",
    "течет",
    "течёт",
];
/// Words of a happy guest.
pub const POSITIVE: &[&str] = &[
    "great",
    "wonderful",
    "excellent",
    "perfect",
    "love",
    "amazing",
    "thank",
    "lovely",
    "nice",
    "happy",
    "beautiful",
    "отличн",
    "прекрасн",
    "замечательн",
    "супер",
    "спасиб",
    "понрав",
    "люблю",
    "чудесн",
    "идеальн",
    "великолепн",
    "рад ",
];
/// Words of a guest who wants money back.
pub const REFUND: &[&str] = &["refund", "money back", "compensat", "верните деньги", "возврат", "компенсац"];
/// Words of an emergency.
pub const DANGER: &[&str] = &[
    "fire",
    "ambulance",
    "doctor",
    "police",
    "emergency",
    "bleed",
    "gas smell",
    "heart attack",
    "stole",
    "robbed",
    "пожар",
    "горим",
    "скорую",
    "скорая",
    "врач",
    "полици",
    "кров",
    "сердц",
    "украли",
    "ограбил",
];

/// The names of the entries that one of the words belongs to, in the order of the list.
#[must_use]
pub fn named(list: &'static [Topic], words: &[String]) -> Vec<&'static str> {
    let belongs = |beginnings: &[&str]| words.iter().any(|word| beginnings.iter().any(|begin| belongs_to(word, begin)));
    list.iter().filter(|(_, beginnings)| belongs(beginnings)).map(|(name, _)| *name).collect()
}

/// Very short beginnings must be the whole word, or "бар" would be in "баранина" and "cat" in "category".
fn belongs_to(word: &str, beginning: &str) -> bool {
    word == beginning || (beginning.chars().count() > 3 && word.starts_with(beginning))
}

/// The words of a text in lower case; hyphens stay inside a word, and `check in` counts as `check-in`.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace("check in", "check-in").replace("check out", "check-out");
    let lower = lower.replace("вай фай", "вай-фай").replace("wi fi", "wi-fi").replace("room service", "room_service");
    let parts = lower.split(|character: char| !(character.is_alphanumeric() || "-_".contains(character)));
    parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a text contains one of these.
#[must_use]
pub fn has(text: &str, list: &[&str]) -> bool {
    let lower = text.to_lowercase();
    list.iter().any(|part| at_word_start(&lower, part))
}

fn at_word_start(text: &str, part: &str) -> bool {
    let is_start = |at: usize| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let whole = part.chars().count() <= 3;
    let ends = |at: usize| !text[at + part.len()..].chars().next().is_some_and(char::is_alphanumeric);
    text.match_indices(part).any(|(at, _)| is_start(at) && (!whole || ends(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_belong_to_their_topic() {
        for (text, topic) in [
            ("Во сколько завтраки?", "breakfast"),
            ("есть ли парковка", "parking"),
            ("Do you have Wi-Fi?", "wifi"),
            ("When is check out?", "check_out"),
            ("трансфер из аэропорта", "airport"),
            ("Can I bring my dog", "pets"),
        ] {
            assert!(named(TOPICS, &split(text)).contains(&topic), "{text}");
        }
    }

    #[test]
    fn short_words_are_matched_whole() {
        assert!(!has("this is history", &["hi"]));
        assert!(has("Hi there", &["hi"]));
        assert!(!named(TOPICS, &split("category")).contains(&"pets"));
    }
}
