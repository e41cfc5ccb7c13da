-- Deletes temporary keys.
--
-- KEYS: the keys to delete

return redis.call('UNLINK', unpack(KEYS))
