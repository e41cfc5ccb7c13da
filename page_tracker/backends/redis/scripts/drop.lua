-- Drops what was kept for a while alone.
--
-- KEYS: these

return redis.call('UNLINK', unpack(KEYS))
