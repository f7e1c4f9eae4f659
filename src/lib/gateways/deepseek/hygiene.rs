//! The least a reply must pass before it may be sent: plain text, not too long, in the right script. What it says is
//! checked elsewhere.

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
}
