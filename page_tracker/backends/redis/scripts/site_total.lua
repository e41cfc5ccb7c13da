-- Reads what a site has in all, and on one day.
--
-- KEYS: the site's views, its pages, its views and its visitors of the day
-- Returns "views pages views visitors", the latter two of the day.

local site, pages, day_views, visitors = unpack(KEYS)
return table.concat({
    redis.call('GET', site) or 0,
    redis.call('ZCARD', pages),
    redis.call('GET', day_views) or 0,
    redis.call('PFCOUNT', visitors),
}, ' ')
