//! The words around an answer, as data: numbers, yes and no, "but", and what people say beside a number without meaning
//! anything else. Written as people write them; `|` separates, and case, accents and punctuation do not matter.

/// Numbers as words, by value: 0, 1, 2 … 10. A word that means something else in a hotel's chat («on» in English is ten
/// in Turkish) is left out.
#[rustfmt::skip]
pub const NUMBERS: [&str; 11] = [
    "zero|ноль|нуль|cero|zéro|sıfır|零|صفر|нөл|ศูนย์",
    "one|один|одна|одно|единица|единицу|uno|una|eins|un|une|um|uma|bir|一|壹|واحد|واحدة|бір|หนึ่ง|jeden|een|一つ|하나",
    "two|два|две|двойка|двойку|dos|zwei|zwo|deux|due|dois|duas|iki|二|两|兩|貳|اثنان|اثنين|اثنتان|екі|สอง|dwa|twee|二つ|둘",
    "three|три|тройка|тройку|троечка|tres|drei|trois|tre|três|üç|三|叁|ثلاثة|ثلاث|үш|สาม|trzy|drie|三つ|셋",
    "four|четыре|четверка|четверку|четвёрочка|cuatro|vier|quatre|quattro|quatro|dört|四|肆|أربعة|أربع|төрт|สี่|cztery|四つ|넷",
    "five|пять|пяти|пятерка|пятерку|пятёрочка|cinco|fünf|fuenf|cinq|cinque|beş|五|伍|خمسة|خمس|бес|ห้า|pięć|vijf|五つ|다섯",
    "six|шесть|шестерка|seis|sechs|sei|altı|六|陸|ستة|ست|алты|หก|sześć|zes|여섯",
    "seven|семь|семи|семерка|siete|sieben|sept|sette|sete|yedi|七|سبعة|سبع|жеті|เจ็ด|siedem|zeven|일곱",
    "eight|восемь|восьмерка|ocho|acht|huit|otto|oito|sekiz|八|ثمانية|ثماني|ثمان|сегіз|แปด|osiem|여덟",
    "nine|девять|девятка|nueve|neun|neuf|nove|dokuz|九|تسعة|تسع|тоғыз|เก้า|dziewięć|negen|아홉",
    "ten|десять|десяти|десятка|десятку|diez|zehn|dix|dieci|dez|十|拾|عشرة|عشر|สิบ|dziesięć|tien|열",
];

/// Places in a list as words: first, second … fifth.
#[rustfmt::skip]
pub const ORDINALS: [&str; 5] = [
    "first|первый|первая|первое|первую|primero|primera|primer|erste|ersten|erstes|premier|première|primo|primeiro|\
     primeira|birinci|ilk|第一|الأول|الاولى|الأولى|бірінші|перший|перша|pierwszy|pierwsza|eerste",
    "second|второй|вторая|второе|вторую|segundo|segunda|zweite|zweiten|zweites|deuxième|seconde|secondo|seconda|ikinci|\
     第二|الثاني|الثانية|екінші|другий|друга|drugi|druga|tweede",
    "third|третий|третья|третье|третью|tercero|tercera|tercer|dritte|dritten|drittes|troisième|terzo|terza|terceiro|\
     terceira|üçüncü|第三|الثالث|الثالثة|үшінші|третій|третя|trzeci|trzecia|derde",
    "fourth|четвертый|четвертая|четвертое|четвертую|cuarto|cuarta|vierte|vierten|viertes|quatrième|quarta|\
     dördüncü|第四|الرابع|الرابعة|төртінші|четвертий|четверта|czwarty|czwarta|vierde",
    "fifth|пятый|пятая|пятое|пятую|quinto|quinta|fünfte|fünften|fünftes|cinquième|beşinci|第五|الخامس|الخامسة|бесінші|\
     п'ятий|п'ята|piąty|piąta|vijfde",
];

/// What hangs on the digits of a place: `1st`, `2-й`, `3er`.
pub const ORDINAL_ENDINGS: &str =
    "st|nd|rd|th|er|re|ere|eme|й|я|е|ый|ой|ая|ое|ую|ка|ку|inci|nci|ncı|üncü|ші|шы|de|ste|번|番|번째|番目";

