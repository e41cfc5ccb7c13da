-- Counts the pages of several days.
--
-- KEYS: for each day, the pages
-- Returns the number of pages of each, separated by spaces.

local sizes = {}
for i, pages in ipairs(KEYS) do
    sizes[i] = redis.call('ZCARD', pages)
end
return table.concat(sizes, ' ')
