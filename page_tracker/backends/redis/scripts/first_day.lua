-- Reads the first day of a site.
--
-- KEYS: the first day; then for each day, the earliest first, the views
-- Returns the stored first day, or "-"; and the number of the earliest day with views,
--         or 0.

local earliest = 0
for i = 2, #KEYS do
    if tonumber(redis.call('GET', KEYS[i]) or 0) > 0 then
        earliest = i - 1
        break
    end
end
return (redis.call('GET', KEYS[1]) or '-') .. ' ' .. earliest
