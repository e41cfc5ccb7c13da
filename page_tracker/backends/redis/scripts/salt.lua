-- Stores the proposed salt of a day if the day has none, and returns the salt of the day.
--
-- KEYS: the salt
-- ARGV: the proposed salt

redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 48 * 60 * 60)
return redis.call('GET', KEYS[1])
