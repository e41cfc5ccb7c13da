-- Reads the counts of one page.
--
-- KEYS: the site's views, its pages, its visitors of the day
-- ARGV: the path
-- Returns "views visitors", of the site and of the day, and the views of the page.

local site, pages, visitors = unpack(KEYS)
return table.concat({
    redis.call('GET', site) or 0,
    redis.call('PFCOUNT', visitors),
    string.format('%.0f', redis.call('ZSCORE', pages, ARGV[1]) or 0),
}, ' ')
