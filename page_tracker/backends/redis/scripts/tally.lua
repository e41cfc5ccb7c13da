-- Reads the counts of pages of one site.
--
-- KEYS: the site's views, its pages, its visitors of the day
-- ARGV: the paths
-- Returns "views visitors", of the site and of the day, and the views of each page.

local site, pages, visitors = unpack(KEYS)
local answer = {redis.call('GET', site) or 0, redis.call('PFCOUNT', visitors)}
for _, path in ipairs(ARGV) do
    table.insert(answer, string.format('%.0f', redis.call('ZSCORE', pages, path) or 0))
end
return table.concat(answer, ' ')
