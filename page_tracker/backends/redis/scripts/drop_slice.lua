-- Drops the journal of a merge after its slice was added to the other site.
--
-- KEYS: the journal
-- ARGV: the name of the slice
-- Returns 1.

local journal = redis.call('GET', KEYS[1])
if journal and cjson.decode(journal).id == ARGV[1] then
    redis.call('UNLINK', KEYS[1])
end
return '1'
