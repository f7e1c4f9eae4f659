-- The polls and buttons that the channel failed to send, by its id of them: evidence may still come that they left.
CREATE INDEX outbox_refused ON outbox (refused_id) WHERE refused_id IS NOT NULL;
