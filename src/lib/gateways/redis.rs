//! Bell and throttle across daemons, over Redis. Nothing here is a fact: Redis may be flushed, killed or frozen at any
//! moment, and then daemons wake a second later and each keeps the gap for itself.

use super::local::{LocalBell, LocalThrottle};
use crate::domain::ids::InstanceId;
use crate::ports::{Bell, Clock, Throttle, Topic, Unavailable};
use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind, Script, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// A send must not wait longer for a permission than for the vendor.
const PATIENCE: Duration = Duration::from_millis(200);
/// After a failure Redis is left alone this long, or every send would wait out its patience.
const LEAVE_ALONE: Duration = Duration::from_secs(2);
/// How often the subscription is made anew. The connection gives up after some failed attempts and tries again only
/// when it is asked for something.
const RENEW: Duration = Duration::from_secs(5);

/// One Redis for all daemons of an installation.
#[derive(Debug, Clone)]
pub struct Redis {
    client: Client,
    /// Installations that share a Redis do not hear each other.
    prefix: String,
}

impl Redis {
    /// Reads a `redis://` or `rediss://` URL. Connects to nothing yet: a Redis that is down now is no reason not to
    /// start.
    pub fn new(url: &str, prefix: &str) -> Result<Self, Unavailable> {
        // The error of a wrong URL must not repeat it: it holds the password.
        let unreadable = |_| Unavailable("the Redis URL is not one".to_owned());
        let info: ConnectionInfo = url.into_connection_info().map_err(unreadable)?;
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings)).map_err(unreadable)?;
        Ok(Self { client, prefix: prefix.to_owned() })
    }

    /// Whether Redis answers, for `doctor`; how long that took.
    pub async fn ping(&self) -> Result<Duration, Unavailable> {
        let mut manager = self.manager(ConnectionManagerConfig::new().set_number_of_retries(0))?;
        let ping = redis::cmd("PING");
        let begun = Instant::now();
        match timeout(LEAVE_ALONE, ping.exec_async(&mut manager)).await {
            Ok(Ok(())) => Ok(begun.elapsed()),
            Ok(Err(error)) => Err(Unavailable(format!("Redis does not answer: {}", error.category()))),
            Err(_) => Err(Unavailable(format!("Redis did not answer within {} s", LEAVE_ALONE.as_secs()))),
        }
    }

    fn manager(&self, config: ConnectionManagerConfig) -> Result<ConnectionManager, Unavailable> {
        let config = config
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(1)))
            .set_max_delay(Duration::from_secs(1))
            .set_number_of_retries(3);
        ConnectionManager::new_lazy_with_config(self.client.clone(), config)
            .map_err(|error| Unavailable(format!("the connection to Redis: {}", error.category())))
    }
}

/// Rings here at once, and in other daemons as soon as Redis carries it.
#[derive(Debug)]
pub struct RedisBell {
    local: Arc<LocalBell>,
    outbox: Arc<ToPublish>,
    /// Aborted when the bell is dropped.
    _tasks: JoinSet<()>,
}

/// The topics rung since the last publication: a thousand rings in a row are one message.
#[derive(Debug, Default)]
struct ToPublish {
    topics: [AtomicBool; Topic::ALL.len()],
    any: Notify,
}

impl RedisBell {
    /// Starts listening and publishing in the background. `clock` gives this daemon a name, by which it knows its own
    /// rings.
    pub fn start(redis: &Redis, clock: &dyn Clock) -> Result<Self, Unavailable> {
        let me = clock.new_id().to_string();
        let channel = format!("{}:bell", redis.prefix);
        let (pushes, heard) = unbounded_channel();
        let listening = ConnectionManagerConfig::new().set_push_sender(pushes).set_automatic_resubscription();
        let subscriber = redis.manager(listening)?;
        let publisher = redis.manager(ConnectionManagerConfig::new())?;
        let bell = Arc::new(LocalBell::default());
        let outbox = Arc::new(ToPublish::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(heard, bell.clone(), me.clone()));
        tasks.spawn(keep_subscribed(subscriber, channel.clone()));
        tasks.spawn(publish(publisher, outbox.clone(), channel, me));
        Ok(Self { local: bell, outbox, _tasks: tasks })
    }
}

#[async_trait]
impl Bell for RedisBell {
    fn ring(&self, topic: Topic) {
        self.local.ring(topic);
        self.outbox.topics[place(topic)].store(true, Ordering::Release);
        self.outbox.any.notify_one();
    }

    async fn wait(&self, topic: Topic, at_most: Duration) {
        self.local.wait(topic, at_most).await;
    }
}

fn place(topic: Topic) -> usize {
    Topic::ALL.iter().position(|known| *known == topic).expect("ALL lists every topic")
}

/// Tells the other daemons. What cannot be told is dropped: they look by themselves within a second.
async fn publish(mut manager: ConnectionManager, outbox: Arc<ToPublish>, channel: String, me: String) {
    loop {
        outbox.any.notified().await;
        for topic in Topic::ALL {
            if outbox.topics[place(topic)].swap(false, Ordering::AcqRel) {
                let message = format!("{me} {}", topic.as_str());
                let publish = redis::cmd("PUBLISH").arg(&channel).arg(message).to_owned();
                let _ = timeout(LEAVE_ALONE, publish.exec_async(&mut manager)).await;
            }
        }
    }
}

