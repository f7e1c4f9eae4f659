-- Hotels of which stays are still to be planned anew, because their triggers or the hotel itself are others now. The
-- change is one write; what follows from it for a hundred thousand stays is many, and nobody waits for long.
CREATE TABLE replans (
  hotel_id  TEXT PRIMARY KEY REFERENCES hotels (hotel_id),
  done_to   TEXT NOT NULL,          -- stays up to this id are done
  worked_at BIGINT NOT NULL         -- when somebody last worked on it
);
