-- Copies pages as they are now, to be read at leisure.
--
-- KEYS: pages, and their copy
-- Returns how many there are.

local pages, copy = unpack(KEYS)
if redis.call('EXISTS', copy) == 0 and redis.call('COPY', pages, copy) == 1 then
    redis.call('EXPIRE', copy, 60 * 60)
end
return redis.call('ZCARD', copy)
