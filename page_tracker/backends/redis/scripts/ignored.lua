-- Reads what was ignored.
--
-- KEYS: what was ignored of a site on a day, for each day
-- Returns each reason and its number of views, with spaces between them, day by day.

local ignored = {}
for _, of_day in ipairs(KEYS) do
    for _, word in ipairs(redis.call('HGETALL', of_day)) do
        table.insert(ignored, word)
    end
end
return table.concat(ignored, ' ')
