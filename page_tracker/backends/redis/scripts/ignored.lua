-- Reads the ignored views of a site on several days.
--
-- KEYS: for each day, the ignored views
-- Returns for each day the reasons and their numbers of views, separated by spaces.

local ignored = {}
for _, of_day in ipairs(KEYS) do
    for _, word in ipairs(redis.call('HGETALL', of_day)) do
        table.insert(ignored, word)
    end
end
return table.concat(ignored, ' ')
