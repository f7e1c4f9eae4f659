-- Every row belongs to a hotel, and every reference carries the hotel with it: a reference to another hotel's
-- row cannot be stored. In keys the id comes before the hotel: ids rise with time, so what is new lies together, and a
-- commit touches few pages however many hotels it is for. Instants are microseconds since 1970 (UTC); ids are UUIDv7 as text; documents are JSON text.

CREATE TABLE hotels (
  hotel_id      TEXT PRIMARY KEY,
  instance      TEXT NOT NULL,
  definition    TEXT NOT NULL,
  revision      BIGINT NOT NULL,
  applied_at    BIGINT NOT NULL,
  retired_at    BIGINT,
  paused_at     BIGINT,
  paused_reason TEXT,
  line_state    TEXT,               -- what the channel said last about the instance
  line_state_at BIGINT,
  line_since    BIGINT,             -- since when it has been in that state
  line_problem  TEXT,               -- why it could not be asked, or why sending is stopped
  next_send_at  BIGINT NOT NULL DEFAULT 0
);
-- One WhatsApp number never serves two hotels at once.
CREATE UNIQUE INDEX hotels_instance ON hotels (instance) WHERE retired_at IS NULL;

CREATE TABLE revisions (
  hotel_id   TEXT NOT NULL REFERENCES hotels (hotel_id),
  revision   BIGINT NOT NULL,
  change     TEXT NOT NULL,
  definition TEXT NOT NULL,
  applied_at BIGINT NOT NULL,
  applied_by TEXT NOT NULL,
  PRIMARY KEY (hotel_id, revision)
);

-- No foreign key: a secret may be stored before its hotel is in force.
CREATE TABLE secrets (
  hotel_id TEXT NOT NULL,
  name     TEXT NOT NULL,
  key_id   TEXT NOT NULL,
  nonce    TEXT NOT NULL,
  sealed   TEXT NOT NULL,
  set_at   BIGINT NOT NULL,
  PRIMARY KEY (hotel_id, name)
);

CREATE TABLE guests (
  hotel_id   TEXT NOT NULL REFERENCES hotels (hotel_id),
  guest_id   TEXT NOT NULL,
  name       TEXT,
  language   TEXT,
  consent    TEXT NOT NULL DEFAULT 'unknown' CHECK (consent IN ('unknown', 'opted_in', 'opted_out')),
  consent_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (guest_id, hotel_id)
);

CREATE TABLE chats (
  hotel_id      TEXT NOT NULL,
  chat_id       TEXT NOT NULL,
  guest_id      TEXT NOT NULL,
  address       TEXT NOT NULL,
  mode          TEXT NOT NULL DEFAULT 'bot' CHECK (mode IN ('bot', 'handoff')),
  mode_since    BIGINT,
  mode_until    BIGINT,
  mode_why      TEXT,
  waiting_since BIGINT,
  created_at    BIGINT NOT NULL,
  last_at       BIGINT NOT NULL,
  due_at        BIGINT,             -- when what waits in this chat may be taken; null: nothing waits
  burst_from    BIGINT,             -- when the first message of the present burst came
  lease_by      TEXT,
  lease_until   BIGINT,
  epoch         BIGINT NOT NULL DEFAULT 0,  -- counts the takers; a commit of an earlier taker is refused
  reruns        BIGINT NOT NULL DEFAULT 0,  -- how often the present turn was decided anew because more came
  PRIMARY KEY (chat_id, hotel_id),
  FOREIGN KEY (hotel_id, guest_id) REFERENCES guests (hotel_id, guest_id)
);
CREATE UNIQUE INDEX chats_address ON chats (hotel_id, address);
CREATE INDEX chats_due ON chats (due_at, chat_id) WHERE due_at IS NOT NULL;
CREATE INDEX chats_lease ON chats (lease_by) WHERE lease_by IS NOT NULL;
CREATE INDEX chats_waiting ON chats (waiting_since) WHERE waiting_since IS NOT NULL;

-- One person may be reached under several addresses (`…@c.us`, `…@lid`).
CREATE TABLE aliases (
  hotel_id TEXT NOT NULL,
  address  TEXT NOT NULL,
  chat_id  TEXT NOT NULL,
  PRIMARY KEY (hotel_id, address),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id)
);
CREATE INDEX aliases_chat ON aliases (chat_id);

