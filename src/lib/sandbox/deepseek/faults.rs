//! What can be made to go wrong at the model.

use serde::{Deserialize, Serialize};

/// One kind of misbehaviour.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The content is something else than the good answer.
    Content {
        /// What it is.
        shape: Shape,
    },
    /// The content is exactly this, with `finish_reason` `stop`.
    Script {
        /// The content.
        content: String,
    },
    /// An error status with the vendor's body.
    Status {
        /// 400, 401, 402, 422, 429, 500 or 503.
        status: u16,
        /// `Retry-After`, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// The answer is good but not finished for this reason: `content_filter`, `insufficient_system_resource`,
    /// `length`, or one nobody knows.
    FinishReason {
        /// The `finish_reason`.
        reason: String,
    },
    /// 200 with no body.
    EmptyBody,
    /// An HTML page with this status.
    Html {
        /// The status.
        status: u16,
    },
    /// The good answer, this many real seconds later.
    Slow {
        /// Real seconds.
        seconds: f64,
    },
    /// 200 at once, then a blank line every real second, then the answer.
    BlankLines {
        /// Real seconds.
        seconds: f64,
    },
    /// The connection is closed: before the answer, or in the middle of it.
    Cut {
        /// Whether half of the answer is sent first.
        #[serde(default)]
        halfway: bool,
    },
}

/// How the content of an answer can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Only spaces, `finish_reason` `stop`: JSON mode's way to fail.
    Blank,
    /// Cut off in the middle, `finish_reason` `length`.
    Truncated,
    /// Inside a Markdown code fence.
    Fenced,
    /// With prose before and after.
    Prose,
    /// Two objects, one after the other.
    Two,
    /// Only `language` and `sentiment` are there.
    MissingKeys,
    /// An enum value nobody offered.
    WrongEnum,
    /// `confidence` is 7.
    WrongConfidence,
    /// Numbers and booleans are strings.
    StringNumbers,
    /// The reply is Chinese.
    Chinese,
    /// One sentence over and over, to the token limit.
    Repeated,
    /// The answer is in `reasoning_content`, `content` is empty.
    OnlyReasoning,
    /// `content` is `null`.
    Null,
}
