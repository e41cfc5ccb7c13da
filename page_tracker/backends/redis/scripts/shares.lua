-- Returns the links to a site, each after its name.
--
-- KEYS: the links of the site

return redis.call('HGETALL', KEYS[1])
