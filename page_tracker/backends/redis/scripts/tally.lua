-- Reads the counts of pages of one site.
--
-- KEYS: the site's views, its pages, its visitors of the day, and those of whom only the
--       number is known
-- ARGV: the paths
-- Returns the views of the site, its visitors on the day, and the views of each page.

local site, pages, visitors, more_visitors = unpack(KEYS)
local more = redis.call('GET', more_visitors) or 0
local visitor_count = redis.call('PFCOUNT', visitors) + more
local reply = {
    redis.call('GET', site) or 0,
    string.format('%.0f', math.max(visitor_count, 0)),
}
for _, path in ipairs(ARGV) do
    table.insert(reply, string.format('%.0f', redis.call('ZSCORE', pages, path) or 0))
end
return table.concat(reply, ' ')
