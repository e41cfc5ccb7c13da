-- Reads the views of a page on several days.
--
-- KEYS: for each day, its pages
-- ARGV: the path of the page
-- Returns the views of each day, separated by spaces.

local views = {}
for i, pages in ipairs(KEYS) do
    views[i] = string.format('%.0f', redis.call('ZSCORE', pages, ARGV[1]) or 0)
end
return table.concat(views, ' ')
