//! What the tests of reading notifications share.

use super::message::read;
use crate::domain::ids::{ChatAddress, ProviderMessageId};
use crate::domain::received::Body;
use serde_json::Value;

pub(super) const GUEST: &str = "79001234568@c.us";

/// What the guest's `messageData` is read as.
pub(super) fn body(data: Value) -> Body {
    read(&data, &[ChatAddress::from(GUEST)]).body
}

pub(super) fn found(id: &str) -> Option<ProviderMessageId> {
    Some(ProviderMessageId::from(id))
}
