//! A trigger may be freer than the policy only if somebody says why.

use super::super::policy::loosened;
use super::Look;
use crate::config::fields::Collector;

/// Looks at every trigger with a policy of its own.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    for trigger in look.set.triggers.values().filter(|trigger| trigger.because.is_none()) {
        for field in loosened(&trigger.policy, &look.set.policy) {
            let span = look.span(&["triggers", trigger.id.as_str(), "policy", field]);
            let fix = "add `because: \"…\"`, so that the next reader knows why, or leave it out";
            c.error::<()>(span, format!("`{field}` is freer than the policy of the file"), fix);
        }
    }
}
