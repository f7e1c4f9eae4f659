//! Words by which short messages give their language away, as data: little words, greetings, and what guests ask about.
//! Words that travel (`ok`, `hotel`, `taxi`, `wifi`, `spa`, `bar`, `menu`, `check in`) are in no list. A word that
//! several languages share is in each of their lists, and counts for each.

use super::words::ByLanguage;

/// Words by language.
#[rustfmt::skip]
pub const WORDS: ByLanguage = &[
    (
        "en",
        &[
            "the", "is", "are", "what", "when", "where", "how", "which", "who", "why", "can", "could", "would",
            "do", "does", "did", "have", "has", "i", "you", "your", "my", "we", "our", "it", "its", "this", "that",
            "there", "of", "and", "for", "with", "from", "not", "please", "thanks", "thank", "hello", "hi", "hey",
            "good", "morning", "evening", "afternoon", "night", "breakfast", "lunch", "dinner", "room", "towel",
            "towels", "pool", "open", "time", "much", "many", "need", "want", "yes", "late", "early", "luggage",
            "key", "water", "dirty", "cold", "hot", "broken", "airport", "parking", "password", "great", "nice",
            "sorry", "help", "any", "was", "be", "been", "will", "get", "near", "tomorrow", "today", "bye",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "ein", "eine", "einen", "ist", "sind", "und", "wann", "wo", "wie", "was", "welche",
            "kann", "können", "konnen", "gibt", "es", "ich", "wir", "sie", "mein", "unser", "unsere", "haben",
            "habe", "hat", "mit", "für", "von", "vom", "zum", "zur", "nicht", "kein", "keine", "bitte", "danke",
            "hallo", "guten", "gute", "tag", "morgen", "abend", "frühstück", "zimmer", "handtuch", "handtücher",
            "schwimmbad", "wasser", "schlüssel", "wird", "ja", "nein", "auf", "im", "am", "uhr", "möchte",
            "möchten", "spät", "heute", "flughafen", "parkplatz", "parken", "schmutzig", "kalt", "kaputt", "vielen",
            "dank", "passwort", "noch", "auch", "tschüss", "servus", "moin",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "un", "une", "des", "du", "est", "sont", "et", "quand", "où", "comment", "quelle",
            "quel", "quelles", "combien", "peut", "peux", "pouvez", "puis", "je", "nous", "vous", "mon", "ma",
            "notre", "votre", "avec", "pour", "dans", "pas", "ne", "s'il", "plaît", "merci", "bonjour", "bonsoir",
            "salut", "matin", "soir", "petit", "déjeuner", "dîner", "chambre", "serviette", "serviettes", "piscine",
            "eau", "clé", "oui", "non", "heure", "heures", "à", "au", "aux", "y", "a-t-il", "c'est", "ouvert",
            "tard", "demain", "aujourd'hui", "aéroport", "froid", "sale", "beaucoup", "très", "j'ai", "avez", "ça",
            "mot", "passe", "qui", "que",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "un", "una", "es", "está", "y", "cuándo", "cuando", "dónde", "donde", "cómo",
            "como", "qué", "que", "cuánto", "cuanto", "puede", "puedo", "pueden", "hay", "yo", "mi", "nuestra",
            "nuestro", "su", "tiene", "tienen", "tengo", "con", "para", "por", "favor", "no", "gracias", "hola",
            "buenos", "buenas", "días", "tardes", "noches", "desayuno", "cena", "habitación", "toalla", "toallas",
            "piscina", "agua", "llave", "sí", "hora", "horas", "del", "al", "en", "de", "abierto", "abierta",
            "mañana", "hoy", "aeropuerto", "frío", "sucio", "sucia", "muchas", "muy", "necesito", "quiero",
            "quisiera", "estacionamiento", "aparcamiento", "contraseña", "adiós",
        ],
    ),
    (
        "it",
        &[
            "il", "lo", "la", "gli", "le", "un", "una", "è", "sono", "e", "quando", "dove", "come", "che", "quale",
            "quanto", "quanta", "può", "posso", "possiamo", "c'è", "ci", "io", "noi", "mio", "mia", "nostra",
            "nostro", "avete", "ho", "con", "per", "di", "della", "del", "nella", "nel", "non", "favore", "grazie",
            "ciao", "buongiorno", "buonasera", "salve", "colazione", "cena", "pranzo", "camera", "stanza",
            "asciugamano", "asciugamani", "piscina", "acqua", "chiave", "sì", "ora", "ore", "a", "alle", "aperta",
            "aperto", "domani", "oggi", "aeroporto", "freddo", "sporca", "sporco", "molto", "vorrei", "bisogno",
            "parcheggio", "prego", "arrivederci",
        ],
    ),
    (
        "pt",
        &[
            "o", "a", "os", "as", "um", "uma", "é", "são", "e", "quando", "onde", "como", "que", "qual", "quanto",
            "pode", "posso", "podem", "há", "tem", "eu", "nós", "meu", "minha", "nosso", "nossa", "com", "para",
            "por", "favor", "não", "obrigado", "obrigada", "olá", "oi", "bom", "boa", "dia", "tarde", "noite",
            "café", "manhã", "pequeno", "almoço", "jantar", "quarto", "toalha", "toalhas", "piscina", "água",
            "chave", "sim", "hora", "horas", "do", "da", "no", "na", "em", "de", "aberta", "aberto", "amanhã",
            "hoje", "aeroporto", "frio", "sujo", "suja", "muito", "preciso", "quero", "gostaria", "estacionamento",
            "senha", "tchau",
        ],
    ),
    (
        "tr",
        &[
            "bir", "ve", "ne", "zaman", "nerede", "nasıl", "kaç", "saat", "saatte", "kaçta", "var", "mı", "mi",
            "mu", "mü", "yok", "ben", "biz", "benim", "bizim", "siz", "için", "ile", "değil", "lütfen",
            "teşekkürler", "teşekkür", "ederim", "sağol", "merhaba", "selam", "günaydın", "iyi", "akşamlar",
            "günler", "geceler", "kahvaltı", "yemeği", "oda", "odamız", "odam", "odada", "havlu", "havuz", "su",
            "anahtar", "evet", "hayır", "açık", "yarın", "bugün", "havaalanı", "soğuk", "kirli", "çok", "istiyorum",
            "istiyoruz", "lazım", "otopark", "şifre", "şifresi", "geç", "erken", "misiniz", "mısınız", "olur", "bu",
            "acaba",
        ],
    ),
    (
        "pl",
        &[
            "jest", "są", "i", "w", "na", "kiedy", "gdzie", "jak", "jaki", "jakie", "jaka", "ile", "czy", "mogę",
            "możemy", "można", "ja", "my", "mój", "nasz", "nasze", "mamy", "mam", "z", "dla", "nie", "proszę",
            "dziękuję", "dzięki", "cześć", "dzień", "dobry", "wieczór", "śniadanie", "obiad", "kolacja", "pokój",
            "pokoju", "ręcznik", "ręczniki", "basen", "woda", "klucz", "tak", "godzina", "godzinie", "o", "której",
            "do", "od", "otwarty", "jutro", "dzisiaj", "lotnisko", "zimno", "brudno", "bardzo", "chcę",
            "potrzebuję", "hasło", "się", "co",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "is", "zijn", "en", "wanneer", "waar", "hoe", "wat", "welke", "kan", "kunnen",
            "kunt", "er", "ik", "wij", "we", "u", "mijn", "onze", "ons", "heeft", "heb", "hebben", "met", "voor",
            "van", "niet", "geen", "alstublieft", "alsjeblieft", "dank", "bedankt", "dankjewel", "hallo", "hoi",
            "goedemorgen", "goedenavond", "goedemiddag", "goeden", "ontbijt", "diner", "kamer", "handdoek",
            "handdoeken", "zwembad", "water", "sleutel", "ja", "nee", "hoe", "laat", "uur", "op", "in", "te",
            "morgen", "vandaag", "luchthaven", "vliegveld", "koud", "vies", "heel", "graag", "wil", "nodig",
            "parkeren", "wachtwoord", "dag",
        ],
    ),
    (
        "cs",
        &[
            "je", "jsou", "kdy", "kde", "jak", "máte", "prosím", "děkuji", "díky", "dobrý", "den", "ahoj",
            "snídaně", "pokoj", "ručník", "bazén", "kolik", "můžu", "mohu", "není", "ano",
        ],
    ),
    (
        "ro",
        &[
            "este", "sunt", "și", "când", "unde", "cum", "mulțumesc", "vă", "rog", "bună", "ziua", "salut",
            "cameră", "camera", "micul", "dejun", "prosop", "nu", "da", "aveți", "cât",
        ],
    ),
    (
        "id",
        &[
            "apa", "ada", "di", "kapan", "mana", "berapa", "saya", "kami", "bisa", "tidak", "dan", "terima",
            "kasih", "selamat", "pagi", "malam", "siang", "sarapan", "kamar", "handuk", "jam", "tolong", "untuk",
            "yang",
        ],
    ),
    (
        "vi",
        &[
            "là", "có", "không", "khi", "nào", "ở", "đâu", "bao", "nhiêu", "tôi", "chúng", "xin", "chào", "cảm",
            "ơn", "bữa", "sáng", "phòng", "khăn", "giờ", "mấy",
        ],
    ),
    (
        "sv",
        &[
            "är", "och", "när", "var", "hur", "vad", "kan", "finns", "det", "jag", "vi", "har", "med", "inte",
            "tack", "hej", "god", "frukost", "rummet", "handduk", "ja", "nej", "på", "till", "frukosten",
        ],
    ),
    (
        "ru",
        &[
            "и", "в", "во", "на", "с", "у", "не", "что", "как", "когда", "где", "есть", "ли", "можно", "мне", "нам",
            "нас", "меня", "мы", "я", "вы", "вас", "это", "до", "по", "за", "сколько", "какой", "какая", "какие",
            "работает", "спасибо", "пожалуйста", "здравствуйте", "привет", "добрый", "доброе", "день", "утро",
            "вечер", "завтрак", "завтрака", "ужин", "номер", "номере", "полотенце", "полотенца", "бассейн", "вода",
            "ключ", "да", "нет", "очень", "во", "сколько", "завтра", "сегодня", "аэропорт", "холодно", "грязно",
            "пароль", "парковка", "хочу", "нужно", "ещё", "уже", "хорошо", "понял", "поняла", "если", "только",
        ],
    ),
    (
        "uk",
        &[
            "і", "й", "та", "що", "як", "коли", "де", "є", "чи", "можна", "мені", "нам", "мене", "ми", "ви", "вас",
            "це", "до", "за", "скільки", "який", "яка", "які", "працює", "дякую", "ласка", "вітаю", "привіт",
            "добрий", "доброго", "дня", "день", "ранок", "вечір", "сніданок", "вечеря", "рушник", "рушники",
            "басейн", "вода", "так", "ні", "дуже", "завтра", "сьогодні", "аеропорт", "холодно", "брудно", "хочу",
            "потрібно", "треба", "ще", "вже", "у", "в", "на", "не", "номер", "номері", "о", "котрій",
        ],
    ),
    (
        "kk",
        &[
            "сәлем", "сәлеметсіз", "рахмет", "қайда", "қашан", "қанша", "бар", "ма", "ме", "ба", "бе", "жоқ", "иә",
            "және", "мен", "біз", "сіз", "маған", "бізге", "керек", "болады", "таңғы", "ас", "бөлме", "бөлмеде",
            "сүлгі", "су", "кілт", "бүгін", "ертең", "суық", "лас", "өте", "жақсы", "өтінемін", "нешеде", "сағат",
        ],
    ),
    (
        "bg",
        &[
            "е", "са", "кога", "къде", "как", "какво", "колко", "има", "ли", "мога", "моля", "благодаря",
            "здравейте", "добър", "ден", "закуска", "закуската", "стая", "стаята", "кърпи", "басейн", "да", "не",
            "съм", "сме",
        ],
    ),
];

