-- Tells how many pages a site would have with those that are gathered.
--
-- KEYS: its pages, where others are gathered, and where both can be put together
-- ARGV: how many it may have
-- Returns that number, or one that is larger and yet small enough.

local pages, staged, both = unpack(KEYS)
local most = redis.call('ZCARD', pages) + redis.call('ZCARD', staged)
if most <= tonumber(ARGV[1]) then
    return most
end
local count = redis.call('ZUNIONSTORE', both, 2, pages, staged)
redis.call('UNLINK', both)
return count
