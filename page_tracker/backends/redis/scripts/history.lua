-- Reads what a site had on each of some days.
--
-- KEYS: for each day, the views and the visitors
-- Returns "views visitors", of one day after the other.

local answer = {}
for i = 1, #KEYS, 2 do
    table.insert(answer, redis.call('GET', KEYS[i]) or 0)
    table.insert(answer, redis.call('PFCOUNT', KEYS[i + 1]))
end
return table.concat(answer, ' ')
