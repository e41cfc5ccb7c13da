-- Notes that all views of a batch have been counted, until the batch ends.
--
-- KEYS: whether the batch has counted
-- Returns 1.

redis.call('SET', KEYS[1], 1)
return 1
