-- Removes a link to a site.
--
-- KEYS: the links of the site
-- ARGV: the name of the link

return redis.call('HDEL', KEYS[1], ARGV[1])
