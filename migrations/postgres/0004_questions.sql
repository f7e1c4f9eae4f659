-- Questions put to guests, each with the words the guest saw. A row is written together with its message, so a question
-- that was asked is never forgotten and one that was not asked never waits.
CREATE TABLE questions (
  hotel_id       TEXT NOT NULL,
  asked_id       TEXT NOT NULL,
  chat_id        TEXT NOT NULL,
  message_id     TEXT NOT NULL,       -- the message that asks it
  question       TEXT NOT NULL,       -- its id in the trigger files
  definition     TEXT NOT NULL,       -- as it was asked, with what its answers lead to
  language       TEXT NOT NULL,
  trigger_id     TEXT,                -- what began it; a question asked by `then` carries it on
  touchpoint_id  TEXT,
  reservation_id TEXT,
  after_asked_id TEXT,                -- the question whose answer asked it
  asked_at       BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  remind_at      BIGINT,              -- when to ask once more; null: not, or done
  reminded_at    BIGINT,
  repeated_at    BIGINT,
  state          TEXT NOT NULL CHECK (state IN ('open', 'answered', 'expired', 'replaced', 'closed')),
  answer         TEXT,
  score          BIGINT,
  how            TEXT,
  tags           TEXT,                -- what the answer puts on the reservation: a list, and fields by key
  fields         TEXT,
  answered_at    BIGINT,
  answered_by    TEXT,                -- the guest's message
  PRIMARY KEY (asked_id, hotel_id),
  FOREIGN KEY (hotel_id, chat_id) REFERENCES chats (hotel_id, chat_id),
  FOREIGN KEY (hotel_id, message_id) REFERENCES messages (hotel_id, message_id)
);
-- One touchpoint asks each question at most once, whatever dies in between.
CREATE UNIQUE INDEX questions_once ON questions (touchpoint_id, question, hotel_id) WHERE touchpoint_id IS NOT NULL;
CREATE INDEX questions_chat ON questions (chat_id, expires_at);
CREATE INDEX questions_message ON questions (message_id);
CREATE INDEX questions_expiry ON questions (expires_at) WHERE state = 'open';
CREATE INDEX questions_remind ON questions (remind_at, asked_id) WHERE state = 'open' AND remind_at IS NOT NULL;
CREATE INDEX questions_reservation ON questions (reservation_id, answered_at) WHERE reservation_id IS NOT NULL;
-- Answers to be tapped, for a channel that can show them; the text beside it is the same as a list.
ALTER TABLE outbox ADD COLUMN choices TEXT;
