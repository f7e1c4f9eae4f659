-- The narrow column first: before a table has statistics, PostgreSQL takes an index that begins with the hotel for
-- as good as the key itself and reads all chats of a hotel to find one.
DROP INDEX chats_address;
CREATE UNIQUE INDEX chats_address ON chats (address, hotel_id);
