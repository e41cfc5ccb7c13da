-- Adds the visitors of a day of another site. Nothing changes if they are added again.
--
-- KEYS: the visitors, and an unused key
-- ARGV: the HyperLogLog of the other site, and the Unix time at which the day expires
-- Returns 1.

local visitors, other = unpack(KEYS)
redis.call('SET', other, ARGV[1], 'EX', 60)
redis.call('PFMERGE', visitors, other)
redis.call('UNLINK', other)
if redis.call('TTL', visitors) == -1 then
    redis.call('EXPIREAT', visitors, ARGV[2])
end
return '1'