/// Words that may stand anywhere around a number without changing what it is.
#[rustfmt::skip]
pub const FREE: &str = "a|an|the|ok|okay|ок|окей|well|um|hmm|so|just|maybe|probably|perhaps|definitely|certainly|solid|strong|\
    ну|хм|так|наверное|наверно|пожалуй|думаю|твердая|твердое|твердую|вообще|конечно|точно|однозначно|\
    ein|eine|also|vielleicht|wohl|sicher|pues|bueno|quizás|eh|ben|alors|peut être|allora|forse|bem|talvez|acho|yani|belki|\
    嗯|呃|吧|那|就|了|啊|呢|ربما|طيب|шамасы|мабуть|i think|i say|i d say|i would say|id say|ich denke|ich sage|je pense|je dirais|creo|yo diría|direi|я думаю|\
    overall|all in all|in general|в целом|в общем|insgesamt|alles in allem|en general|en général|nel complesso|no geral|genel olarak|总体|بشكل عام";

/// Words that say that the number is an answer.
#[rustfmt::skip]
pub const MARKS: &str = "score|rating|rate|rated|mark|grade|give|gave|number|answer|answering|option|choice|choose|pick|variant|vote|#|№|\
    оценка|оценку|оценю|оцениваю|оценил|оценила|ставлю|ставим|поставлю|поставил|поставила|поставим|балл|вариант|ответ|отвечаю|\
    выбираю|выбор|пункт|цифра|голосую|даю|дам|\
    puntuación|nota|calificación|califico|valoración|doy|daría|pongo|opción|respuesta|elijo|voto|\
    bewertung|note|gebe|vergebe|würde geben|antwort|option|wähle|auswahl|\
    mets|mettrais|donne|donnerais|réponse|choix|choisis|\
    punteggio|valutazione|do|darei|opzione|risposta|scelgo|scelta|\
    pontuação|dou|daria|opção|resposta|escolho|\
    puan|puanım|veriyorum|veririm|verirdim|seçenek|cevap|cevabım|seçiyorum|\
    打|给|給|评|評|选|選|选择|择|项|項|答|答案|案|评分|\
    أعطي|اعطيكم|أعطيكم|تقييم|التقييم|تقييمي|درجة|الخيار|خيار|أختار|الإجابة|إجابتي|اقيم|أقيم|\
    ให้|คะแนน|ข้อ|เลือก|баға|бағам|беремін|қоямын|нұсқа|жауап|таңдаймын|оцінка|оцінюю|варіант|відповідь|обираю";

/// Words that are harmless beside one of [`MARKS`] or [`UNITS`] and mean something else without it.
#[rustfmt::skip]
pub const NEED_MARK: &str = "i|d|ll|would|will|my|our|is|it|its|s|this|that|your|you|to|for|stay|overall|hotel|service|we|\
    я|мы|бы|вам|вас|моя|мой|мою|наш|наша|нашу|это|этому|отелю|отель|отеля|за|на|в|целом|\
    yo|le|les|mi|es|un|una|la|por|se|ich|wir|mein|meine|ist|ihnen|für|je|nous|j|ma|mon|est|vous|lui|ai|\
    io|mio|la|è|vi|gli|eu|minha|é|lhe|ben|benim|biz|size|bu|otele|\
    我|们|們|的|是|个|個|为|為|你|您|酒|店|أنا|نحن|لكم|لك|هو|هي|في|мен|сізге|менің|ผม|ฉัน|คือ|це|мій|вам";

/// What is counted when it is no thing.
#[rustfmt::skip]
pub const UNITS: &str = "star|stars|point|points|pts|звезда|звезды|звезд|звезду|звездочка|звездочки|звездочек|балл|балла|баллов|\
    бал|бала|очко|очка|очков|estrella|estrellas|punto|puntos|stern|sterne|sternen|punkt|punkte|punkten|étoile|étoiles|point|\
    stella|stelle|punti|estrela|estrelas|ponto|pontos|yıldız|puan|分|星|颗|顆|级|級|點|نجوم|نجمة|نجمات|نقاط|نقطة|درجات|درجة|\
    ดาว|คะแนน|жұлдыз|балл|зірка|зірки|зірок|бал|бали|балів|gwiazdka|gwiazdki|gwiazdek|ster|sterren|\
    вариант|варіант|option|seçenek|نجوم|つ星|점";

/// "4 … 5": four of five.
pub const OUT_OF: &str = "out of|of|из|из возможных|de|sobre|von|aus|sur|su|من|من أصل|із|з|van|z|na|จาก";

/// "5 … 4": of five, four.
pub const OUT_OF_TURNED: &str = "üzerinden|ден|тен|дан|тан|分里|满分";

