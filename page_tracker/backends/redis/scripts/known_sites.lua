-- Reads the names of the known sites.
--
-- KEYS: the known sites
-- Returns the names, with spaces between them.

return table.concat(redis.call('SMEMBERS', KEYS[1]), ' ')
