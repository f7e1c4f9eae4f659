//! The words that mean something without a model, as data. Written as people write them; compared after
//! `normalise::words`, so case, accents and punctuation do not matter. Every list works for every hotel: a guest's
//! language need not be one of the hotel's.

/// Words by language code.
pub type ByLanguage = &'static [(&'static str, &'static [&'static str])];

/// A whole message that means: no more messages. `STOP`, `STOPALL` and `UNSUBSCRIBE` are what operators of text
/// messages made everyone learn. Their `CANCEL`, `END` and `QUIT` are left out: a guest cancels a taxi, not the hotel.
#[rustfmt::skip]
pub const OPT_OUT: ByLanguage = &[
    (
        "en",
        &[
            "stop", "stop all", "stopall", "unsubscribe", "unsubscribe me", "opt out", "optout", "stop messages",
            "stop messaging me", "stop messaging", "stop texting me", "stop writing to me", "stop writing me",
            "stop sending me messages", "stop sending messages", "do not message me", "don't message me",
            "dont message me", "do not write to me", "don't write to me", "dont write to me", "don't text me",
            "dont text me", "no more messages", "remove me", "remove me from the list", "remove me from your list",
        ],
    ),
    (
        "ru",
        &[
            "стоп", "отписаться", "отписка", "отпишите", "отпишите меня", "отпиши меня",
            "отпишите меня от рассылки", "отменить подписку", "отмена подписки", "отказаться от рассылки",
            "отключите рассылку", "отключить рассылку", "прекратите рассылку", "уберите меня из рассылки",
            "удалите меня из рассылки", "не пишите мне", "не пишите мне больше", "не пишите больше",
            "больше не пишите", "больше мне не пишите", "больше не пишите мне", "не присылайте мне сообщения",
            "не присылайте сообщения", "не присылайте больше сообщений", "хватит писать", "хватит мне писать",
            "перестаньте писать", "перестаньте мне писать",
        ],
    ),
    (
        "de",
        &[
            "stopp", "abmelden", "abbestellen", "melden Sie mich ab", "bitte abmelden", "keine Nachrichten mehr",
            "keine weiteren Nachrichten", "schreiben Sie mir nicht mehr", "bitte nicht mehr schreiben",
            "nicht mehr schreiben", "hören Sie auf zu schreiben", "Abmeldung",
        ],
    ),
    (
        "fr",
        &[
            "arrêt", "arrêter", "arrêtez", "désabonner", "se désabonner", "désabonnez-moi", "me désabonner",
            "désinscription", "désinscrire", "désinscrivez-moi", "me désinscrire", "ne m'écrivez plus",
            "arrêtez de m'écrire", "plus de messages", "stop sms",
        ],
    ),
    (
        "es",
        &[
            "parar", "baja", "darme de baja", "dar de baja", "quiero darme de baja", "cancelar suscripción",
            "cancelar la suscripción", "desuscribir", "desuscribirme", "no me escriban más", "no me escriba más",
            "no más mensajes", "dejen de escribirme", "deje de escribirme", "deténganse", "detener",
        ],
    ),
    (
        "it",
        &[
            "ferma", "fermati", "disiscrivimi", "disiscriviti", "disiscrivermi", "cancellami",
            "cancella iscrizione", "annulla iscrizione", "non scrivetemi più", "non scrivermi più",
            "basta messaggi", "smettete di scrivermi",
        ],
    ),
    (
        "pt",
        &[
            "parar", "pare", "sair da lista", "cancelar inscrição", "cancelar subscrição", "descadastrar",
            "descadastre-me", "remover da lista", "não me escrevam mais", "não me escreva mais",
            "não quero mais mensagens", "chega de mensagens", "parem de escrever",
        ],
    ),
    (
        "tr",
        &[
            "dur", "durdur", "durdurun", "iptal et", "abonelikten çık", "abonelikten çıkmak istiyorum",
            "listeden çıkar", "mesaj göndermeyin", "bana mesaj göndermeyin", "bana yazmayın", "artık yazmayın",
            "mesaj istemiyorum",
        ],
    ),
    (
        "zh",
        &[
            "停止", "停", "退订", "退訂", "取消订阅", "取消訂閱", "不要再发", "不要再发了", "不要再发消息", "不要再给我发消息", "别再发了", "别再给我发消息",
            "请不要再发消息", "請勿再發", "不要再發了",
        ],
    ),
    (
        "ar",
        &[
            "توقف", "أوقف", "قف", "إيقاف", "ايقاف الرسائل", "إلغاء الاشتراك", "الغاء الاشتراك", "ألغ الاشتراك",
            "لا ترسلوا لي", "لا ترسلوا لي رسائل", "لا تراسلوني", "توقفوا عن الإرسال",
        ],
    ),
    (
        "uk",
        &[
            "стоп", "відписатися", "відписка", "відпишіть", "відпишіть мене", "скасувати підписку",
            "вимкніть розсилку", "не пишіть мені", "не пишіть мені більше", "більше не пишіть",
            "більше не пишіть мені", "не надсилайте повідомлення", "досить писати",
        ],
    ),
    (
        "kk",
        &[
            "тоқта", "тоқтаңыз", "тоқтату", "тоқтатыңыз", "жазылымнан шығу", "жазылымнан бас тарту",
            "маған жазбаңыз", "енді жазбаңыз", "хабарлама жібермеңіз",
        ],
    ),
    (
        "th",
        &[
            "หยุด", "หยุดส่ง", "หยุดส่งข้อความ", "ยกเลิกการรับข้อความ", "เลิกรับข้อความ", "ยกเลิกการสมัคร",
            "ไม่ต้องส่งอีก", "ไม่ต้องส่งข้อความ", "อย่าส่งข้อความ",
        ],
    ),
    (
        "ja",
        &["停止", "ストップ", "配信停止", "配信を停止", "配信停止してください", "解除", "購読解除", "もう送らないで", "もう送らないでください", "送らないでください"],
    ),
    (
        "ko",
        &["중지", "정지", "그만", "스톱", "수신거부", "수신 거부", "구독 취소", "그만 보내세요", "메시지 그만", "보내지 마세요", "메시지 보내지 마세요"],
    ),
    (
        "pl",
        &[
            "zatrzymaj", "wypisz", "wypisz mnie", "proszę mnie wypisać", "rezygnuję z wiadomości",
            "anuluj subskrypcję", "nie piszcie", "nie piszcie do mnie", "nie pisz do mnie", "proszę nie pisać",
            "koniec wiadomości",
        ],
    ),
    (
        "nl",
        &[
            "afmelden", "uitschrijven", "meld mij af", "schrijf mij uit", "geen berichten meer",
            "stop met berichten", "stuur geen berichten meer", "niet meer schrijven", "stop met schrijven",
        ],
    ),
];

