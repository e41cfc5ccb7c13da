-- Begins an import into a site. It ends the site's import that is running, if any.
--
-- While the key of the import exists, record.lua also counts views in what is staged. Its
-- fields are: the ID of the run; the views that the site has unless something changes
-- them that does not know of the import; and what stage.lua adds.
--
-- KEYS: the reply to this change, the site's import, its views, and all keys that an
--       import stages
-- ARGV: the ID of this run
-- Returns 1.

local change, import, site = unpack(KEYS)

local reply = redis.call('GET', change)
if reply then
    return reply
end
redis.call('UNLINK', unpack(KEYS, 4))
redis.call('UNLINK', import)
redis.call('HSET', import, 'run', ARGV[1], 'total', redis.call('GET', site) or 0)
-- This fails if the views of the site are not a number.
redis.call('HINCRBY', import, 'total', 0)
redis.call('EXPIRE', import, 24 * 60 * 60)
redis.call('SET', change, 1, 'EX', 48 * 60 * 60)
return '1'
