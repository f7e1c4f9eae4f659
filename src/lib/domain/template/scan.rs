//! Looks at a template's letters before the engine does: which braces are tags, and what stands in them.

/// A mistake of form: what is wrong, what to write, and the piece of the template it is about.
pub(super) struct Slip {
    pub(super) message: String,
    pub(super) fix: String,
    pub(super) piece: String,
}

fn slip(message: impl Into<String>, fix: impl Into<String>, piece: impl Into<String>) -> Slip {
    Slip { message: message.into(), fix: fix.into(), piece: piece.into() }
}

/// What stands between a pair of braces.
pub(super) struct Tag<'t> {
    /// Whether it is a statement, `{% … %}`.
    pub(super) is_statement: bool,
    pub(super) inside: &'t str,
}

/// The tags of a template, or the first thing that keeps them from being told apart.
pub(super) fn tags(template: &str) -> Result<Vec<Tag<'_>>, Slip> {
    let mut tags = Vec::new();
    let mut rest = template;
    while let Some(place) = rest.find(['{', '}']) {
        let at = &rest[place..];
        let close = match at.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => return Err(lone(at)),
        };
        let Some(end) = closing(&at[2..], close) else {
            let fix = format!("close it with `{close}`");
            return Err(slip(format!("`{}` is left open", &at[..2]), fix, first_line(at, 24)));
        };
        let inside = &at[2..2 + end];
        if close != "#}" {
            tags.push(Tag { is_statement: close == "%}", inside: inside.trim_matches(['-', '+']).trim() });
        }
        rest = &at[2 + end + 2..];
    }
    Ok(tags)
}

/// Where a tag ends, texts in quotes passed over.
fn closing(inside: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if close != "#}" && (c == '"' || c == '\'') => quote = Some(c),
            None if inside[at..].starts_with(close) => return Some(at),
            None => {}
        }
    }
    None
}

/// `{guest.name}`, as many other programs write it, or a brace by itself.
fn lone(at: &str) -> Slip {
    if let Some(end) = at.find('}').filter(|_| at.starts_with('{')) {
        let name = at[1..end].trim();
        if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._".contains(c)) {
            let piece = &at[..=end];
            return slip(format!("`{piece}` would be sent as it stands"), format!("write `{{{{ {name} }}}}`"), piece);
        }
    }
    let brace = if at.starts_with('{') { '{' } else { '}' };
    let fix = "variables have two braces on each side, `{{ guest.first_name }}`; delete it, or complete it";
    slip(format!("a lone `{brace}`"), fix, first_line(at, 24))
}

fn first_line(text: &str, most: usize) -> String {
    text.lines().next().unwrap_or_default().chars().take(most).collect()
}

/// A word or sign in a tag.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Word(&'t str),
    Sign(char),
    /// A text in quotes, or a number.
    Literal,
}

/// The tokens of a tag, blanks left out.
pub(super) fn tokens(inside: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = inside;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' | '\'' => rest[1..].find(c).map_or(rest.len(), |end| end + 2),
            _ if c.is_alphabetic() || c == '_' => {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            _ if c.is_ascii_digit() => rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        if c.is_whitespace() {
            continue;
        }
        tokens.push(match c {
            '"' | '\'' => Token::Literal,
            _ if c.is_ascii_digit() => Token::Literal,
            _ if c.is_alphabetic() || c == '_' => Token::Word(piece),
            _ => Token::Sign(c),
        });
    }
    tokens
}
