//! What can be done to a running sandbox from inside the process; the control interface does the same over HTTP.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::deepseek::{self, DeepSeek};
use super::green::faults::Fault;
use super::green::guest::Action;
use super::green::journal::Message;
use super::green::phase::Phase;
use super::green::settings::Settings;
use super::green::{Green, Instance, PushRecord};
use super::records::{Filter, Record};
use super::switches::Switch;

/// An instance as a test wants it. Absent fields stay as they are, or as a new instance has them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declare {
    /// `idInstance`.
    pub id: u64,
    /// `apiTokenInstance`.
    pub token: Option<String>,
    /// The linked number, `…@c.us`.
    pub wid: Option<String>,
    /// `stateInstance`, set without a notification.
    pub state: Option<String>,
    /// Starts from a new instance's settings, everything off, instead of everything on.
    pub fresh: bool,
    /// Settings in force at once, without a reboot; here `delaySendMessagesMilliseconds` may be 0.
    pub settings: Map<String, Value>,
    /// The gap between sends, in emulated milliseconds, whatever the settings say.
    pub send_delay_ms: Option<u64>,
    /// How long a reboot takes, in emulated milliseconds.
    pub restart_ms: Option<u64>,
    /// How late the journals are, in emulated milliseconds.
    pub journal_lag_ms: Option<u64>,
    /// From `sent` to `delivered`, in emulated milliseconds.
    pub delivered_after_ms: Option<u64>,
    /// From `sent` to `read`, in emulated milliseconds.
    pub read_after_ms: Option<u64>,
    /// Guests never read.
    pub never_read: bool,
    /// The gap between two pushes, in emulated milliseconds.
    pub push_spacing_ms: Option<u64>,
    /// How long queues are kept, in real milliseconds.
    pub retention_ms: Option<u64>,
    /// Chats that have no WhatsApp account.
    pub without_account: Option<Vec<String>>,
}

impl Declare {
    /// An instance with a token, everything else as usual.
    #[must_use]
    pub fn new(id: u64, token: &str) -> Self {
        Self { id, token: Some(token.to_owned()), ..Self::default() }
    }

    /// The same, pushing to a webhook.
    #[must_use]
    pub fn webhook(mut self, url: &str, token: &str) -> Self {
        self.settings.insert("webhookUrl".into(), url.into());
        self.settings.insert("webhookUrlToken".into(), token.into());
        self
    }
}

/// A sandbox, to be told what happens and asked what happened.
#[derive(Debug, Clone)]
pub struct Handle {
    green: Arc<Green>,
    deepseek: Arc<DeepSeek>,
}

impl Handle {
    pub(super) fn new(green: Arc<Green>, deepseek: Arc<DeepSeek>) -> Self {
        Self { green, deepseek }
    }

    /// The emulated Green API.
    #[must_use]
    pub fn green(&self) -> &Arc<Green> {
        &self.green
    }

    /// The emulated DeepSeek.
    #[must_use]
    pub fn deepseek(&self) -> &Arc<DeepSeek> {
        &self.deepseek
    }

    /// Creates an instance or changes one.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the declaration; nothing is changed then.
    pub fn declare(&self, declared: Declare) -> Result<Arc<Instance>, String> {
        let phase = declared.state.as_deref().map(phase).transpose()?;
        let known = self.green.find(declared.id);
        let mut settings = match &known {
            Some(instance) if !declared.fresh => instance.peek().active.clone(),
            _ if declared.fresh => Settings::fresh(),
            _ => Settings::prepared(),
        };
        if !declared.settings.is_empty() {
            settings.change(&declared.settings, false)?;
        }
        let token = declared.token.clone().unwrap_or_default();
        let instance = self.green.find_or_create(declared.id, &token);
        instance.change(self.green.clock.now(), |state| {
            state.saved = settings.clone();
            state.active = settings;
            if let Some(token) = declared.token {
                state.token = token;
            }
            if let Some(wid) = declared.wid {
                state.wid = wid;
            }
            if let Some(phase) = phase {
                state.phase = phase;
            }
            if let Some(without_account) = declared.without_account {
                state.without_account = without_account;
            }
            let ms = |wanted: Option<u64>, time: &mut Duration| {
                if let Some(ms) = wanted {
                    *time = Duration::from_millis(ms);
                }
            };
            let timing = &mut state.timing;
            ms(declared.restart_ms, &mut timing.restart);
            ms(declared.journal_lag_ms, &mut timing.journal_lag);
            ms(declared.delivered_after_ms, &mut timing.delivered_after);
            ms(declared.push_spacing_ms, &mut timing.push_spacing);
            ms(declared.retention_ms, &mut timing.retention);
            timing.send_delay = declared.send_delay_ms.map(Duration::from_millis).or(timing.send_delay);
            timing.read_after = declared.read_after_ms.map(Duration::from_millis).or(timing.read_after);
            if declared.never_read {
                timing.read_after = None;
            }
        });
        Ok(instance)
    }

    /// An instance that exists.
    ///
    /// # Errors
    /// A sentence naming the id if it does not.
    pub fn instance(&self, id: u64) -> Result<Arc<Instance>, String> {
        self.green.find(id).ok_or_else(|| format!("there is no instance {id}: declare it, or call it once"))
    }

