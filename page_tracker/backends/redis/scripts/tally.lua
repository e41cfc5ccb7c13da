-- Reads the counts of pages of one site.
--
-- KEYS: the site's views, its pages, its visitors of the day
-- ARGV: the paths
-- Returns the views of the site, its visitors on the day, and the views of each page.

local site, pages, visitors = unpack(KEYS)
local reply = {redis.call('GET', site) or 0, redis.call('PFCOUNT', visitors)}
for _, path in ipairs(ARGV) do
    table.insert(reply, string.format('%.0f', redis.call('ZSCORE', pages, path) or 0))
end
return table.concat(reply, ' ')
