-- Adds a link to a site, if the site has views. A repeated call changes nothing more.
--
-- KEYS: the links of the site, and its views
-- ARGV: the name of the link, and the link
-- Returns 1 if the site is known, else 0.

if redis.call('EXISTS', KEYS[2]) == 0 then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
