-- Reads the totals of a site, of all time and of one day.
--
-- KEYS: the site's views and pages, and the day's views and visitors
-- Returns "views pages views visitors". The last two are those of the day.

local site, pages, day_views, visitors = unpack(KEYS)
return table.concat({
    redis.call('GET', site) or 0,
    redis.call('ZCARD', pages),
    redis.call('GET', day_views) or 0,
    redis.call('PFCOUNT', visitors),
}, ' ')
