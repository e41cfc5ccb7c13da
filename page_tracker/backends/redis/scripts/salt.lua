-- Keeps a day's salt, unless there is one, and returns the one that there is.
--
-- KEYS: the salt
-- ARGV: a salt to take if there is none

redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 48 * 60 * 60)
return redis.call('GET', KEYS[1])