/// After these a person must look, whatever follows.
#[rustfmt::skip]
pub const BUT: &str = "but|however|although|though|except|unfortunately|but unfortunately|\
    но|однако|хотя|кроме|жаль|к сожалению|\
    pero|aunque|sin embargo|excepto|salvo|lamentablemente|desafortunadamente|\
    aber|jedoch|allerdings|außer|leider|obwohl|\
    mais|cependant|sauf|pourtant|malheureusement|\
    ma|però|tuttavia|tranne|purtroppo|anche se|\
    mas|porém|contudo|exceto|infelizmente|\
    ama|fakat|ancak|lakin|yalnız|maalesef|\
    但|但是|不过|不過|可是|只是|可惜|然而|لكن|ولكن|بس|إلا|للأسف|غير أن|แต่|бірақ|але|проте|однак|на жаль|ale|maar|でも|しかし|ただ|하지만|그런데|근데";

/// They begin something more that must be read, without saying that it is bad.
#[rustfmt::skip]
pub const MORE: &str = "and|because|cause|cuz|since|also|plus|только|правда|потому|так как|поскольку|и|а|ведь|ещё|также|\
    porque|y|ya que|además|weil|und|denn|nur|da|parce|car|et|aussi|perché|e|porque|também|çünkü|ve|因为|因為|而且|还有|还|لأن|و|لان|كما|\
    тому|бо|та|і|өйткені|และ|เพราะ";

/// After "and", these make it another number.
pub const FRACTIONS: &str =
    "half|a half|половиной|пол|media|medio|halb|halbe|demi|demie|mezzo|mezza|meia|meio|buçuk|半|نصف|ونصف|жарым";

/// A whole message, or its beginning, that says yes.
#[rustfmt::skip]
pub const YES: &str = "yes|y|that would be great|that would be nice|that d be great|yeah|yep|yup|yea|yess|yes sir|sure|of course|certainly|absolutely|definitely|ok|okay|k|indeed|right|correct|\
    why not|yes i do|yes it is|yes i am|yes we do|yes i would|i do|i would|sounds good|alright|all right|with pleasure|gladly|\
    да|хотелось бы|было бы здорово|было бы хорошо|ага|угу|так точно|конечно|да конечно|разумеется|верно|ок|окей|хорошо|ладно|давайте|давай|с удовольствием|хочу|хотим|\
    буду|будем|нужно|надо|нужен|нужна|да нужно|да надо|да хочу|естественно|безусловно|дп|+|\
    sí|si|sip|claro|claro que sí|por supuesto|vale|de acuerdo|cómo no|desde luego|sí quiero|\
    ja|jawohl|jep|jo|klar|na klar|natürlich|gerne|gern|sicher|sehr gerne|ja gerne|in ordnung|einverstanden|selbstverständlich|\
    oui|ouais|bien sûr|d'accord|volontiers|avec plaisir|tout à fait|oui merci|certainement|absolument|\
    sì|certo|certamente|va bene|d'accordo|volentieri|con piacere|ovviamente|si grazie|assolutamente sì|\
    sim|claro que sim|com certeza|com prazer|está bem|tá bom|quero sim|\
    evet|olur|tamam|tabii|tabi|tabii ki|elbette|peki|evt|lütfen evet|memnuniyetle|\
    是|是的|对|对的|好|好的|可以|行|嗯|嗯嗯|要|需要|当然|没问题|對|對的|當然|沒問題|是啊|好啊|\
    نعم|أجل|اجل|ايوه|أيوه|ايوا|أكيد|بالتأكيد|طبعا|حسنا|تمام|موافق|بكل سرور|إي|\
    иә|ия|әрине|жарайды|мақұл|так|звісно|авжеж|добре|гаразд|ใช่|ใช่ค่ะ|ใช่ครับ|ได้|ตกลง|โอเค|แน่นอน|ค่ะใช่|ครับใช่|ต้องการ|\
    はい|ええ|うん|もちろん|네|예|응|좋아요|물론|물론이죠|그래요|tak|oczywiście|jasne|dobrze|zeker|graag|natuurlijk|prima";

