-- Copies the pages, so that an export can read a snapshot.
--
-- KEYS: the pages, and the copy
-- ARGV: the maximum number of pages
-- Returns the number of pages in the copy, or -1 if there are more than the maximum.

local pages, copy = unpack(KEYS)
if redis.call('EXISTS', copy) == 0 then
    if redis.call('ZCARD', pages) > tonumber(ARGV[1]) then
        return -1
    elseif redis.call('COPY', pages, copy) == 1 then
        redis.call('EXPIRE', copy, 60 * 60)
    end
end
return redis.call('ZCARD', copy)
