-- Reads the totals of a site, of all time and of one day.
--
-- KEYS: the site's views and pages, and the day's views, visitors, and visitors of whom
--       only the number is known
-- Returns "views pages views visitors". The last two are those of the day.

local site, pages, day_views, visitors, more_visitors = unpack(KEYS)
local more = redis.call('GET', more_visitors) or 0
local visitor_count = redis.call('PFCOUNT', visitors) + more
return table.concat({
    redis.call('GET', site) or 0,
    redis.call('ZCARD', pages),
    redis.call('GET', day_views) or 0,
    string.format('%.0f', math.max(visitor_count, 0)),
}, ' ')
