//! Keeps a secret out of an error message that shows the line it was found in.

/// Keys after which whatever stands there is hidden, unless it is a reference.
const SECRET_KEYS: &[&str] = &["token", "secret", "password", "api_key", "apikey"];

/// Runs of letters and digits this long are keys, not words; Green API's token is 50, the shortest common keys 24.
const LONG_KEY: usize = 24;

/// The text with everything that may be a secret replaced by as many `*`, so that columns stay true.
pub(crate) fn secrets(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    hide_passwords_of_urls(&mut characters);
    hide_values_of_secret_keys(&mut characters);
    hide_long_keys(&mut characters);
    characters.into_iter().collect()
}

/// A character as it may go to a terminal: control characters could move the cursor or hide text.
pub(crate) fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        // Bidirectional controls make a line read differently from what it says.
        c if c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') => '\u{FFFD}',
        c => c,
    }
}

fn hide_passwords_of_urls(characters: &mut [char]) {
    let mut at = 0;
    while at + 3 <= characters.len() {
        if characters[at..at + 3] != [':', '/', '/'] {
            at += 1;
            continue;
        }
        let start = at + 3;
        let ends = |c: &char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | ',' | '}');
        let end = characters[start..].iter().position(ends).map_or(characters.len(), |length| start + length);
        let authority = &mut characters[start..end];
        let user = authority.iter().position(|c| *c == ':');
        let host = authority.iter().rposition(|c| *c == '@');
        if let (Some(user), Some(host)) = (user, host)
            && user < host
        {
            authority[user + 1..host].fill('*');
        }
        at = end;
    }
}

fn hide_values_of_secret_keys(characters: &mut [char]) {
    for index in 0..characters.len() {
        if characters[index] != ':' && characters[index] != '=' {
            continue;
        }
        let key: String = characters[..index].iter().rev().take_while(|c| is_key(**c)).collect();
        let key = key.chars().rev().collect::<String>().to_lowercase();
        let key = key.trim_end_matches([' ', '"', '\'']);
        if SECRET_KEYS.iter().any(|secret| key.ends_with(secret)) {
            hide_value(&mut characters[index + 1..]);
        }
    }
}

fn is_key(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | ' ')
}

fn hide_value(rest: &mut [char]) {
    let start = rest.iter().take_while(|c| matches!(c, ' ' | '"' | '\'')).count();
    let quote = start.checked_sub(1).map(|before| rest[before]).filter(|c| *c != ' ');
    let ends = |c: char| quote.map_or(matches!(c, ',' | '}' | ' '), |quote| c == quote);
    let end = rest.iter().skip(start).take_while(|c| !ends(**c)).count() + start;
    let value: String = rest[start..end].iter().collect();
    if !is_reference(&value) && !value.starts_with('{') {
        rest[start..end].fill('*');
    }
}

fn is_reference(value: &str) -> bool {
    value == "stored" || value.starts_with("env:") || value.starts_with("file:")
}

fn hide_long_keys(characters: &mut [char]) {
    let mut start = 0;
    while start < characters.len() {
        let length = characters[start..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let run = &mut characters[start..start + length];
        if length >= LONG_KEY && run.iter().any(char::is_ascii_digit) && run.iter().any(char::is_ascii_alphabetic) {
            run.fill('*');
        }
        start += length.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_hidden_and_everything_else_stays() {
        for (text, safe) in [
            ("  token: abc123", "  token: ******"),
            ("  token: env:SEAVIEW_TOKEN", "  token: env:SEAVIEW_TOKEN"),
            ("{ instance: 1, token: \"s e\", name: x }", "{ instance: 1, token: \"***\", name: x }"),
            ("tokn: d75b3a66374942c5b3c019c698abc2067e15", "tokn: ************************************"),
            ("name: Grand Hotel Internationale Superiore", "name: Grand Hotel Internationale Superiore"),
            ("url = \"postgres://bot:pass@db/x\"", "url = \"postgres://bot:****@db/x\""),
            ("see https://example.com:80/a@b:c", "see https://example.com:80/a@b:c"),
            ("admin_token = 'x'", "admin_token = '*'"),
        ] {
            assert_eq!(secrets(text), safe);
        }
    }

    #[test]
    fn a_terminal_is_not_driven_by_a_file() {
        let shown: String = "a\u{1b}[2Jb\tc\u{202E}".chars().map(printable).collect();

        assert_eq!(shown, "a\u{FFFD}[2Jb c\u{FFFD}");
    }
}
