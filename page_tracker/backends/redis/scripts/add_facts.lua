-- Adds the imports and the first day of another site. Nothing changes if they are added
-- again.
--
-- KEYS: the imports, and the first day
-- ARGV: the first day of the other site, or ""; and for each of its imports, the name and
--       what is known of it
-- Returns 1.

local imports, first_day = unpack(KEYS)
local before = redis.call('GET', first_day)
if ARGV[1] ~= '' and (not before or ARGV[1] < before) then
    redis.call('SET', first_day, ARGV[1])
end
for i = 2, #ARGV, 2 do
    if redis.call('HEXISTS', imports, ARGV[i]) == 0 then
        redis.call('HSET', imports, ARGV[i], ARGV[i + 1])
    end
end
return '1'
