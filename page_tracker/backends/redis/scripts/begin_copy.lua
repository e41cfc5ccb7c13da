-- Begins to copy the pages of a site as an import would stage them: see stage.lua.
--
-- KEYS: the site's import, its views, and the keys that are staged
-- ARGV: the ID of this run
-- Returns 1, or "busy" if an import or another copy is running. One that has done nothing
--         for a minute was killed.

local import, site = unpack(KEYS)
local kept, idle = 24 * 60 * 60, 60

local run = redis.call('HGET', import, 'run')
if run == ARGV[1] then
    return '1'
elseif redis.call('TTL', import) > kept - idle then
    return 'busy'
end
redis.call('UNLINK', unpack(KEYS, 3))
redis.call('UNLINK', import)
redis.call('HSET', import, 'run', ARGV[1], 'total', redis.call('GET', site) or 0)
redis.call('EXPIRE', import, kept)
return '1'
