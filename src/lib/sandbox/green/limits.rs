//! Green API's rate limits: calls per second, per instance and method.

use std::collections::HashMap;
use std::time::Duration;

use crate::sandbox::clock::Moment;

/// Calls per second that the vendor publishes; `None` for a method it does not list.
fn per_second(method: &str) -> Option<f64> {
    Some(match method {
        "setProfilePicture" => 0.1,
        "getSettings"
        | "setSettings"
        | "getStateInstance"
        | "getStatusInstance"
        | "reboot"
        | "logout"
        | "getWaSettings"
        | "getChatHistory"
        | "lastIncomingMessages"
        | "lastOutgoingMessages"
        | "createGroup"
        | "updateGroupName"
        | "getGroupData"
        | "setGroupPicture"
        | "getContacts"
        | "getContactInfo"
        | "editMessage"
        | "setDisappearingChat"
        | "clearMessagesQueue"
        | "showMessagesQueue"
        | "getMessagesCount"
        | "getWebhooksCount"
        | "clearWebhooksQueue"
        | "getIncomingStatuses"
        | "getOutgoingStatuses"
        | "getStatusStatistic"
        | "getDeviceInfo"
        | "scanQrCode" => 1.0,
        "qr" => 3.0,
        "downloadFile" | "sendTextStatus" | "sendVoiceStatus" | "sendMediaStatus" => 5.0,
        "getMessage"
        | "readChat"
        | "checkWhatsapp"
        | "getAvatar"
        | "deleteMessage"
        | "archiveChat"
        | "unarchiveChat"
        | "addGroupParticipant"
        | "removeGroupParticipant"
        | "setGroupAdmin"
        | "removeAdmin"
        | "leaveGroup"
        | "deleteStatus" => 10.0,
        // The interactive buttons are not listed; they are taken to be like the other sends.
        "sendMessage"
        | "sendPoll"
        | "sendFileByUrl"
        | "sendFileByUpload"
        | "sendLocation"
        | "sendContact"
        | "forwardMessages"
        | "sendButtons"
        | "sendInteractiveButtons"
        | "sendInteractiveButtonsReply" => 50.0,
        "receiveNotification" | "deleteNotification" => 100.0,
        _ => return None,
    })
}

/// What one instance has used of its limits.
#[derive(Debug, Default)]
pub struct Limits {
    /// Per method, the moment up to which its allowance is spent.
    spent: HashMap<&'static str, Moment>,
}

impl Limits {
    /// Whether one more call is within the limit; counts it if so.
    pub fn admit(&mut self, method: &'static str, now: Moment) -> bool {
        let Some(rate) = per_second(method) else { return true };
        let each = Duration::from_secs_f64(1.0 / rate);
        let spent = self.spent.entry(method).or_default();
        let starts = (*spent).max(now);
        // A whole second's allowance may be used in one burst.
        if starts.since(now) + each > Duration::from_secs_f64((1.0 / rate).max(1.0)) {
            return false;
        }
        *spent = starts.plus(each);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(ms))
    }

    #[test]
    fn one_a_second_refuses_the_second_call_until_a_second_has_passed() {
        let mut limits = Limits::default();

        assert!(limits.admit("getSettings", at(0)));
        assert!(!limits.admit("getSettings", at(900)));
        assert!(limits.admit("getSettings", at(1000)));
        assert!(limits.admit("getStateInstance", at(1000)), "each method has its own");
    }

    #[test]
    fn fifty_a_second_may_come_at_once_and_no_more() {
        let mut limits = Limits::default();

        let admitted = (0..60).filter(|_| limits.admit("sendMessage", at(5))).count();

        assert_eq!(admitted, 50);
        assert!(limits.admit("sendMessage", at(30)), "a fiftieth of a second later one more fits");
    }

    #[test]
    fn the_slowest_method_is_one_in_ten_seconds() {
        let mut limits = Limits::default();

        assert!(limits.admit("setProfilePicture", at(0)));
        assert!(!limits.admit("setProfilePicture", at(9_000)));
        assert!(limits.admit("setProfilePicture", at(10_000)));
    }
}
