-- Takes a site from those that are known.
--
-- KEYS: the known sites
-- ARGV: the site

return redis.call('SREM', KEYS[1], ARGV[1])
