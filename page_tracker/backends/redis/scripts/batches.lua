-- Reads the batches of several sites or days that have begun.
--
-- KEYS: the batches, by name
-- Returns the name and the text of each.

return redis.call('HGETALL', KEYS[1])