/// A whole message that means: write to me again. Only heard from a guest who asked for silence before.
#[rustfmt::skip]
pub const OPT_IN: ByLanguage = &[
    (
        "en",
        &[
            "start", "unstop", "subscribe", "subscribe me", "opt in", "optin", "resume", "resume messages",
            "start messages", "write to me again", "you can write to me again",
        ],
    ),
    (
        "ru",
        &[
            "старт", "подписаться", "подпишите меня", "подписка", "возобновить", "возобновите",
            "возобновить рассылку", "снова пишите", "пишите снова", "можете писать", "можете снова писать",
            "включите рассылку",
        ],
    ),
    ("de", &["anmelden", "wieder anmelden", "abonnieren", "Sie dürfen wieder schreiben", "wieder schreiben"]),
    ("fr", &["démarrer", "commencer", "reprendre", "s'abonner", "m'abonner", "abonnez-moi", "réabonner"]),
    ("es", &["iniciar", "empezar", "comenzar", "reanudar", "suscribir", "suscribirme", "alta", "darme de alta"]),
    ("it", &["inizia", "avvia", "riprendi", "iscrivimi", "iscriviti", "iscrivermi"]),
    ("pt", &["iniciar", "começar", "retomar", "inscrever", "inscreva-me", "subscrever"]),
    ("tr", &["başla", "başlat", "abone ol", "devam et", "yeniden başlat"]),
    ("zh", &["开始", "開始", "订阅", "訂閱", "重新开始", "恢复", "恢復"]),
    ("ar", &["ابدأ", "ابدا", "بدء", "اشتراك", "اشترك", "استئناف"]),
    ("uk", &["старт", "підписатися", "підпишіть мене", "відновити", "відновіть", "пишіть знову"]),
    ("kk", &["бастау", "баста", "жазылу", "қайта бастау", "қайта жазыңыз"]),
    ("th", &["เริ่ม", "เริ่มต้น", "สมัคร", "สมัครรับข้อความ", "รับข้อความ"]),
    ("ja", &["開始", "スタート", "再開", "配信再開", "購読", "登録"]),
    ("ko", &["시작", "스타트", "재개", "구독", "다시 시작"]),
    ("pl", &["zacznij", "wznów", "subskrybuj", "zapisz mnie", "zapisz"]),
    ("nl", &["aanmelden", "begin", "hervat", "inschrijven", "meld mij aan"]),
];

/// Words of politeness that may stand before or after a word of opting out or in, or a bare noun for a person.
#[rustfmt::skip]
pub const POLITE: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank you", "hi", "hello", "пожалуйста", "пж", "спасибо", "здравствуйте",
    "bitte", "danke", "hallo", "s'il vous plaît", "svp", "merci", "bonjour", "por favor", "gracias", "hola",
    "per favore", "grazie", "obrigado", "obrigada", "olá", "lütfen", "teşekkürler", "请", "請", "谢谢", "من فضلك",
    "لو سمحت", "شكرا", "будь ласка", "дякую", "өтінемін", "рахмет", "ค่ะ", "ครับ", "お願いします", "ください", "부탁합니다",
    "proszę", "dziękuję", "alstublieft", "a.u.b.", "dank u",
];
