-- Removes a site from the known sites.
--
-- KEYS: the known sites
-- ARGV: the site

return redis.call('SREM', KEYS[1], ARGV[1])