    /// A guest does something on the phone; the answer is the message's id.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the action, or that there is no such instance.
    pub fn guest(&self, id: u64, action: &Action) -> Result<String, String> {
        let (now, seq) = (self.green.clock.now(), self.green.next_seq());
        self.instance(id)?.change(now, |state| state.guest(action, seq, now))
    }

    /// The staff writes from the hotel's phone; the answer is the message's id.
    ///
    /// # Errors
    /// As for [`Handle::guest`].
    pub fn staff(&self, id: u64, action: &Action) -> Result<String, String> {
        let (now, seq) = (self.green.clock.now(), self.green.next_seq());
        self.instance(id)?.change(now, |state| state.staff(action, seq, now))
    }

    /// Puts a notification into the queue exactly as given.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn inject(&self, id: u64, body: Map<String, Value>) -> Result<(), String> {
        let (now, seq) = (self.green.clock.now(), self.green.next_seq());
        self.instance(id)?.change(now, |state| state.inject(body, seq, now));
        Ok(())
    }

    /// Changes the state of an instance, notified or not.
    ///
    /// # Errors
    /// If there is no such instance or state.
    pub fn set_state(&self, id: u64, state: &str, notified: bool) -> Result<(), String> {
        let (now, phase) = (self.green.clock.now(), phase(state)?);
        self.instance(id)?.change(now, |state| state.change_phase(phase, notified, now));
        Ok(())
    }

    /// Switches a fault on at an instance.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn switch(&self, id: u64, switch: Switch<Fault>) -> Result<(), String> {
        self.instance(id)?.change(self.green.clock.now(), |state| state.switches.add(switch));
        Ok(())
    }

    /// Switches all faults of an instance off; a stuck queue moves again.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn clear_switches(&self, id: u64) -> Result<(), String> {
        self.instance(id)?.change(self.green.clock.now(), |state| state.switches.clear());
        Ok(())
    }

    /// The vendor sends an old message once more; the answer is the copy's id.
    ///
    /// # Errors
    /// If there is no such instance or message.
    pub fn resend(&self, id: u64, id_message: &str) -> Result<String, String> {
        let now = self.green.clock.now();
        let again = self.instance(id)?.change(now, |state| state.resend(id_message, now));
        again.ok_or_else(|| format!("instance {id} has no message `{id_message}`"))
    }

    /// Everything accepted through the API, in the order of acceptance.
    #[must_use]
    pub fn sent(&self, filter: &Filter) -> Vec<Record> {
        self.records(filter, |message| message.by_api && message.seq > 0)
    }

    /// Everything that came from phones, in the order it came.
    #[must_use]
    pub fn received(&self, filter: &Filter) -> Vec<Record> {
        self.records(filter, |message| !message.by_api)
    }

    fn records(&self, filter: &Filter, of: impl Fn(&Message) -> bool + Copy) -> Vec<Record> {
        let instances = self.green.all();
        let wanted = instances.iter().filter(|instance| filter.wants(instance));
        let mut records: Vec<_> = wanted.flat_map(|instance| filter.records(instance, of)).collect();
        records.sort_by_key(|record| record.seq);
        records.truncate(filter.limit.unwrap_or(usize::MAX));
        records
    }

    /// Waits until so many sends that the filter admits have been accepted; says how many there are, fewer only when
    /// the time (real) is over.
    pub async fn wait_sent(&self, filter: &Filter, count: usize, patience: Duration) -> usize {
        let deadline = Instant::now() + patience;
        loop {
            let accepted = self.green.accepted.notified();
            tokio::pin!(accepted);
            accepted.as_mut().enable();
            let there = self.count_sent(filter);
            if there >= count {
                return there;
            }
            tokio::select! {
                () = accepted => {}
                () = tokio::time::sleep_until(deadline) => return there,
            }
        }
    }

    /// How many sends that the filter admits have been accepted.
    #[must_use]
    pub fn count_sent(&self, filter: &Filter) -> usize {
        if filter.is_everything() {
            return usize::try_from(self.green.accepted_count()).unwrap_or(usize::MAX);
        }
        let instances = self.green.all();
        let wanted = instances.iter().filter(|instance| filter.wants(instance));
        wanted.map(|instance| filter.count(instance, |message| message.by_api && message.seq > 0)).sum()
    }

    /// All pushes of an instance's notifications.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn pushes(&self, id: u64) -> Result<Vec<PushRecord>, String> {
        Ok(self.instance(id)?.pushes())
    }

    /// Switches a fault of the model on.
    pub fn switch_model(&self, switch: Switch<deepseek::faults::Fault>) {
        self.deepseek.switch(switch);
    }

    /// The bodies of all requests to the model that are still kept, oldest first.
    #[must_use]
    pub fn model_requests(&self) -> Vec<Value> {
        let bodies = self.deepseek.requests();
        bodies.iter().map(|body| serde_json::from_slice(body).unwrap_or(Value::Null)).collect()
    }
}

fn phase(state: &str) -> Result<Phase, String> {
    Phase::parse(state).ok_or_else(|| format!("`{state}` is no state of an instance"))
}
