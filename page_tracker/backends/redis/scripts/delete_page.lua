-- Deletes a page of a site.
--
-- KEYS: the reply to this change, the site's views, its pages, and its import, which
--       ends; and for each day, the pages and the views
-- ARGV: the path, and 1 if the page is the whole site, else 0
-- Returns the number of views that the page had.

local change, site, pages, import = unpack(KEYS)
local path, is_whole = unpack(ARGV)

local reply = redis.call('GET', change)
if reply then
    return reply
end

-- Redis does not roll back a script that fails. So the script reads all keys before it
-- writes, and fails here if a key has the wrong type.
local views_by_day = {}
for i = 5, #KEYS, 2 do
    views_by_day[i] = redis.call('ZSCORE', KEYS[i], path)
    redis.call('GET', KEYS[i + 1])
end
local views = redis.call('ZSCORE', pages, path)

if is_whole == '1' then
    reply = redis.call('GET', site) or '0'
    redis.call('UNLINK', site)
else
    reply = string.format('%.0f', views or 0)
    if views then
        redis.call('DECRBY', site, reply)
    end
end
redis.call('ZREM', pages, path)
redis.call('UNLINK', import)
for i, day_views in pairs(views_by_day) do
    if day_views then
        redis.call('ZREM', KEYS[i], path)
        redis.call('DECRBY', KEYS[i + 1], string.format('%.0f', day_views))
    end
end
redis.call('SET', change, reply, 'EX', 48 * 60 * 60)
return reply
