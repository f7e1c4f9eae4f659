//! How guests ask for a person, as data. A request is an asking word, then words that may stand between, then a word
//! for a person; or a phrase that says it alone. «The receptionist was nice» has no asking word, and is none.

/// One language's words. Written as people write them; compared after `normalise::words`.
pub struct Asking {
    /// What asks: `talk to`, `позовите`.
    pub verbs: &'static [&'static str],
    /// What may stand between, at most three of them.
    pub between: &'static [&'static str],
    /// A person: `manager`, `оператора`.
    pub persons: &'static [&'static str],
    /// A request all by itself, inside a message.
    pub phrases: &'static [&'static str],
    /// A request only as the whole message: `Оператор!`
    pub alone: &'static [&'static str],
    /// Just before the asking word, takes it back: `don't`, `не`.
    pub negations: &'static [&'static str],
}

/// Languages that put spaces between words.
#[rustfmt::skip]
pub const SPACED: &[Asking] = &[
    // en
    Asking {
        verbs: &[
            "talk to", "talk with", "speak to", "speak with", "chat with", "chat to", "connect me to",
            "connect me with", "put me through to", "transfer me to", "pass me to", "hand me over to", "get me",
            "give me", "call", "i want", "i need", "i would like", "i'd like", "can i get", "can i have",
            "could i get", "could i have", "let me have", "send me to", "contact", "ask",
        ],
        between: &[
            "a", "an", "the", "your", "my", "some", "any", "real", "live", "actual", "human", "hotel", "duty",
            "senior", "customer", "support", "service", "front", "to", "talk", "speak", "with", "please",
        ],
        persons: &[
            "human", "human being", "person", "operator", "agent", "manager", "someone real", "somebody real",
            "representative", "supervisor", "administrator",
        ],
        phrases: &[
            "real person", "live person", "actual person", "real human", "actual human", "live agent",
            "human agent", "human operator", "human being please", "talk to someone", "speak to someone",
            "speak with someone", "talk with someone", "talk to somebody", "speak to somebody",
            "speak with somebody", "talk to the reception", "talk to reception", "speak to reception",
            "speak to the reception", "speak with reception", "speak with the reception", "talk to the front desk",
            "speak to the front desk", "speak with the front desk", "talk to a receptionist",
            "talk to the receptionist", "speak to a receptionist", "speak to the receptionist",
            "speak with the receptionist", "call me back", "please call me", "have someone call me",
            "can someone call me", "could someone call me", "is there a manager", "is there a human",
            "is anyone there", "someone from the staff", "a member of staff", "a staff member",
        ],
        alone: &[
            "human", "a human", "operator", "manager", "the manager", "agent", "representative", "reception",
            "receptionist", "administrator", "front desk", "call me",
        ],
        negations: &[
            "dont", "didnt", "don't", "didn't", "do not", "did not", "no need", "are you", "are you a",
            "are you an", "never", "without", "won't", "will not",
        ],
    },
    // ru
    Asking {
        verbs: &[
            "позовите", "позови", "позвать", "пригласите", "пригласить", "соедините с", "соедини с",
            "соедините меня с", "соедини меня с", "соединить с", "переключите на", "переключи на",
            "переключите меня на", "переведите на", "переведите меня на", "свяжите с", "свяжите меня с", "свяжи с",
            "связаться с", "поговорить с", "говорить с", "пообщаться с", "общаться с", "нужен", "нужна", "нужно",
            "мне нужен", "хочу", "дайте", "дай", "подключите", "подключи", "вызовите", "есть", "можно",
        ],
        between: &[
            "мне", "меня", "нам", "пожалуйста", "живого", "живой", "живым", "живому", "реальный", "реального",
            "реальным", "настоящего", "настоящий", "настоящим", "вашего", "вашим", "ваш", "кого", "то", "старшего",
            "старшим", "дежурного", "дежурным", "сюда", "срочно", "поговорить", "с", "какого", "нибудь", "отеля",
        ],
        persons: &[
            "оператор", "оператора", "оператором", "оператору", "менеджер", "менеджера", "менеджером", "менеджеру",
            "администратор", "администратора", "администратором", "администратору", "человек", "человека",
            "человеком", "человеку", "сотрудник", "сотрудника", "сотрудником", "сотруднику", "управляющего",
            "управляющий", "управляющим", "директора", "директор", "директором", "ресепшн", "ресепшен", "ресепшном",
            "ресепшеном", "ресепшион", "портье", "консьержа", "консьержем", "персоналом", "людьми", "людей",
        ],
        phrases: &[
            "живого человека", "живым человеком", "с живым человеком", "живой оператор", "живого оператора",
            "перезвоните", "перезвоните мне", "позвоните мне", "пусть мне позвонят", "пусть мне перезвонят",
            "наберите меня", "не с ботом", "не хочу с ботом", "не с роботом", "кто нибудь живой", "есть кто живой",
        ],
        alone: &[
            "оператор", "оператора", "менеджер", "менеджера", "администратор", "администратора", "человек",
            "человека", "сотрудник", "ресепшн", "ресепшен", "управляющий", "управляющего", "директора",
        ],
        negations: &["не", "нет", "без", "не надо", "незачем", "ненадо"],
    },
    // uk
    Asking {
        verbs: &[
            "покличте", "поклич", "покликати", "запросіть", "з'єднайте з", "з'єднайте мене з", "переключіть на",
            "зв'яжіть з", "зв'язатися з", "поговорити з", "поговорити із", "говорити з", "потрібен", "потрібна",
            "хочу", "дайте", "викличте",
        ],
        between: &[
            "мені", "мене", "будь", "ласка", "живого", "живою", "реальною", "реального", "вашого", "поговорити",
            "з", "із",
        ],
        persons: &[
            "оператор", "оператора", "оператором", "менеджер", "менеджера", "менеджером", "адміністратор",
            "адміністратора", "адміністратором", "людина", "людину", "людиною", "працівника", "працівником",
            "рецепція", "рецепцією",
        ],
        phrases: &[
            "жива людина", "живу людину", "живою людиною", "передзвоніть", "зателефонуйте мені", "не з ботом",
        ],
        alone: &[
            "оператор", "оператора", "менеджер", "менеджера", "адміністратор", "адміністратора", "людина",
            "рецепція",
        ],
        negations: &["не", "ні", "без", "не треба"],
    },
    // kk
    Asking {
        verbs: &["шақырыңыз", "шақырыңызшы", "қосыңыз", "керек", "байланыстырыңыз"],
        between: &["маған", "өтінемін"],
        persons: &["оператор", "менеджер", "әкімші", "адам"],
        phrases: &[
            "операторды шақырыңыз", "менеджерді шақырыңыз", "әкімшіні шақырыңыз", "оператор керек",
            "менеджер керек", "әкімші керек", "адаммен сөйлесу", "адаммен сөйлескім келеді", "тірі адам",
            "оператормен сөйлесу", "менеджермен сөйлесу", "маған қоңырау шалыңыз", "операторға қосыңыз",
        ],
        alone: &["оператор", "менеджер", "әкімші"],
        negations: &["жоқ"],
    },
    // de
    Asking {
        verbs: &["mit", "sprechen mit", "reden mit", "verbinden Sie mich mit"],
        between: &[
            "einem", "einer", "dem", "der", "ihrem", "ihrer", "bitte", "echten", "richtigen", "realen",
            "zuständigen",
        ],
        persons: &[
            "Menschen sprechen", "Menschen reden", "Mitarbeiter sprechen", "Mitarbeiterin sprechen",
            "Manager sprechen", "Mitarbeiter verbinden", "Manager verbinden", "Person sprechen", "Person reden",
            "Personal sprechen", "Rezeption sprechen", "Rezeption verbinden", "jemandem sprechen", "jemandem reden",
            "jemanden sprechen", "Direktor sprechen", "Leitung sprechen",
        ],
        phrases: &[
            "echter Mensch", "echten Menschen", "richtiger Mensch", "richtigen Menschen", "echte Person",
            "echten Person", "rufen Sie mich an", "rufen Sie mich bitte an", "rufen Sie mich zurück",
            "rufen Sie mich bitte zurück", "bitte um Rückruf", "nicht mit einem Bot",
            "spreche ich mit einem Menschen",
        ],
        alone: &["Mitarbeiter", "Mensch", "Manager", "Rezeption", "Operator", "Rückruf", "einen Menschen"],
        negations: &["nicht", "ohne"],
    },
    // de
    Asking {
        verbs: &[
            "holen Sie", "rufen Sie", "ich möchte", "ich will", "ich brauche", "geben Sie mir", "ich hätte gern",
        ],
        between: &["einen", "eine", "ein", "den", "die", "bitte", "echten", "richtigen", "ihren", "mir"],
        persons: &["Manager", "Hotelmanager", "Menschen", "Mitarbeiter", "Ansprechpartner", "Operator", "Direktor"],
        phrases: &[],
        alone: &[],
        negations: &[],
    },
    // fr
    Asking {
        verbs: &[
            "parler à", "parler avec", "parler au", "discuter avec", "passez-moi", "appelez", "appelez-moi",
            "je veux", "je voudrais", "j'ai besoin d'", "mettez-moi en contact avec",
        ],
        between: &["un", "une", "le", "la", "l'", "votre", "vrai", "vraie", "de", "du", "s'il", "vous", "plaît"],
        persons: &[
            "humain", "personne réelle", "vraie personne", "personne", "quelqu'un", "opérateur", "conseiller",
            "agent", "responsable", "directeur", "directrice", "manager", "gérant", "réception", "réceptionniste",
        ],
        phrases: &[
            "vraie personne", "vrai humain", "un être humain", "rappelez-moi", "appelez-moi", "pas un robot",
            "pas un bot", "pas à un robot",
        ],
        alone: &["humain", "opérateur", "réception", "manager", "conseiller", "responsable", "un humain"],
        negations: &["ne", "pas", "sans", "jamais"],
    },
    // es
    Asking {
        verbs: &[
            "hablar con", "quiero hablar con", "comunicarme con", "comuníqueme con", "páseme con", "pásame con",
            "llame a", "llamen a", "llame al", "llamen al", "necesito a", "necesito", "quiero", "póngame con",
        ],
        between: &[
            "un", "una", "el", "la", "al", "a", "su", "algún", "alguna", "por", "favor", "verdadera", "verdadero",
        ],
        persons: &[
            "humano", "ser humano", "persona", "persona real", "alguien", "operador", "operadora", "agente",
            "gerente", "encargado", "encargada", "responsable", "director", "recepción", "recepcionista", "manager",
        ],
        phrases: &[
            "persona real", "persona de verdad", "humano de verdad", "llámeme", "llámenme", "llámame",
            "no un robot", "no con un robot", "no un bot", "no con un bot",
        ],
        alone: &["humano", "operador", "gerente", "recepción", "agente", "encargado", "un humano"],
        negations: &["no", "sin", "nunca"],
    },
    // it
    Asking {
        verbs: &[
            "parlare con", "parlare al", "voglio parlare con", "mi passi", "passatemi", "mi metta in contatto con",
            "chiamate", "chiami", "vorrei", "voglio", "ho bisogno di", "ho bisogno di parlare con",
        ],
        between: &[
            "un", "una", "uno", "il", "la", "lo", "il vostro", "vostro", "vera", "vero", "per", "favore", "parlare",
            "con",
        ],
        persons: &[
            "umano", "essere umano", "persona", "persona vera", "persona reale", "qualcuno", "operatore",
            "operatrice", "responsabile", "direttore", "direttrice", "manager", "reception", "receptionist",
        ],
        phrases: &[
            "persona vera", "vera persona", "persona reale", "richiamatemi", "mi richiami", "mi chiami",
            "chiamatemi", "non un robot", "non con un robot", "non un bot",
        ],
        alone: &["umano", "operatore", "reception", "responsabile", "direttore", "un umano"],
        negations: &["non", "senza"],
    },
    // pt
    Asking {
        verbs: &[
            "falar com", "quero falar com", "conversar com", "me passe para", "transfira-me para",
            "me transfira para", "chame", "chamem", "chame o", "chame a", "preciso de", "quero",
        ],
        between: &["um", "uma", "o", "a", "seu", "sua", "algum", "alguma", "de", "por", "favor"],
        persons: &[
            "humano", "ser humano", "pessoa", "pessoa real", "alguém", "atendente", "operador", "operadora",
            "gerente", "responsável", "recepção", "receção", "recepcionista", "diretor",
        ],
        phrases: &[
            "pessoa real", "pessoa de verdade", "atendente humano", "me ligue", "me liguem", "liguem para mim",
            "ligue-me", "não um robô", "não com um robô",
        ],
        alone: &["humano", "atendente", "gerente", "operador", "recepção", "receção", "um humano"],
        negations: &["não", "sem", "nunca"],
    },
    // tr
    Asking {
        verbs: &[],
        between: &[],
        persons: &[],
        phrases: &[
            "insanla görüşmek", "biriyle görüşmek", "biriyle konuşmak", "insanla konuşmak", "yetkiliyle görüşmek",
            "yetkiliyle konuşmak", "yetkili ile görüşmek", "yetkili biriyle", "müdürle görüşmek",
            "müdürle konuşmak", "müdür ile görüşmek", "gerçek bir insan", "gerçek bir kişi", "gerçek kişi",
            "gerçek insan", "canlı destek", "müşteri temsilcisi", "yetkili lazım", "müdür lazım", "yetkili çağırın",
            "operatöre bağlayın", "operatöre bağlanmak", "resepsiyonla görüşmek", "resepsiyonla konuşmak",
            "resepsiyona bağlayın", "müdürü çağırın", "beni arayın", "beni arar mısınız",
        ],
        alone: &["operatör", "müdür", "yetkili", "insan", "resepsiyon", "temsilci"],
        negations: &[],
    },
    // ar
    Asking {
        verbs: &[
            "أريد التحدث مع", "التحدث مع", "التحدث إلى", "أريد", "اتصل ب", "أحتاج", "اتكلم مع", "أتكلم مع",
            "صلني ب", "حولني إلى", "اريد ان اتحدث مع",
        ],
        between: &["أي", "ال", "من", "فضلك"],
        persons: &[
            "شخص", "شخص حقيقي", "إنسان", "انسان", "موظف", "الموظف", "المدير", "مدير", "مدير الفندق", "الاستقبال",
            "موظف الاستقبال", "مسؤول", "المسؤول", "أحد", "بشر",
        ],
        phrases: &["شخص حقيقي", "إنسان حقيقي", "اتصلوا بي", "اتصل بي", "موظف بشري", "خدمة العملاء"],
        alone: &["موظف", "مدير", "المدير", "إنسان", "الاستقبال"],
        negations: &["لا", "لم", "بدون"],
    },
    // pl
    Asking {
        verbs: &[
            "rozmawiać z", "porozmawiać z", "pogadać z", "połączyć z", "proszę połączyć z",
            "proszę mnie połączyć z", "połącz mnie z", "skontaktować się z", "proszę wezwać", "proszę zawołać",
            "potrzebuję", "chcę",
        ],
        between: &["jakimś", "kimś", "żywym", "prawdziwym", "prawdziwego", "waszym", "proszę"],
        persons: &[
            "człowiekiem", "człowieka", "osobą", "konsultantem", "konsultanta", "operatorem", "operatora",
            "menedżerem", "menedżera", "managerem", "managera", "kierownikiem", "kierownika", "recepcją",
            "recepcjonistą", "pracownikiem", "pracownika", "kimś",
        ],
        phrases: &[
            "żywy człowiek", "żywym człowiekiem", "prawdziwy człowiek", "prawdziwa osoba", "proszę o telefon",
            "proszę do mnie zadzwonić", "proszę oddzwonić", "nie z botem",
        ],
        alone: &["konsultant", "operator", "menedżer", "kierownik", "recepcja", "człowiek"],
        negations: &["nie", "bez"],
    },
    // nl
    Asking {
        verbs: &["met", "spreken met", "praten met", "verbind mij met", "verbind me met", "ik heb"],
        between: &["een", "de", "het", "echt", "echte", "uw", "jullie", "alstublieft", "even"],
        persons: &[
            "mens spreken", "mens praten", "persoon spreken", "persoon praten", "medewerker spreken",
            "medewerker praten", "iemand spreken", "iemand praten", "manager spreken", "manager praten",
            "receptie spreken", "medewerker nodig", "manager nodig",
        ],
        phrases: &[
            "echt persoon", "echte persoon", "echt mens", "bel mij terug", "bel me terug", "spreken met een mens",
            "praten met een mens", "spreken met een medewerker", "praten met een medewerker",
            "spreken met de manager", "praten met de manager", "spreken met iemand", "praten met iemand",
        ],
        alone: &["medewerker", "mens", "manager", "receptie", "operator"],
        negations: &["niet", "zonder"],
    },
];