/// Subscribes, and keeps it so through restarts of Redis.
async fn keep_subscribed(mut manager: ConnectionManager, channel: String) {
    let mut tick = tokio::time::interval(RENEW);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let _ = timeout(RENEW, manager.subscribe(&channel)).await;
    }
}

/// Passes on what the other daemons rang.
async fn listen(mut pushes: UnboundedReceiver<PushInfo>, bell: Arc<LocalBell>, me: String) {
    while let Some(push) = pushes.recv().await {
        match push.kind {
            PushKind::Message => {
                if let Some(topic) = heard(&push.data, &me) {
                    bell.ring(topic);
                }
            }
            // What was rung while the line was down is lost, so everybody looks once it is up again.
            PushKind::Subscribe => Topic::ALL.iter().for_each(|topic| bell.ring(*topic)),
            _ => {}
        }
    }
}

/// The topic of a message from another daemon; a message of anybody else is not one of ours.
fn heard(data: &[Value], me: &str) -> Option<Topic> {
    let Some(Value::BulkString(message)) = data.last() else { return None };
    let (daemon, word) = std::str::from_utf8(message).ok()?.split_once(' ')?;
    if daemon == me {
        return None;
    }
    Topic::ALL.into_iter().find(|topic| topic.as_str() == word)
}

/// Keeps the gap of one instance among all daemons that send for it.
pub struct RedisThrottle {
    manager: ConnectionManager,
    script: Script,
    prefix: String,
    local: LocalThrottle,
    started: Instant,
    /// When Redis may be asked again, in milliseconds since `started`.
    ask_again_at: AtomicU64,
}

/// GCRA with a burst of one: the stored number is when the instance is free again, by the clock of Redis in
/// microseconds. Returns how long to wait, zero when the slot was taken.
const TAKE_SLOT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap = tonumber(ARGV[1])
local free_at = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if free_at > now and free_at <= now + gap then
  return free_at - now
end
redis.call('SET', KEYS[1], string.format('%.0f', now + gap), 'PX', math.ceil(gap / 1000) + 1)
return 0
";

impl RedisThrottle {
    /// Prepares it; connects at the first use.
    pub fn new(redis: &Redis) -> Result<Self, Unavailable> {
        Ok(Self {
            manager: redis.manager(ConnectionManagerConfig::new())?,
            script: Script::new(TAKE_SLOT),
            prefix: redis.prefix.clone(),
            local: LocalThrottle::default(),
            started: Instant::now(),
            ask_again_at: AtomicU64::new(0),
        })
    }

    /// Asks Redis; `None` when it does not answer properly in time.
    async fn ask(&self, instance: &InstanceId, gap: Duration) -> Option<Duration> {
        let elapsed = self.started.elapsed();
        if elapsed < Duration::from_millis(self.ask_again_at.load(Ordering::Acquire)) {
            return None;
        }
        let key = format!("{}:free_at:{instance}", self.prefix);
        let gap_micros = u64::try_from(gap.as_micros()).unwrap_or(u64::MAX / 2);
        let mut manager = self.manager.clone();
        let mut call = self.script.key(key);
        let asked = timeout(PATIENCE, call.arg(gap_micros).invoke_async::<u64>(&mut manager)).await;
        match asked {
            Ok(Ok(micros)) => Some(Duration::from_micros(micros).min(gap)),
            Ok(Err(_)) | Err(_) => {
                let again = u64::try_from((elapsed + LEAVE_ALONE).as_millis()).unwrap_or(u64::MAX);
                self.ask_again_at.store(again, Ordering::Release);
                None
            }
        }
    }
}

#[async_trait]
impl Throttle for RedisThrottle {
    async fn take(&self, instance: &InstanceId, gap: Duration) -> Duration {
        // This daemon's own last send is known here: no need to ask, and a flushed Redis cannot forget it.
        let own = self.local.wait_for(instance);
        if !own.is_zero() {
            return own;
        }
        match self.ask(instance, gap).await {
            Some(wait) => {
                if wait.is_zero() {
                    self.local.occupy(instance, gap);
                }
                wait
            }
            None => self.local.take(instance, gap).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_hears_others_and_not_itself_nor_strangers() {
        let heard_from = |text: &str| heard(&[Value::BulkString(text.as_bytes().to_vec())], "me");

        assert_eq!(heard_from("other inbox"), Some(Topic::Inbox));
        assert_eq!(heard_from("me inbox"), None);
        for text in ["", "inbox", "other lunch", "other  inbox"] {
            assert_eq!(heard_from(text), None, "{text}");
        }
        assert_eq!(heard(&[Value::BulkString(vec![0xff, b' ', 0xff])], "me"), None);
    }

    #[test]
    fn a_wrong_url_is_not_repeated() {
        let error = Redis::new("redis//user:s3cret@host", "t").unwrap_err();

        assert!(!error.to_string().contains("s3cret"));
    }
}
