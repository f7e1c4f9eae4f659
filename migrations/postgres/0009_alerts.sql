-- Whom a person must look after, and who was told of it.

-- What was counted of each hotel's alerts since its first: the numbers only rise, also when old alerts are forgotten.
-- Whoever changes a hotel's alerts changes this row first, so that nobody else does at the same time.
CREATE TABLE alert_counts (
  hotel_id     TEXT PRIMARY KEY REFERENCES hotels (hotel_id),
  raised       BIGINT NOT NULL DEFAULT 0,   -- also the last number given
  acknowledged BIGINT NOT NULL DEFAULT 0,
  resolved     BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE alerts (
  hotel_id         TEXT NOT NULL,
  alert_id         TEXT NOT NULL,
  number           BIGINT NOT NULL,         -- what people type; counted within the hotel
  chat_id          TEXT NOT NULL,
  topic            TEXT NOT NULL CHECK (topic IN ('room', 'cleanliness', 'noise', 'temperature', 'water', 'internet',
                                                  'food', 'staff', 'billing', 'safety', 'health', 'theft', 'booking',
                                                  'other')),
  severity         TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  label            TEXT NOT NULL CHECK (label IN ('negative', 'requires_attention')),
  confidence       DOUBLE PRECISION,
  reason           TEXT,                    -- why a person must look, if it was read
  state            TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
  level            BIGINT NOT NULL DEFAULT 0,   -- how often it went up the ladder
  evidence         BIGINT NOT NULL,         -- turns that it rests on
  words            TEXT NOT NULL,           -- the guest's own, of the turn that made it as severe as it is
  language         TEXT,
  phase            TEXT NOT NULL CHECK (phase IN ('in_house', 'arriving', 'departed', 'unknown')),
  reservation_id   TEXT,
  department       TEXT,
  suggested_reply  TEXT,
  raised_at        BIGINT NOT NULL,
  next_at          BIGINT,                  -- when the ladder looks at it; null: never again
  acknowledged_at  BIGINT,
  acknowledged_by  TEXT,
  acknowledged_how TEXT,
  resolved_at      BIGINT,
  resolved_by      TEXT,
  resolved_how     TEXT,
  updated_at       BIGINT NOT NULL,
  PRIMARY KEY (alert_id, hotel_id),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id),
  FOREIGN KEY (hotel_id, reservation_id) REFERENCES reservations (hotel_id, reservation_id)
);
-- One matter of one guest is one alert until it is resolved, however often it is said.
CREATE UNIQUE INDEX alerts_one_open ON alerts (chat_id, topic, hotel_id) WHERE state <> 'resolved';
CREATE UNIQUE INDEX alerts_number ON alerts (number, hotel_id);
CREATE INDEX alerts_chat ON alerts (chat_id, raised_at);
CREATE INDEX alerts_open ON alerts (raised_at, alert_id) WHERE state <> 'resolved';
CREATE INDEX alerts_due ON alerts (next_at, alert_id) WHERE next_at IS NOT NULL;
CREATE INDEX alerts_updated ON alerts (updated_at, alert_id);

-- What an alert rests on. A turn adds to it once.
CREATE TABLE alert_evidence (
  hotel_id   TEXT NOT NULL,
  alert_id   TEXT NOT NULL,
  turn_id    TEXT NOT NULL,
  at         BIGINT NOT NULL,
  words      TEXT NOT NULL,
  label      TEXT NOT NULL CHECK (label IN ('negative', 'requires_attention')),
  confidence DOUBLE PRECISION,
  PRIMARY KEY (alert_id, turn_id, hotel_id),
  FOREIGN KEY (hotel_id, alert_id) REFERENCES alerts (hotel_id, alert_id)
);

-- Who is told of what, and whether it arrived. Without an alert it is a digest. `intent` makes every reason to tell
-- somebody at most one notice, ever.
CREATE TABLE notices (
  hotel_id     TEXT NOT NULL REFERENCES hotels (hotel_id),
  notice_id    TEXT NOT NULL,
  alert_id     TEXT,
  intent       TEXT NOT NULL,
  contact      TEXT NOT NULL,               -- the contact's id in the hotel's file
  channel      TEXT NOT NULL CHECK (channel IN ('whatsapp', 'telegram', 'email', 'webhook')),
  state        TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'accepted', 'confirmed', 'failed')),
  attempt      BIGINT NOT NULL DEFAULT 0,
  due_at       BIGINT NOT NULL,
  sending_by   TEXT,
  sending_at   BIGINT,
  accepted_at  BIGINT,
  confirmed_at BIGINT,
  error        TEXT,
  outbox_id    TEXT,                        -- the message that carries it, if one of ours does
  provider_id  TEXT,                        -- the channel's id of it, by which an answer that quotes it is known
  text         TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (notice_id, hotel_id),
  FOREIGN KEY (hotel_id, alert_id) REFERENCES alerts (hotel_id, alert_id)
);
CREATE UNIQUE INDEX notices_intent ON notices (intent, hotel_id);
CREATE INDEX notices_alert ON notices (alert_id, created_at) WHERE alert_id IS NOT NULL;
CREATE INDEX notices_due ON notices (due_at, notice_id) WHERE state = 'planned';
CREATE INDEX notices_unconfirmed ON notices (sending_at, notice_id) WHERE state IN ('sending', 'accepted');
CREATE INDEX notices_outbox ON notices (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX notices_provider ON notices (provider_id) WHERE provider_id IS NOT NULL;
