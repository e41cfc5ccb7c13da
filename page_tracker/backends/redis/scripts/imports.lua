-- Reads the imports of a site.
--
-- KEYS: the imports
-- Returns for each its name, and the ID of its run, perhaps with its days.

return redis.call('HGETALL', KEYS[1])
