-- Lets a page have so many views, and its site as many more or fewer.
--
-- KEYS: what says that this was done, the site's views, its pages
-- ARGV: the path, its views, how many pages the site may have, and 1 if the page is the
--       whole site, else 0
-- Returns how many views it had, or "-" if it would be one page too many.

local done, site, pages = unpack(KEYS)
local path, views, most_pages, is_whole = unpack(ARGV)

local reply = redis.call('GET', done)
if reply then
    return reply
end

local known = redis.call('ZSCORE', pages, path)
if not known and redis.call('ZCARD', pages) >= tonumber(most_pages) then
    return '-'
end
if is_whole == '1' then
    reply = redis.call('GET', site) or '0'
    redis.call('SET', site, views)
else
    reply = string.format('%.0f', known or 0)
    redis.call('INCRBY', site, string.format('%.0f', views - reply))
end
redis.call('ZADD', pages, views, path)
redis.call('SET', done, reply, 'EX', 48 * 60 * 60)
return reply