/// A whole message, or its beginning, that says no.
#[rustfmt::skip]
pub const NO: &str = "no|n|of course not|certainly not|absolutely not|nope|nah|noo|not really|no need|no thanks|no thank you|not yet|not at all|never|no i don't|no it isn't|no it's not|\
    no i am not|no we don't|i don't|not now|no way|not necessary|no need thanks|negative|\
    нет|конечно нет|нет конечно|неа|не|нет спасибо|не надо|не нужно|нет не надо|нет не нужно|не хочу|не хотим|не буду|не требуется|пока нет|ещё нет|\
    нисколько|ни в коем случае|никак нет|не сейчас|спасибо не надо|спасибо не нужно|неет|\
    no gracias|claro que no|por supuesto que no|nada|para nada|no hace falta|todavía no|aún no|en absoluto|no quiero|\
    nein|natürlich nicht|nee|nö|nein danke|nicht nötig|noch nicht|auf keinen fall|gar nicht|keineswegs|nein nicht nötig|\
    non|bien sûr que non|nan|non merci|pas encore|pas du tout|pas besoin|pas vraiment|ce n'est pas nécessaire|pas nécessaire|\
    no grazie|certo che no|non ancora|per niente|affatto|non serve|non c'è bisogno|assolutamente no|\
    não|nao|não obrigado|não obrigada|ainda não|de modo algum|não precisa|de jeito nenhum|não é necessário|\
    hayır|yok|hayır teşekkürler|istemiyorum|gerek yok|henüz değil|asla|hayir|\
    不|不是|不用|不要|不用了|不需要|没有|没|不行|还没有|还没|沒有|否|不必|不用谢谢|不了|\
    لا|كلا|لا شكرا|ليس بعد|لا أريد|لا داعي|لا حاجة|أبدا|مش|لأ|\
    жоқ|жо|керек емес|қажет емес|ні|ні дякую|не треба|не потрібно|ще ні|ไม่|ไม่ใช่|ไม่ค่ะ|ไม่ครับ|ไม่ต้อง|ไม่ต้องการ|ยังไม่|\
    いいえ|いや|いらない|아니요|아니오|아뇨|아니|nie|nie dziękuję|nie trzeba|neen|nee bedankt|nog niet";

/// What may follow a yes or a no and leaves it what it is.
#[rustfmt::skip]
pub const AFTER_YES: &str = "please|sir|madam|of|course|definitely|sure|absolutely|i|do|we|would|like|it|that|is|am|ok|okay|very|much|love|to|d|\
    конечно|нужно|надо|хочу|хотим|буду|пожалуйста|давайте|разумеется|хорошо|ага|да|очень|был|бы|рад|рада|рады|все|верно|\
    claro|quiero|por|supuesto|bitte|gern|gerne|natürlich|sehr|bien|sûr|volontiers|certo|volentieri|claro|quero|com|certeza|\
    lütfen|tabii|olur|istiyorum|的|啊|要|需要|可以|أكيد|طبعا|من|فضلك|әрине|звісно|ค่ะ|ครับ";
/// The same after a no.
#[rustfmt::skip]
pub const AFTER_NO: &str = "thanks|thank|you|need|i|we|not|do|don|t|it|is|isn|am|sir|madam|necessary|at|all|\
    не|надо|нужно|хочу|хотим|буду|спасибо|требуется|пока|нет|gracias|hace|falta|danke|nicht|nötig|brauche|ich|merci|pas|besoin|\
    grazie|serve|obrigado|obrigada|precisa|teşekkürler|gerek|yok|istemiyorum|用|了|需|要|شكرا|داعي|حاجة|керек|емес|дякую|треба|ค่ะ|ครับ";

/// Words of which a remark that all is well consists: nobody need read it.
#[rustfmt::skip]
pub const FINE: &str = "everything|everythings|all|is|was|s|it|very|so|really|good|great|fine|well|ok|okay|perfect|excellent|super|\
    wonderful|amazing|awesome|nice|lovely|fantastic|brilliant|thanks|thank|you|we|i|are|am|happy|satisfied|much|loved|love|like|\
    liked|the|room|hotel|stay|enjoyed|cool|\
    все|всё|очень|хорошо|отлично|супер|прекрасно|замечательно|порядке|в|полном|нормально|норм|устраивает|нравится|понравилось|\
    номер|отель|спасибо|большое|вам|нам|мне|класс|классно|идеально|чудесно|великолепно|шикарно|и|было|ок|доволен|довольна|довольны|так|\
    todo|está|muy|bien|perfecto|genial|excelente|gracias|estupendo|bueno|fenomenal|\
    alles|gut|sehr|bestens|ordnung|in|danke|wir|sind|zufrieden|perfekt|toll|ist|wunderbar|prima|klasse|\
    tout|est|va|très|parfait|merci|c|impeccable|nickel|excellent|va|\
    tutto|e|è|molto|bene|perfetto|ottimo|grazie|a|posto|benissimo|\
    tudo|muito|bem|bom|ótimo|perfeito|obrigado|obrigada|\
    her|şey|çok|iyi|güzel|harika|mükemmel|teşekkürler|teşekkür|ederim|ederiz|yolunda|süper|\
    一|切|都|很|好|非|常|满|意|棒|完|美|谢|謝|挺|太|的|了|滿|啊|呢|\
    كل|شيء|شي|تمام|جيد|جيدة|ممتاز|ممتازة|رائع|رائعة|شكرا|جدا|بخير|الحمد|لله|على|ما|يرام|\
    бәрі|жақсы|өте|керемет|рахмет|добре|дуже|чудово|дякую|усе|ดี|ดีมาก|ดีมากค่ะ|ดีมากครับ|เยี่ยม|ขอบคุณ|ขอบคุณค่ะ|ขอบคุณครับ|ค่ะ|ครับ";

