-- Counts the pages that a site would have with the staged pages.
--
-- KEYS: the site's pages, the staged pages, and a temporary key
-- ARGV: the maximum number of pages
-- Returns the number of pages, or an upper bound that does not exceed the maximum.

local pages, staged, temporary = unpack(KEYS)
local upper_bound = redis.call('ZCARD', pages) + redis.call('ZCARD', staged)
if upper_bound <= tonumber(ARGV[1]) then
    return upper_bound
end
local count = redis.call('ZUNIONSTORE', temporary, 2, pages, staged)
redis.call('UNLINK', temporary)
return count
