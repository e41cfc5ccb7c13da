-- Reads the names of the known sites.
--
-- KEYS: the known sites
-- Returns the names, separated by spaces.

return table.concat(redis.call('SMEMBERS', KEYS[1]), ' ')
