-- Makes a site one of those that are known, unless there are too many.
--
-- KEYS: the known sites
-- ARGV: the site, and how many there may be
-- Returns 1 if it is known now, else 0.

local sites, site, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
if redis.call('SISMEMBER', sites, site) == 0 then
    if redis.call('SCARD', sites) >= most then
        return 0
    end
    redis.call('SADD', sites, site)
end
return 1
