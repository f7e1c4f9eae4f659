//! What the model is told before anything else: the rules, with a name and a version. A hotel may have its own.

use serde::{Deserialize, Serialize};

/// A prompt with its name and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Such as `understand@1`.
    pub name: String,
    /// The rules, as the first system message.
    pub text: String,
}

impl Prompt {
    /// Reads a prompt's file: `---`, a line `prompt: name@version`, `---`, the text. The text must mention `json`, or
    /// the vendor refuses JSON mode.
    pub fn parse(file: &str) -> Result<Self, String> {
        let rest = file.strip_prefix("---\n").ok_or("a prompt begins with a line `---`")?;
        let (head, text) = rest.split_once("\n---\n").ok_or("the front matter of a prompt ends with a line `---`")?;
        let name = head.lines().find_map(|line| line.strip_prefix("prompt:")).map(str::trim);
        let name = name.filter(|name| name.split('@').filter(|part| !part.is_empty()).count() == 2);
        let name = name.ok_or("the front matter of a prompt has a line `prompt: name@version`")?;
        if !text.contains("json") {
            return Err("a prompt must contain the word `json`, or the service refuses it".to_owned());
        }
        Ok(Self { name: name.to_owned(), text: text.trim().to_owned() })
    }

    /// The name without the version: what the prompt is for.
    pub fn purpose(&self) -> &str {
        self.name.split('@').next().unwrap_or_default()
    }
}
