-- Reads the views and visitors of a site on several days.
--
-- KEYS: for each day, the views and the visitors
-- Returns "views visitors" for each day, separated by spaces.

local reply = {}
for i = 1, #KEYS, 2 do
    table.insert(reply, redis.call('GET', KEYS[i]) or 0)
    table.insert(reply, redis.call('PFCOUNT', KEYS[i + 1]))
end
return table.concat(reply, ' ')
