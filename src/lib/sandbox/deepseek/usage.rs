//! Tokens, and which of them the context cache serves: a hit needs a whole stored prefix, per `user_id`.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::request::ChatRequest;
use crate::sandbox::green::held;

/// Beyond so many stored prefixes of one user all are forgotten; the vendor promises nothing.
const UNITS_KEPT: usize = 20_000;
/// In long inputs a prefix is stored every so many bytes.
const INTERVAL: usize = 8_192;
const SHARDS: usize = 16;

/// The vendor's rough estimate: 0.3 tokens for a Latin letter, 0.6 for a Chinese character, here also for a Cyrillic one.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let rest = text.bytes().filter(|byte| !byte.is_ascii() && (byte & 0xC0) != 0x80).count();
    let tenths = ascii * 3 + rest * 6;
    u64::try_from(tenths.div_ceil(10)).unwrap_or(u64::MAX)
}

/// What a request and its answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Prompt tokens the cache served.
    pub hit: u64,
    /// Prompt tokens it did not.
    pub miss: u64,
    /// Tokens written, thinking included.
    pub completion: u64,
    /// Tokens thought.
    pub reasoning: u64,
}

impl Usage {
    /// The `usage` object.
    #[must_use]
    pub fn show(&self) -> Value {
        let prompt = self.hit + self.miss;
        json!({
            "prompt_tokens": prompt, "completion_tokens": self.completion,
            "total_tokens": prompt + self.completion,
            "prompt_cache_hit_tokens": self.hit, "prompt_cache_miss_tokens": self.miss,
            "prompt_tokens_details": {"cached_tokens": self.hit},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        })
    }
}

/// Stored prefixes, by user and hash, with how often each was seen.
#[derive(Debug, Default)]
pub struct Cache {
    shards: [Mutex<HashMap<String, HashMap<u64, u32>>>; SHARDS],
}

/// A place in the prompt where a prefix may be stored.
struct Boundary {
    hash: u64,
    tokens: u64,
    /// Stored at once: the end of the input, or an interval. Other places need to be seen in two requests.
    at_once: bool,
}

impl Cache {
    /// Looks a request up, stores its prefixes, and says how many tokens were hits and misses.
    pub fn charge(&self, request: &ChatRequest) -> (u64, u64) {
        let boundaries = boundaries(request);
        let total = boundaries.last().map_or(0, |last| last.tokens);
        let shard = &self.shards[usize::try_from(hash(FNV, request.user_id.as_bytes())).unwrap_or(0) % SHARDS];
        let mut users = held(shard);
        let units = users.entry(request.user_id.clone()).or_default();
        let is_stored = |boundary: &&Boundary| units.get(&boundary.hash).is_some_and(|seen| *seen >= 2);
        let hit = boundaries.iter().rev().find(is_stored).map_or(0, |longest| longest.tokens);
        if units.len() > UNITS_KEPT {
            units.clear();
        }
        for boundary in boundaries {
            let seen = units.entry(boundary.hash).or_insert(0);
            *seen = seen.saturating_add(if boundary.at_once { 2 } else { 1 });
        }
        (hit, total - hit)
    }
}

fn boundaries(request: &ChatRequest) -> Vec<Boundary> {
    let mut boundaries = Vec::with_capacity(request.messages.len() + 1);
    let (mut rolling, mut counted, mut bytes) = (hash(FNV, request.model.as_bytes()), 0, 0);
    for (role, text) in &request.messages {
        rolling = hash(rolling, role.as_bytes());
        let mut rest = text.as_str();
        while bytes / INTERVAL != (bytes + rest.len()) / INTERVAL {
            let cut = rest.ceil_char_boundary(INTERVAL - bytes % INTERVAL);
            let (before, after) = rest.split_at(cut);
            rolling = hash(rolling, before.as_bytes());
            counted += tokens(before);
            bytes += before.len();
            boundaries.push(Boundary { hash: rolling, tokens: counted, at_once: true });
            rest = after;
        }
        rolling = hash(rolling, rest.as_bytes());
        counted += tokens(rest) + 4;
        bytes += rest.len();
        boundaries.push(Boundary { hash: rolling, tokens: counted, at_once: false });
    }
    if let Some(last) = boundaries.last_mut() {
        last.at_once = true;
    }
    boundaries
}

const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start ^ 0xff, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(user: &str, texts: &[&str]) -> ChatRequest {
        ChatRequest {
            model: "deepseek-flash".into(),
            messages: texts.iter().map(|text| ("user".to_owned(), (*text).to_owned())).collect(),
            thinking: false,
            max_tokens: 100,
            json: false,
            stream: false,
            stream_usage: false,
            user_id: user.into(),
        }
    }

    #[test]
    fn the_same_prompt_again_is_a_whole_hit() {
        let cache = Cache::default();
        let (hit, miss) = cache.charge(&request("h", &["rules", "facts"]));
        assert_eq!(hit, 0);

        assert_eq!(cache.charge(&request("h", &["rules", "facts"])), (miss, 0));
        assert_eq!(cache.charge(&request("other", &["rules", "facts"])), (0, miss), "users share nothing");
    }

    #[test]
    fn a_common_prefix_hits_from_the_third_request_on() {
        let cache = Cache::default();
        let hits: Vec<u64> =
            ["one", "two", "three"].iter().map(|last| cache.charge(&request("h", &["rules", last])).0).collect();

        assert_eq!(hits[..2], [0, 0]);
        assert_eq!(hits[2], tokens("rules") + 4);
    }

    #[test]
    fn a_long_input_is_stored_in_steps() {
        let cache = Cache::default();
        let long = "x".repeat(INTERVAL);
        cache.charge(&request("h", &[&format!("{long} first question")]));

        let (hit, _) = cache.charge(&request("h", &[&format!("{long} second question")]));

        assert_eq!(hit, tokens(&long));
    }

    #[test]
    fn tokens_follow_the_published_estimate() {
        assert_eq!(tokens(&"a".repeat(100)), 30);
        assert_eq!(tokens(&"中".repeat(100)), 60);
    }
}