/// Languages in which words run together or take endings: pieces found anywhere, and words that are a whole message.
pub struct Pieces {
    /// A request wherever it stands.
    pub inside: &'static [&'static str],
    /// A request only as the whole message.
    pub alone: &'static [&'static str],
    /// Directly before a piece, takes it back.
    pub negations: &'static [&'static str],
}

/// Languages that are read in pieces.
#[rustfmt::skip]
pub const UNSPACED: &[Pieces] = &[
    // zh
    Pieces {
        inside: &[
            "转人工", "轉人工", "人工客服", "人工服务", "人工服務", "真人客服", "要真人", "找真人", "和真人", "跟真人", "与真人", "叫经理", "找经理", "叫經理",
            "找經理", "见经理", "和经理说", "跟经理说", "和经理谈", "跟经理谈", "跟經理說", "叫前台", "联系经理", "聯繫經理", "找客服", "给我打电话", "打电话给我",
            "給我打電話", "回电", "找个人来", "跟人说话", "和人说话",
        ],
        alone: &["人工", "经理", "經理", "客服", "真人", "前台"],
        negations: &["不", "不用", "不要", "别", "不想", "不需要", "没"],
    },
    // ja
    Pieces {
        inside: &[
            "人と話", "人間と話", "担当者と話", "担当者をお願い", "担当者に代わ", "担当者を呼", "スタッフと話", "スタッフを呼", "スタッフをお願い", "オペレーターと話",
            "オペレーターに", "オペレーターをお願い", "マネージャーを呼", "マネージャーと話", "支配人を呼", "支配人と話", "フロントと話", "フロントにつない", "電話をください",
            "電話してください", "折り返し電話", "折り返しお電話",
        ],
        alone: &["オペレーター", "担当者", "スタッフ", "フロント", "マネージャー", "支配人"],
        negations: &[],
    },
    // ko
    Pieces {
        inside: &[
            "사람과 통화", "사람이랑 통화", "상담원 연결", "직원 연결", "직원과 통화", "직원과 이야기", "직원이랑 이야기", "매니저 불러", "매니저를 불러", "매니저와 통화",
            "매니저와 이야기", "전화 주세요", "전화해 주세요", "사람과 이야기", "사람이랑 이야기", "상담원과 이야기", "직원 불러", "직원을 불러", "사람과 대화",
            "진짜 사람",
        ],
        alone: &["상담원", "매니저", "직원", "사람"],
        negations: &[],
    },
    // th
    Pieces {
        inside: &[
            "คุยกับคน", "คุยกับเจ้าหน้าที่", "คุยกับพนักงาน", "คุยกับผู้จัดการ", "ติดต่อเจ้าหน้าที่",
            "ติดต่อพนักงาน", "ขอคุยกับ", "เรียกผู้จัดการ", "ขอพบผู้จัดการ", "ตามผู้จัดการ", "โทรหาฉัน", "โทรกลับ",
            "ต้องการพนักงาน", "พูดกับเจ้าหน้าที่", "พูดกับคน",
        ],
        alone: &["เจ้าหน้าที่", "พนักงาน", "ผู้จัดการ", "โอเปอเรเตอร์"],
        negations: &["ไม่ต้อง", "ไม่", "อย่า"],
    },
];
