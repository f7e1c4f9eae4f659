//! The least a reply must pass before it may be sent: plain text, the right script, no address or number that is not
//! the hotel's. What it says is checked elsewhere.

use super::mask::addresses;
use super::numbers::{Number, numbers};
use crate::domain::language::Language;
use crate::domain::script::{Script, census, visible};

/// The longest reply, in characters (faults L4).
pub const MOST_CHARACTERS: usize = 900;

/// The reply as plain text for a chat: no invisible characters, thoughts, headings, tables, links with titles or tags.
pub fn plain(reply: &str) -> String {
    let text = visible(without_thoughts(reply));
    let lines: Vec<String> = text.lines().filter_map(plain_line).collect();
    let mut out = String::with_capacity(text.len());
    for line in lines {
        let blank_again = line.is_empty() && (out.is_empty() || out.ends_with("\n\n"));
        if !blank_again {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

/// Reasoning never leaves the house, closed or not.
pub fn without_thoughts(text: &str) -> &str {
    match text.rfind("</think>") {
        Some(at) => &text[at + "</think>".len()..],
        None if text.trim_start().starts_with("<think>") => "",
        None => text,
    }
}

fn plain_line(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with("```") {
        return None;
    }
    let line = heading(line);
    if line.len() > 1 && line.starts_with('|') && line.ends_with('|') {
        return table_row(line);
    }
    let line = line.strip_prefix("* ").map_or_else(|| line.to_owned(), |item| format!("- {item}"));
    if !line.contains(['[', '*', '_', '~', '`', '<']) {
        return Some(line);
    }
    let line = without_tags(&without_titles(&line)).replace("**", "*").replace("~~", "~").replace('`', "");
    Some(without_double_underscores(&line))
}

fn heading(line: &str) -> &str {
    let rest = line.trim_start_matches('#');
    if rest.len() < line.len() && rest.starts_with(' ') { rest.trim_start() } else { line }
}

fn table_row(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let is_rule = cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' ')));
    (!is_rule).then(|| cells.join(" – "))
}

