-- Alarming messages whose alert was raised before their turn was decided: the turn counts them no second time. A row lives until
-- its turn is committed.
CREATE TABLE early_alarms (
  hotel_id TEXT NOT NULL,
  inbox_id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  counted  BIGINT NOT NULL,  -- 1: it is among the alert's evidence already, for its turn
  PRIMARY KEY (inbox_id, hotel_id),
  FOREIGN KEY (hotel_id, inbox_id) REFERENCES inbox (hotel_id, inbox_id) ON DELETE CASCADE,
  FOREIGN KEY (hotel_id, alert_id) REFERENCES alerts (hotel_id, alert_id) ON DELETE CASCADE
);
CREATE INDEX early_alarms_alert ON early_alarms (alert_id);
