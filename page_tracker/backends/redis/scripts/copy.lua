-- Copies the pages, so that an export can read a snapshot.
--
-- KEYS: the pages, and the copy
-- Returns the number of pages in the copy.

local pages, copy = unpack(KEYS)
if redis.call('EXISTS', copy) == 0 and redis.call('COPY', pages, copy) == 1 then
    redis.call('EXPIRE', copy, 60 * 60)
end
return redis.call('ZCARD', copy)