/// Words that judge, and by that stand by themselves after a number: "5 great". The bad ones must be read.
#[rustfmt::skip]
pub const BAD: &str = "bad|terrible|awful|horrible|poor|dirty|worst|disgusting|disappointing|noisy|cold|\
    плохо|ужасно|ужас|отвратительно|кошмар|грязно|шумно|холодно|хуже|разочарован|разочарована|\
    mal|malo|fatal|pésimo|horrible|schlecht|schrecklich|furchtbar|katastrophe|mauvais|affreux|nul|sale|\
    male|brutto|pessimo|terribile|orribile|mau|ruim|péssimo|kötü|berbat|rezalet|差|糟|脏|吵|سيء|سيئ|سيئة|فظيع|رديء|жаман|погано|жахливо|แย่|แย่มาก";

/// Words that turn what stands beside them into its opposite.
#[rustfmt::skip]
pub const NEGATIONS: &str = "not|no|never|isn|wasn|aren|don|doesn|didn|without|un|не|ни|нет|без|nicht|kein|keine|keinen|nie|ohne|pas|ne|non|sans|jamais|\
    nunca|sin|tampoco|senza|mai|não|nem|sem|değil|yok|hiç|不|没|沒|无|非|لا|ليس|ليست|غير|لم|بدون|مش|емес|жоқ|ні|ไม่";
/// Beginnings of words that do the same: «довольны» and «недовольны» are no slip of the finger.
pub const NEGATING_PREFIXES: &[&str] =
    &["не", "ни", "без", "бес", "un", "in", "im", "ir", "dis", "non", "a", "de", "des", "mis", "ne", "غير"];

/// Greetings and thanks of several words, or that `POLITE` does not hold.
#[rustfmt::skip]
pub const GREETINGS: &str = "good morning|good afternoon|good evening|good day|hi there|dear team|dear sir|hey|thanks a lot|thank you very much|\
    thank you so much|many thanks|thx|ty|cheers|best regards|\
    будьте добры|будьте любезны|добрый день|добрый вечер|доброе утро|доброго дня|привет|большое спасибо|спасибо большое|спасибо вам|благодарю|спс|с уважением|добрый|\
    buenos días|buenas tardes|buenas noches|buenas|muchas gracias|guten morgen|guten tag|guten abend|vielen dank|danke schön|\
    danke sehr|servus|grüß gott|moin|bonsoir|salut|merci beaucoup|s'il te plaît|stp|buongiorno|buonasera|salve|ciao|grazie mille|\
    bom dia|boa tarde|boa noite|muito obrigado|muito obrigada|merhaba|selam|günaydın|iyi günler|iyi akşamlar|çok teşekkürler|\
    teşekkür ederim|teşekkür ederiz|sağ olun|你好|您好|早上好|晚上好|谢谢你|谢谢您|非常感谢|多谢|السلام عليكم|مرحبا|صباح الخير|مساء الخير|أهلا|\
    شكرا جزيلا|شكرا لكم|شكرا لك|сәлеметсіз бе|сәлем|көп рахмет|добрий день|вітаю|дуже дякую|สวัสดี|สวัสดีค่ะ|สวัสดีครับ|ขอบคุณ|ขอบคุณค่ะ|\
    ขอบคุณครับ|นะคะ|นะครับ|こんにちは|ありがとう|ありがとうございます|안녕하세요|감사합니다|dzień dobry|dziękuję bardzo|goedemorgen|goedemiddag|bedankt";

/// Emoji that complain.
pub const BAD_EMOJI: &str = "👎😡😠🤬😞😔😢😭🤮🤢💩😤🙁☹😒😟😫😩🥶🥵😕😖😣😨😱🤧🤦💔";
/// Emoji for yes and for no.
pub const YES_EMOJI: &str = "👍👌✅✔☑🆗🙆";
/// Emoji for no.
pub const NO_EMOJI: &str = "👎❌✖🙅🚫⛔❎";