/// `[title](address)` becomes `title: address`, `![picture](address)` its title.
fn without_titles(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, title, address, after)) = titled(rest) {
        let picture = before.ends_with('!');
        out.push_str(before.strip_suffix('!').unwrap_or(before));
        match title.trim() {
            title if picture => out.push_str(title),
            title if title.is_empty() || address.contains(title) => out.push_str(address),
            title => out.extend([title, ": ", address]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn titled(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let open = text[..middle].rfind('[')?;
    let close = middle + text[middle..].find(')')?;
    Some((&text[..open], &text[open + 1..middle], text[middle + 2..close].trim(), &text[close + 1..]))
}

/// `<b>`, `</a>`, `<br>` and their like; `<` in other uses stays.
fn without_tags(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let begins = tail[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match tail.find('>').filter(|end| begins && *end <= 200) {
            Some(end) => rest = &tail[end + 1..],
            None => {
                out.push('<');
                rest = &tail[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `__bold__` is `_bold_` in WhatsApp; underscores inside words are somebody's name or code.
fn without_double_underscores(line: &str) -> String {
    let words: Vec<String> = line
        .split(' ')
        .map(|word| {
            let word = word.strip_prefix("__").map_or_else(|| word.to_owned(), |rest| format!("_{rest}"));
            word.strip_suffix("__").map_or_else(|| word.clone(), |rest| format!("{rest}_"))
        })
        .collect();
    words.join(" ")
}

/// Cuts at the end of the last sentence that fits, or of the last word.
pub fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let head = &text[..end];
    let ends_sentence = |(at, c): (usize, char)| {
        let next = text[at + c.len_utf8()..].chars().next();
        let stands_alone = next.is_none_or(char::is_whitespace) || matches!(c, '。' | '！' | '？');
        (matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟') && stands_alone || c == '\n')
            .then_some(at + c.len_utf8())
    };
    let sentence = head.char_indices().rev().find_map(ends_sentence).filter(|at| *at * 2 > end);
    match sentence.or_else(|| head.rfind(char::is_whitespace)) {
        Some(at) if sentence.is_some() => head[..at].trim_end().to_owned(),
        Some(at) => format!("{}…", head[..at].trim_end()),
        None => head.to_owned(),
    }
}

/// Whether the letters of a text clearly belong to another script than the language's. Names, networks and passwords in
/// Latin letters are usual in every language, so of those it takes more than of others.
pub fn wrong_script(text: &str, language: Language) -> bool {
    let wanted = Script::of_language(language);
    let is_address = |word: &&str| word.contains("://") || word.contains('@') || word.starts_with("www.");
    let words: Vec<&str> = text.split_whitespace().filter(|word| !is_address(word)).collect();
    let (mut fitting, mut latin, mut other) = (0, 0, 0);
    for (script, count) in census(&words.join(" ")) {
        let letters = match script {
            _ if wanted.contains(&script) => &mut fitting,
            Script::Latin => &mut latin,
            _ => &mut other,
        };
        *letters += script.weight() * count;
    }
    let total = fitting + latin + other;
    let least = if latin > other { total * 15 / 100 } else { total * 30 / 100 };
    !wanted.is_empty() && total >= 8 && fitting < least.max(1)
}

/// The numbers and addresses a hotel gives out.
#[derive(Clone, Debug, Default)]
pub struct Known {
    digits: Vec<String>,
    addresses: Vec<String>,
    mails: Vec<String>,
}

impl Known {
    /// Takes in whatever a text of the hotel mentions.
    pub fn learn(&mut self, text: &str) {
        self.digits.extend(numbers(text).into_iter().filter(|n| n.digits.len() >= 5).map(|n| n.digits));
        self.mails.extend(addresses(text).into_iter().map(|range| text[range].to_lowercase()));
        self.addresses.extend(web_addresses(text));
    }

    /// What a reply names that is neither the hotel's nor, for numbers, in the guest's own words.
    pub fn foreign(&self, reply: &str, guest: &str) -> Option<&'static str> {
        let mails = addresses(reply);
        if mails.iter().any(|range| !self.mails.contains(&reply[range.clone()].to_lowercase())) {
            return Some("the reply names an e-mail address that is not the hotel's");
        }
        if web_addresses(reply).iter().any(|address| !self.knows_address(address)) {
            return Some("the reply names a link that is not the hotel's");
        }
        let long = numbers(reply).into_iter().filter(|number| number.kind().is_some());
        let own: Vec<String> = numbers(guest).into_iter().map(|number| number.digits).collect();
        long.into_iter()
            .any(|number| !self.knows_number(&number) && !own.contains(&number.digits))
            .then_some("the reply names a phone number that is not the hotel's")
    }

    /// The same address, or only its host.
    fn knows_address(&self, address: &str) -> bool {
        let host = |known: &str| known.split('/').next().unwrap_or_default().to_owned();
        self.addresses.iter().any(|known| known == address || host(known) == address)
    }

    /// Equal up to the prefixes `+7`, `8`, `00`: the last ten digits, or all of a shorter number.
    fn knows_number(&self, number: &Number) -> bool {
        let tail = |digits: &str| digits[digits.len().saturating_sub(10)..].to_owned();
        let is_same = |known: &String| {
            known == &number.digits
                || known.len() >= 7 && (tail(known) == tail(&number.digits) || known.ends_with(&number.digits))
        };
        self.digits.iter().any(is_same)
    }
}

/// The web addresses of a text, without scheme, `www.` and closing slash, in lower case. Bare names count when they
/// end like an internet name (`bit.ly/x`), so that a link without `https://` is seen as what a phone makes of it.
fn web_addresses(text: &str) -> Vec<String> {
    if !text.contains(['.', ':', '。', '．']) {
        return Vec::new();
    }
    let words =
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '"' | '«' | '»'));
    words.filter_map(web_address).collect()
}

fn web_address(word: &str) -> Option<String> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | ':' | '*' | '_' | '\'' | '[' | ']' | '…');
    let written = word.trim_matches(ends);
    let word = written.to_lowercase();
    if word.contains('@') && !word.contains("://") {
        return None;
    }
    if let Some((_, rest)) = word.split_once("://") {
        return Some(rest.trim_start_matches("www.").trim_end_matches('/').to_owned());
    }
    if let Some(scheme) = SCHEMES.iter().find(|scheme| word.starts_with(*scheme)) {
        return Some(word[scheme.len()..].to_owned());
    }
    let bare = word.trim_start_matches("www.").trim_end_matches('/');
    let host = bare.split(['/', '?', '#', ':']).next()?;
    let host_like = is_host(host) && !begins_sentence(written);
    (word.starts_with("www.") || host_like).then(|| bare.to_owned())
}

/// `Yes.It` is two sentences without a space between; `BIT.LY` is not.
fn begins_sentence(word: &str) -> bool {
    let last = word.split('/').next().and_then(|host| host.rsplit('.').next()).unwrap_or_default();
    last.chars().next().is_some_and(char::is_uppercase) && last.chars().skip(1).all(char::is_lowercase)
}

const SCHEMES: &[&str] = &["javascript:", "data:", "mailto:", "tel:", "whatsapp:", "tg:"];

fn is_host(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_number =
        |label: &&str| label.len() <= 3 && label.bytes().all(|byte| byte.is_ascii_digit()) && !label.is_empty();
    if labels.len() == 4 && labels.iter().all(is_number) {
        return true;
    }
    let [.., _, top] = labels.as_slice() else { return false };
    let fits = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    labels.iter().all(fits) && (TOP_LEVELS.contains(top) || name.contains("xn--"))
}

/// Endings under which links are passed around. Endings that are also words after a forgotten space (`so`, `is`, `at`,
/// `no`) are left out.
const TOP_LEVELS: &[&str] = &[
    "com",
    "org",
    "net",
    "info",
    "biz",
    "io",
    "me",
    "ly",
    "app",
    "dev",
    "xyz",
    "site",
    "online",
    "shop",
    "store",
    "top",
    "club",
    "link",
    "click",
    "live",
    "life",
    "world",
    "hotel",
    "travel",
    "tours",
    "pro",
    "co",
    "cc",
    "tv",
    "ai",
    "gl",
    "gd",
    "su",
    "ru",
    "рф",
    "ua",
    "by",
    "kz",
    "uz",
    "kg",
    "ge",
    "am",
    "az",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "tr",
    "pl",
    "nl",
    "ch",
    "uk",
    "eu",
    "us",
    "cn",
    "jp",
    "kr",
    "th",
    "ae",
    "sa",
    "eg",
    "il",
    "gr",
    "cz",
    "bg",
    "rs",
    "lt",
    "lv",
    "ee",
    "fi",
    "se",
    "dk",
    "id",
    "vn",
    "my",
    "sg",
    "au",
    "nz",
    "ca",
    "mx",
    "br",
    "ar",
    "cl",
    "москва",
    "онлайн",
    "сайт",
    "дети",
    "укр",
    "қаз",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn language(code: &str) -> Language {
        Language::parse(code).expect("a code")
    }

    #[test]
    fn marks_of_other_media_become_plain_text() {
        for (reply, text) in [
            ("  Breakfast is at 7.\u{0}\u{202e} ", "Breakfast is at 7."),
            ("<think>Hm, what?</think>Breakfast is at 7.", "Breakfast is at 7."),
            ("<think>never closed", ""),
            ("# Breakfast\n\n\n\nfrom **07:00** to __10:30__", "Breakfast\n\nfrom *07:00* to _10:30_"),
            ("See [our menu](https://a.example/menu).", "See our menu: https://a.example/menu."),
            ("[https://a.example](https://a.example)", "https://a.example"),
            ("![pool](https://a.example/p.png) open", "pool open"),
            ("| Day | Time |\n|---|:--|\n| Mon | 7-10 |", "Day – Time\nMon – 7-10"),
            ("```json\ncode\n```", "code"),
            ("<b>Hello</b><br>1 < 2 and x <3", "Hello1 < 2 and x <3"),
            ("* one\n* two", "- one\n- two"),
            ("{guest.phone} and {{token}}", "{guest.phone} and {{token}}"),
            ("snake_case__name stays", "snake_case__name stays"),
        ] {
            assert_eq!(plain(reply), text);
        }
    }

    #[test]
    fn long_replies_end_with_a_sentence() {
        assert_eq!(cut("Short.", 900), "Short.");
        assert_eq!(cut("One is here. Two is here. Three is here.", 30), "One is here. Two is here.");
        assert_eq!(cut("no end at all in this text", 15), "no end at all…");
        assert_eq!(cut("早餐七点开始。泳池八点开始。", 9), "早餐七点开始。");
        let long = format!("{}. End.", "слово ".repeat(200));
        assert!(cut(&long, MOST_CHARACTERS).chars().count() <= MOST_CHARACTERS);
    }

    #[test]
    fn a_reply_mostly_in_foreign_letters_is_in_the_wrong_script() {
        for (text, code, wrong) in [
            ("早餐时间是七点到十点。", "ru", true),
            ("Breakfast is from 7 to 10.", "ru", true),
            ("Завтрак с 7 до 10.", "ru", false),
            ("Сеть AstoriaGuest, пароль WelcomeAstoria", "ru", false),
            ("Меню: https://astoria.example/very/long/address/of/the/menu", "ru", false),
            ("Завтрак с 7 до 10.", "en", true),
            ("朝食は七時からです", "ja", false),
            ("早餐七点", "ja", false),
            ("Hi! Ок", "th", false),
            ("Anything goes", "xx", false),
        ] {
            assert_eq!(wrong_script(text, language(code)), wrong, "{text} as {code}");
        }
    }

    fn known() -> Known {
        let mut known = Known::default();
        for text in [
            "Reception: +7 (812) 494-57-57 or desk@astoria.example.com",
            "https://astoria.example.com/spa",
            "Taxi 8 800 555-35-35, map: maps.example.org/x",
        ] {
            known.learn(text);
        }
        known
    }

    #[test]
    fn what_the_hotel_gives_out_may_be_said() {
        for reply in [
            "Call +7 812 494 57 57 or 8 (812) 494-57-57.",
            "Write to Desk@Astoria.example.com!",
            "See https://astoria.example.com/spa/.",
            "astoria.example.com",
            "From 07:00 to 10:30 it costs 12 500 RUB, on 12.07.2026.",
            "Yes.It is open, e.g. on Monday. Ask for room no.12.",
            "Call 112.",
        ] {
            assert_eq!(known().foreign(reply, ""), None, "{reply}");
        }
        assert_eq!(known().foreign("Your booking 9876543210 is found", "I am 9876543210"), None);
    }

    #[test]
    fn what_it_does_not_may_not() {
        for reply in [
            "Call +7 999 123-45-67",
            "Pay at http://oplata-hote1.ru",
            "bit.ly/3abc",
            "Go to www.evil.example",
            "xn--80ak6aa92e.com/login",
            "javascript:alert(1)",
            "http://1.2.3.4/x or 1.2.3.4",
            "https://astoria.example.com/refund",
            "me@evil.example.com",
            "оплата.рф",
        ] {
            assert!(known().foreign(reply, "please open http://oplata-hote1.ru").is_some(), "{reply}");
        }
    }
}
