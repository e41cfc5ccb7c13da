-- Forgets a page of a site.
--
-- KEYS: what says that this was done, the site's views, its pages; and for each day, the
--       pages and the views
-- ARGV: the path, and 1 if the page is the whole site, else 0
-- Returns how many views it had.

local done, site, pages = unpack(KEYS)
local path, is_whole = unpack(ARGV)

local reply = redis.call('GET', done)
if reply then
    return reply
end

-- What an error stops half-way is not undone. So first is read what must be of the
-- right type.
local of_day = {}
for i = 4, #KEYS, 2 do
    of_day[i] = redis.call('ZSCORE', KEYS[i], path)
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
for i, views_of_day in pairs(of_day) do
    if views_of_day then
        redis.call('ZREM', KEYS[i], path)
        redis.call('DECRBY', KEYS[i + 1], string.format('%.0f', views_of_day))
    end
end
redis.call('SET', done, reply, 'EX', 48 * 60 * 60)
return reply
