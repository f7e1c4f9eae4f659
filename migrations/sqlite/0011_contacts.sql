-- Whom the bot wrote to first, and who answered: WhatsApp stops numbers that write to many who never wrote.
ALTER TABLE chats ADD COLUMN opened_at BIGINT;   -- when the first words to somebody who had not written were planned
ALTER TABLE chats ADD COLUMN written_at BIGINT;  -- when the guest's first message came
ALTER TABLE hotels ADD COLUMN line_ailed_at BIGINT;  -- when the number was last seen suspended or blocked
UPDATE chats SET
  written_at = (SELECT MIN(m.at) FROM messages m WHERE m.chat_id = chats.chat_id AND m.author = 'guest'),
  opened_at = (SELECT MIN(m.at) FROM messages m WHERE m.chat_id = chats.chat_id AND m.author = 'bot');
UPDATE chats SET opened_at = NULL WHERE written_at <= opened_at;
CREATE INDEX chats_opened ON chats (hotel_id, opened_at) WHERE opened_at IS NOT NULL;