-- What came in, as it came. `seq` is the order of receipt and the only order that counts.
CREATE TABLE inbox (
  seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hotel_id    TEXT NOT NULL REFERENCES hotels (hotel_id),
  inbox_id    TEXT NOT NULL,
  event_key   TEXT NOT NULL,
  kind        TEXT NOT NULL,
  chat_id     TEXT,
  state       TEXT NOT NULL CHECK (state IN ('available', 'completed', 'quarantined', 'failed', 'discarded')),
  received_at BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  event       TEXT NOT NULL,
  raw         TEXT NOT NULL,
  note        TEXT,
  attempts    BIGINT NOT NULL DEFAULT 0,
  turn_id     TEXT,
  done_at     BIGINT,
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id)
);
CREATE UNIQUE INDEX inbox_id ON inbox (inbox_id, hotel_id);
-- The same event twice is one row, however many times and in parallel it is delivered.
CREATE UNIQUE INDEX inbox_once ON inbox (event_key, hotel_id);
CREATE INDEX inbox_chat_waiting ON inbox (chat_id, seq) WHERE state = 'available' AND chat_id IS NOT NULL;
CREATE INDEX inbox_events_waiting ON inbox (due_at, seq) WHERE state = 'available' AND chat_id IS NULL;
CREATE INDEX inbox_bad ON inbox (hotel_id, seq) WHERE state IN ('quarantined', 'failed');

CREATE TABLE turns (
  hotel_id      TEXT NOT NULL,
  turn_id       TEXT NOT NULL,
  chat_id       TEXT NOT NULL,
  at            BIGINT NOT NULL,
  rule          TEXT NOT NULL,
  reasons       TEXT NOT NULL,
  understanding TEXT,
  why_not       TEXT,
  prompt        TEXT,
  model         TEXT,
  calls         BIGINT NOT NULL DEFAULT 0,
  hit_tokens    BIGINT NOT NULL DEFAULT 0,
  miss_tokens   BIGINT NOT NULL DEFAULT 0,
  output_tokens BIGINT NOT NULL DEFAULT 0,
  cost_micro_usd BIGINT NOT NULL DEFAULT 0,
  latency_ms    BIGINT NOT NULL DEFAULT 0,
  detail        TEXT,
  PRIMARY KEY (turn_id, hotel_id),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id)
);
CREATE INDEX turns_chat ON turns (chat_id, at);
CREATE INDEX turns_at ON turns (at);

CREATE TABLE messages (
  hotel_id    TEXT NOT NULL,
  message_id  TEXT NOT NULL,
  chat_id     TEXT NOT NULL,
  turn_id     TEXT,
  provider_id TEXT,
  direction   TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  author      TEXT NOT NULL CHECK (author IN ('guest', 'bot', 'staff')),
  origin      TEXT NOT NULL,
  text        TEXT NOT NULL,
  quotes      TEXT,
  at          BIGINT NOT NULL,
  language    TEXT,
  sentiment   TEXT,
  confidence  DOUBLE PRECISION,
  PRIMARY KEY (message_id, hotel_id),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id)
);
CREATE INDEX messages_chat ON messages (chat_id, at, message_id);
CREATE INDEX messages_at ON messages (at, message_id);
CREATE INDEX messages_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- What goes out. `intent` makes every reason to write at most one message, ever.
CREATE TABLE outbox (
  hotel_id    TEXT NOT NULL,
  outbox_id   TEXT NOT NULL,
  chat_id     TEXT NOT NULL,
  message_id  TEXT NOT NULL,
  intent      TEXT NOT NULL,
  address     TEXT NOT NULL,
  text        TEXT NOT NULL,
  quotes      TEXT,
  author      TEXT NOT NULL,
  origin      TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'accepted', 'sent', 'delivered', 'read',
                                             'refused', 'unknown', 'cancelled')),
  rank        BIGINT NOT NULL,      -- height on the delivery ladder, so that a status is one comparison
  due_at      BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  attempts    BIGINT NOT NULL DEFAULT 0,
  retried     BIGINT NOT NULL DEFAULT 0,  -- retries after the channel left the end open: never more than one
  sending_by  TEXT,
  sending_at  BIGINT,
  sweeps      BIGINT NOT NULL DEFAULT 0,  -- looks at the channel's journals that found nothing
  swept_at    BIGINT,
  provider_id TEXT,
  accepted_at BIGINT,
  note        TEXT,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (outbox_id, hotel_id),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id),
  FOREIGN KEY (hotel_id, message_id) REFERENCES messages (hotel_id, message_id)
);
CREATE UNIQUE INDEX outbox_intent ON outbox (intent, hotel_id);
CREATE INDEX outbox_message ON outbox (message_id);
CREATE INDEX outbox_due ON outbox (due_at, outbox_id) WHERE state = 'planned';
CREATE INDEX outbox_chat_open ON outbox (chat_id, outbox_id) WHERE state IN ('planned', 'sending', 'unknown');
-- Never two messages of one chat on the way at once.
CREATE UNIQUE INDEX outbox_one_sending ON outbox (chat_id, hotel_id) WHERE state = 'sending';
CREATE INDEX outbox_uncertain ON outbox (sending_at) WHERE state IN ('sending', 'unknown');
CREATE INDEX outbox_provider ON outbox (provider_id) WHERE provider_id IS NOT NULL;
