-- Adds a site to the known sites, unless their number has reached the limit.
--
-- KEYS: the known sites
-- ARGV: the site, and the maximum number of known sites
-- Returns 1 if the site is known now, else 0.

local sites, site, max_sites = KEYS[1], ARGV[1], tonumber(ARGV[2])
if redis.call('SISMEMBER', sites, site) == 0 then
    if redis.call('SCARD', sites) >= max_sites then
        return 0
    end
    redis.call('SADD', sites, site)
end
return 1
