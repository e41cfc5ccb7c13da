-- Lets the last batches of writers expire, which record.lua has kept for a journal.
--
-- KEYS: the last batch of each writer
-- Returns 1.

for _, writer in ipairs(KEYS) do
    redis.call('EXPIRE', writer, 48 * 60 * 60)
end
return 1
