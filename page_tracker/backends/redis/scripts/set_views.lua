-- Sets the views of a page. The views of its site change by the difference.
--
-- KEYS: the reply to this change, the site's views, its pages, and its import, which ends
-- ARGV: the path, its views, the maximum number of pages of a site, and 1 if the page is
--       the whole site, else 0
-- Returns the number of views before, or "-" if the site has too many pages.

local change, site, pages, import = unpack(KEYS)
local path, views, max_pages, is_whole = unpack(ARGV)

local reply = redis.call('GET', change)
if reply then
    return reply
end

local before = redis.call('ZSCORE', pages, path)
if not before and redis.call('ZCARD', pages) >= tonumber(max_pages) then
    return '-'
end
if is_whole == '1' then
    reply = redis.call('GET', site) or '0'
    redis.call('SET', site, views)
else
    reply = string.format('%.0f', before or 0)
    redis.call('INCRBY', site, string.format('%.0f', views - reply))
end
redis.call('ZADD', pages, views, path)
redis.call('UNLINK', import)
redis.call('SET', change, reply, 'EX', 48 * 60 * 60)
return reply
