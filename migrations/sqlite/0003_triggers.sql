-- What each hotel's triggers are, and every message they plan.

-- The triggers in force, base pack and the hotel's own file laid over each other. One document a hotel: the daemon
-- obeys this and never reads a file.
CREATE TABLE trigger_sets (
  hotel_id   TEXT PRIMARY KEY REFERENCES hotels (hotel_id),
  revision   BIGINT NOT NULL,
  definition TEXT NOT NULL,
  listens    BIGINT NOT NULL,   -- whether one of them goes by what guests say
  applied_at BIGINT NOT NULL
);

-- Every set that ever was in force. A revision is one apply, over all hotels it changed; a rollback is a new one.
CREATE TABLE trigger_revisions (
  hotel_id   TEXT NOT NULL REFERENCES hotels (hotel_id),
  revision   BIGINT NOT NULL,
  change     TEXT NOT NULL,
  definition TEXT NOT NULL,
  applied_at BIGINT NOT NULL,
  applied_by TEXT NOT NULL,
  PRIMARY KEY (hotel_id, revision)
);
CREATE INDEX trigger_revisions_newest ON trigger_revisions (revision);

-- One trigger for one reservation and one occurrence of its anchor. The key holds no time: a moved reservation moves
-- its row and never makes a second one.
CREATE TABLE touchpoints (
  hotel_id       TEXT NOT NULL,
  touchpoint_id  TEXT NOT NULL,
  reservation_id TEXT NOT NULL,
  trigger_id     TEXT NOT NULL,
  occurrence     TEXT NOT NULL,     -- empty for an anchor that happens once
  state          TEXT NOT NULL CHECK (state IN ('planned', 'draft', 'sent', 'skipped', 'cancelled')),
  reason         TEXT,              -- why it was passed over
  due_at         BIGINT NOT NULL,   -- after windows and quiet hours
  moment         BIGINT NOT NULL,   -- what the anchor gave
  look_at        BIGINT NOT NULL,   -- when it is looked at next: due_at, or later while it waits
  revision       BIGINT NOT NULL,   -- of the triggers it was last planned or judged by
  seen           TEXT,              -- what the last look saw, and the words it made
  planned_at     BIGINT NOT NULL,
  changed_at     BIGINT NOT NULL,
  sent_at        BIGINT,
  shadow         BIGINT NOT NULL DEFAULT 0,  -- recorded as sent, and not sent
  PRIMARY KEY (touchpoint_id, hotel_id),
  FOREIGN KEY (hotel_id, reservation_id) REFERENCES reservations (hotel_id, reservation_id)
);
CREATE UNIQUE INDEX touchpoints_key ON touchpoints (hotel_id, reservation_id, trigger_id, occurrence);
-- What is due is found by this alone, however many rows there are.
CREATE INDEX touchpoints_due ON touchpoints (look_at, touchpoint_id) WHERE state = 'planned';
CREATE INDEX touchpoints_changed ON touchpoints (changed_at);
