-- Stages a part of an import. add_staged.lua adds all parts in one step.
--
-- KEYS: the staged pages, and the number of the last part
-- ARGV: the number of this part, which is higher than that of the part before
--       for each count: its views and its path
-- Returns the number of staged pages.

local staged, last = unpack(KEYS)
if (tonumber(redis.call('GET', last)) or 0) < tonumber(ARGV[1]) then
    for i = 2, #ARGV, 2 do
        redis.call('ZINCRBY', staged, ARGV[i], ARGV[i + 1])
    end
    redis.call('SET', last, ARGV[1])
end
for _, key in ipairs(KEYS) do
    redis.call('EXPIRE', key, 24 * 60 * 60)
end
return redis.call('ZCARD', staged)
