-- The file that goes with a message, if one does: where it is, and whether the words are its caption.
ALTER TABLE outbox ADD COLUMN media TEXT;
-- Of a poll or buttons that the channel took and then failed to deliver: its id there. The row goes once more, as a list.
ALTER TABLE outbox ADD COLUMN refused_id TEXT;
