//! What the bot says on fixed occasions, unless the hotel says it in its own words.

use super::hotel::{Hotel, Text};
use super::language::Language;

/// The text for an occasion: the hotel's in the guest's language, the built-in one in that language, then the
/// hotel's languages in order, then English.
pub fn text(hotel: &Hotel, which: Text, language: Language) -> String {
    let wanted = std::iter::once(language).chain(hotel.languages.iter().copied()).chain([Language::EN]);
    for candidate in wanted {
        if let Some(own) = hotel.texts.get(&which).and_then(|by_language| by_language.get(&candidate)) {
            return own.clone();
        }
        if let Some(text) = built_in(which, candidate) {
            return text.to_owned();
        }
    }
    built_in(which, Language::EN).unwrap_or("One moment, please.").to_owned()
}

fn built_in(which: Text, language: Language) -> Option<&'static str> {
    BUILT_IN.iter().find(|(code, _)| *code == language.as_str()).map(|(_, texts)| texts[which as usize])
}

/// By language, in the order of [`Text::ALL`].
const BUILT_IN: &[(&str, [&str; 7])] = &[
    (
        "en",
        [
            "I am passing this to my colleagues; someone will answer you here shortly.",
            "Thank you for your message. A colleague will answer you here shortly.",
            "I can only read text. Please write it in words; a colleague will also take a look.",
            "Your message did not reach us in a readable form. Please send it again.",
            "Your message reached us late, sorry about that. A colleague will answer you here shortly.",
            "You will get no more messages from us. Write START if you want to hear from us again.",
            "Welcome back! We will answer you here again.",
        ],
    ),
    (
        "ru",
        [
            "Передаю коллегам, вам скоро ответят здесь.",
            "Спасибо за сообщение. Коллега скоро ответит вам здесь.",
            "Я умею читать только текст. Напишите, пожалуйста, словами; коллега тоже посмотрит.",
            "Ваше сообщение не удалось прочитать. Пришлите его, пожалуйста, ещё раз.",
            "Ваше сообщение дошло до нас с опозданием, извините. Коллега скоро ответит вам здесь.",
            "Больше сообщений от нас не будет. Напишите СТАРТ, если снова захотите их получать.",
            "С возвращением! Мы снова отвечаем вам здесь.",
        ],
    ),
    (
        "de",
        [
            "Ich gebe das an meine Kolleginnen und Kollegen weiter; Sie erhalten hier in Kürze eine Antwort.",
            "Vielen Dank für Ihre Nachricht. Jemand aus unserem Team antwortet Ihnen hier in Kürze.",
            "Ich kann nur Text lesen. Bitte schreiben Sie es in Worten; jemand aus unserem Team sieht es sich auch an.",
            "Ihre Nachricht kam bei uns nicht lesbar an. Bitte senden Sie sie noch einmal.",
            "Ihre Nachricht hat uns leider verspätet erreicht. Jemand aus unserem Team antwortet Ihnen hier in Kürze.",
            "Sie erhalten keine Nachrichten mehr von uns. Schreiben Sie START, wenn Sie wieder von uns hören möchten.",
            "Willkommen zurück! Wir antworten Ihnen hier wieder.",
        ],
    ),
    (
        "fr",
        [
            "Je transmets à mes collègues ; quelqu'un vous répondra ici très bientôt.",
            "Merci pour votre message. Un membre de l'équipe vous répondra ici très bientôt.",
            "Je ne peux lire que du texte. Écrivez-le en quelques mots, s'il vous plaît ; l'équipe y jettera aussi un œil.",
            "Votre message ne nous est pas parvenu de façon lisible. Merci de l'envoyer à nouveau.",
            "Votre message nous est parvenu en retard, toutes nos excuses. Un membre de l'équipe vous répondra ici très bientôt.",
            "Vous ne recevrez plus de messages de notre part. Écrivez START si vous souhaitez en recevoir à nouveau.",
            "Ravis de vous retrouver ! Nous vous répondons de nouveau ici.",
        ],
    ),
    (
        "es",
        [
            "Se lo paso a mis compañeros; le responderán aquí en breve.",
            "Gracias por su mensaje. Un compañero le responderá aquí en breve.",
            "Solo puedo leer texto. Escríbalo con palabras, por favor; un compañero también lo mirará.",
            "Su mensaje no nos llegó de forma legible. Envíelo de nuevo, por favor.",
            "Su mensaje nos llegó con retraso, disculpe. Un compañero le responderá aquí en breve.",
            "No recibirá más mensajes nuestros. Escriba START si desea volver a recibirlos.",
            "¡Nos alegra tenerle de vuelta! Volvemos a responderle aquí.",
        ],
    ),
    (
        "it",
        [
            "Passo la richiesta ai miei colleghi; le risponderanno qui a breve.",
            "Grazie per il suo messaggio. Un collega le risponderà qui a breve.",
            "Posso leggere solo testo. Lo scriva a parole, per favore; anche un collega darà un'occhiata.",
            "Il suo messaggio non ci è arrivato in forma leggibile. Lo invii di nuovo, per favore.",
            "Il suo messaggio ci è arrivato in ritardo, ci scusi. Un collega le risponderà qui a breve.",
            "Non riceverà più messaggi da noi. Scriva START se desidera riceverli di nuovo.",
            "Bentornato tra noi! Le rispondiamo di nuovo qui.",
        ],
    ),
    (
        "pt",
        [
            "Vou passar aos meus colegas; alguém responderá aqui em breve.",
            "Agradecemos a sua mensagem. Um colega responderá aqui em breve.",
            "Só consigo ler texto. Por favor, escreva por palavras; um colega também vai ver.",
            "A sua mensagem não chegou até nós de forma legível. Por favor, envie-a novamente.",
            "A sua mensagem chegou com atraso, pedimos desculpa. Um colega responderá aqui em breve.",
            "Não receberá mais mensagens nossas. Escreva START se quiser voltar a recebê-las.",
            "Que bom ter notícias suas! Voltamos a responder aqui.",
        ],
    ),
    (
        "tr",
        [
            "Mesajınızı arkadaşlarıma iletiyorum; size kısa süre içinde buradan yanıt verilecek.",
            "Mesajınız için teşekkür ederiz. Bir arkadaşımız size kısa süre içinde buradan yanıt verecek.",
            "Yalnızca yazıları okuyabiliyorum. Lütfen sözcüklerle yazın; bir arkadaşımız da bakacak.",
            "Mesajınız bize okunabilir biçimde ulaşmadı. Lütfen tekrar gönderin.",
            "Mesajınız bize gecikmeyle ulaştı, özür dileriz. Bir arkadaşımız size kısa süre içinde buradan yanıt verecek.",
            "Artık size mesaj göndermeyeceğiz. Yeniden mesaj almak isterseniz START yazın.",
            "Tekrar hoş geldiniz! Size yine buradan yanıt veriyoruz.",
        ],
    ),
    (
        "zh",
        [
            "我已转告同事，稍后会在这里回复您。",
            "感谢您的留言，同事稍后会在这里回复您。",
            "我只能阅读文字，请您用文字说明；同事也会查看。",
            "您的消息未能正常显示，请您再发一次。",
            "抱歉，您的消息我们收到得晚了，同事稍后会在这里回复您。",
            "我们不会再给您发送消息。如需再次接收，请回复 START。",
            "欢迎回来！我们会继续在这里回复您。",
        ],
    ),
    (
        "ar",
        [
            "سأحوّل طلبكم إلى زملائي، وسيصلكم الرد هنا قريبًا.",
            "شكرًا على رسالتكم. سيرد عليكم أحد الزملاء هنا قريبًا.",
            "أستطيع قراءة النصوص فقط. نرجو كتابة طلبكم بالكلمات، وسيطّلع عليه أحد الزملاء أيضًا.",
            "لم تصلنا رسالتكم بشكل مقروء. نرجو إرسالها مرة أخرى.",
            "وصلتنا رسالتكم متأخرة، نعتذر عن ذلك. سيرد عليكم أحد الزملاء هنا قريبًا.",
            "لن تصلكم رسائل أخرى منا. اكتبوا START إذا رغبتم في استقبالها من جديد.",
            "أهلًا بعودتكم! سنرد عليكم هنا من جديد.",
        ],
    ),
    (
        "uk",
        [
            "Передаю колегам, вам скоро дадуть відповідь тут.",
            "Дякуємо за повідомлення. Колега скоро відповість вам тут.",
            "Я вмію читати лише текст. Напишіть, будь ласка, словами; колега теж подивиться.",
            "Ваше повідомлення не вдалося прочитати. Надішліть його, будь ласка, ще раз.",
            "Ваше повідомлення надійшло до нас із запізненням, вибачте. Колега скоро відповість вам тут.",
            "Більше повідомлень від нас не буде. Напишіть СТАРТ, якщо знову захочете їх отримувати.",
            "З поверненням! Ми знову відповідаємо вам тут.",
        ],
    ),
    (
        "kk",
        [
            "Әріптестеріме жеткіземін, сізге жақында осы жерде жауап береді.",
            "Хабарламаңызға рақмет. Әріптесіміз жақында осы жерде жауап береді.",
            "Мен тек мәтінді оқи аламын. Сөзбен жазыңызшы; әріптесіміз де қарайды.",
            "Хабарламаңызды оқу мүмкін болмады. Қайта жіберіңізші.",
            "Хабарламаңыз бізге кешігіп жетті, кешіріңіз. Әріптесіміз жақында осы жерде жауап береді.",
            "Бізден енді хабарлама келмейді. Қайта алғыңыз келсе, СТАРТ деп жазыңыз.",
            "Қайта қош келдіңіз! Біз сізге осы жерде қайтадан жауап береміз.",
        ],
    ),
    (
        "th",
        [
            "ขอส่งเรื่องต่อให้ทีมงานนะคะ จะมีเจ้าหน้าที่ตอบกลับที่นี่ในไม่ช้าค่ะ",
            "ขอบคุณสำหรับข้อความค่ะ เจ้าหน้าที่จะตอบกลับที่นี่ในไม่ช้าค่ะ",
            "ระบบอ่านได้เฉพาะข้อความตัวอักษรค่ะ กรุณาพิมพ์เป็นข้อความนะคะ เจ้าหน้าที่จะช่วยดูให้อีกทางหนึ่งค่ะ",
            "เราไม่สามารถอ่านข้อความของคุณได้ค่ะ กรุณาส่งอีกครั้งนะคะ",
            "ขออภัยค่ะ ข้อความของคุณมาถึงเราล่าช้า เจ้าหน้าที่จะตอบกลับที่นี่ในไม่ช้าค่ะ",
            "เราจะไม่ส่งข้อความถึงคุณอีกค่ะ หากต้องการรับข้อความอีกครั้ง กรุณาพิมพ์ START ค่ะ",
            "ยินดีต้อนรับกลับมาค่ะ เราพร้อมตอบคุณที่นี่อีกครั้งค่ะ",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;

    #[test]
    fn the_hotels_own_words_win_over_the_built_in_ones() {
        let mut hotel = hotel();
        hotel.texts.entry(Text::Handoff).or_default().insert(Language::EN, "One second, dear guest.".into());

        assert_eq!(text(&hotel, Text::Handoff, Language::EN), "One second, dear guest.");
        assert_eq!(text(&hotel, Text::Late, Language::EN), built_in(Text::Late, Language::EN).expect("built in"));
    }

    #[test]
    fn each_language_says_everything_in_its_own_letters_and_briefly() {
        use crate::domain::script::{Script, census};
        for (code, texts) in BUILT_IN {
            let language = Language::parse(code).expect("a code");
            for text in texts {
                let script = census(text).first().map(|(script, _)| *script).expect("letters");
                assert!(Script::of_language(language).contains(&script), "{code}: {text}");
                assert!(text.chars().count() <= 160 && !text.contains(char::is_numeric), "{code}: {text}");
            }
            let distinct: std::collections::HashSet<_> = texts.iter().collect();
            assert_eq!(distinct.len(), Text::ALL.len(), "{code}");
        }
        assert_eq!(BUILT_IN.len(), 13);
    }

    #[test]
    fn the_word_that_brings_messages_back_is_named() {
        for (code, texts) in BUILT_IN {
            let goodbye = texts[Text::OptedOut as usize];
            assert!(goodbye.contains("START") || goodbye.contains("СТАРТ"), "{code}: {goodbye}");
        }
    }

    #[test]
    fn an_unknown_language_falls_back_to_the_hotels() {
        let swahili = Language::parse("sw").expect("a code");

        assert_eq!(text(&hotel(), Text::Late, swahili), built_in(Text::Late, Language::EN).expect("built in"));
    }
}
