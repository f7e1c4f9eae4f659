//! What a hotel's answers may rest on.

use super::ids::FactId;
use super::language::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing the hotel says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Such as `breakfast.hours`.
    pub id: FactId,
    /// What is so.
    pub value: FactValue,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Answered by a person, never guessed.
    Unknown,
    /// In the hotel's words, by language.
    Text(BTreeMap<Language, String>),
}
