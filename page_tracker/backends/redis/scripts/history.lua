-- Reads the views and visitors of a site on several days.
--
-- KEYS: for each day, the views, the visitors, and the visitors of whom only the number
--       is known
-- Returns "views visitors" for each day, separated by spaces.

local reply = {}
for i = 1, #KEYS, 3 do
    local more_visitors = redis.call('GET', KEYS[i + 2]) or 0
    local visitors = redis.call('PFCOUNT', KEYS[i + 1]) + more_visitors
    table.insert(reply, redis.call('GET', KEYS[i]) or 0)
    table.insert(reply, string.format('%.0f', math.max(visitors, 0)))
end
return table.concat(reply, ' ')
