-- Reads what was ignored.
--
-- KEYS: what was ignored of a site on a day
-- Returns each reason and its number of views, with spaces between them.

return table.concat(redis.call('HGETALL', KEYS[1]), ' ')
