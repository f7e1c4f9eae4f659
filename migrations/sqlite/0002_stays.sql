-- What the PMS told about a guest. `name` and `language` are what the guest showed and wrote; where the guest told
-- nothing, they are the PMS's. `phone` is E.164.
ALTER TABLE guests ADD COLUMN phone TEXT;
ALTER TABLE guests ADD COLUMN email TEXT;
ALTER TABLE guests ADD COLUMN country TEXT;
ALTER TABLE guests ADD COLUMN told_name TEXT;
ALTER TABLE guests ADD COLUMN told_language TEXT;
-- Two records of one person: this one is no longer used.
ALTER TABLE guests ADD COLUMN merged_into TEXT;
CREATE INDEX guests_phone ON guests (phone, hotel_id) WHERE phone IS NOT NULL;
CREATE INDEX chats_guest ON chats (guest_id, hotel_id);

-- What is promised. `booking` is what is believed, with what people set by hand; `told` is what the source told last,
-- null when it is the same. Days are in hotel time; instants follow from them and from the hotel's definition, and are
-- not kept.
CREATE TABLE reservations (
  hotel_id       TEXT NOT NULL REFERENCES hotels (hotel_id),
  reservation_id TEXT NOT NULL,
  guest_id       TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('tentative', 'confirmed', 'checked_in', 'checked_out', 'cancelled',
                                                 'no_show')),
  arrival        TEXT NOT NULL,
  departure      TEXT NOT NULL,
  room           TEXT,
  booking        TEXT NOT NULL,
  told           TEXT,
  history        TEXT NOT NULL,
  told_by        TEXT NOT NULL,
  as_of          BIGINT,             -- the source's own time of what it told; what is older is not taken
  synced_at      BIGINT NOT NULL,
  silent_before  BIGINT,
  PRIMARY KEY (hotel_id, reservation_id),
  FOREIGN KEY (hotel_id, guest_id) REFERENCES guests (hotel_id, guest_id)
);
CREATE INDEX reservations_guest ON reservations (guest_id, hotel_id);
CREATE INDEX reservations_arrival ON reservations (hotel_id, arrival, reservation_id);
CREATE INDEX reservations_departure ON reservations (hotel_id, departure, reservation_id);

-- Each time many reservations were told together. The first one of a hotel is silent about the past.
CREATE TABLE imports (
  hotel_id  TEXT NOT NULL REFERENCES hotels (hotel_id),
  import_id TEXT NOT NULL,
  at        BIGINT NOT NULL,
  told_by   TEXT NOT NULL,
  told      BIGINT NOT NULL,
  created   BIGINT NOT NULL,
  changed   BIGINT NOT NULL,
  PRIMARY KEY (import_id, hotel_id)
);
CREATE INDEX imports_hotel ON imports (hotel_id, at);
