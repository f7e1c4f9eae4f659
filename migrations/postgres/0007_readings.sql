-- What plain code read in the guest's words of a turn, beside what the model made of it.
ALTER TABLE turns ADD COLUMN reading TEXT;
