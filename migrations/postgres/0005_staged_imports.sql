-- A file too long for one short transaction is staged in many, which nobody sees. One write then says that all of it
-- counts: its row in `imports`, which is open. It is told in parts, and each part takes its rows out of here in the
-- transaction that tells them. Whoever finds an open import goes on with it: all or nothing, and nobody waits for long.
CREATE TABLE staged (
  hotel_id       TEXT NOT NULL REFERENCES hotels (hotel_id),
  import_id      TEXT NOT NULL,
  reservation_id TEXT NOT NULL,
  told           TEXT NOT NULL,
  PRIMARY KEY (import_id, reservation_id, hotel_id)
);

ALTER TABLE imports ADD COLUMN open BIGINT NOT NULL DEFAULT 0;
-- Whether it is silent about the past.
ALTER TABLE imports ADD COLUMN first BIGINT NOT NULL DEFAULT 0;
-- When somebody last told a part of it.
ALTER TABLE imports ADD COLUMN worked_at BIGINT;
-- What the parts came to so far.
ALTER TABLE imports ADD COLUMN outcome TEXT;
CREATE INDEX imports_open ON imports (hotel_id, at, import_id) WHERE open = 1;
