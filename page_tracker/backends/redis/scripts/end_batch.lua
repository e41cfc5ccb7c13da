-- Ends a batch of several sites or days, whose views have been counted.
--
-- KEYS: the batches that have begun, by name, and whether this one has counted
-- ARGV: the name of the batch
-- Returns 1.

redis.call('SET', KEYS[2], 1, 'EX', 48 * 60 * 60)
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