/// Thanks, greetings and yes that tourists say in the language of the house: no ground to change the language of a
/// conversation that is held in another.
#[rustfmt::skip]
pub const COURTESY: &[&str] = &[
    "hi", "hello", "hey", "thanks", "thank", "you", "yes", "no", "good", "morning", "evening", "night", "great",
    "please", "sorry", "bye", "спасибо", "привет", "здравствуйте", "пожалуйста", "да", "нет", "добрый", "день",
    "доброе", "утро", "вечер", "хорошо", "danke", "hallo", "bitte", "ja", "guten", "tag", "merci", "bonjour",
    "bonsoir", "salut", "oui", "gracias", "hola", "buenos", "días", "sí", "grazie", "ciao", "buongiorno", "prego",
    "obrigado", "obrigada", "olá", "bom", "dia", "teşekkürler", "merhaba", "selam", "dziękuję", "cześć", "dzień",
    "dobry", "hoi", "bedankt", "рахмет", "сәлем", "дякую", "привіт", "谢谢", "你好", "您好", "شكرا", "مرحبا", "السلام",
    "عليكم", "ありがとう", "こんにちは", "감사합니다", "안녕하세요", "ขอบคุณ", "สวัสดี", "ok", "okay", "ок", "super", "супер", "bravo",
    "top",
];
