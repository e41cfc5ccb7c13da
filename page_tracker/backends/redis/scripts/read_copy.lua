-- Reads a part of a copy; reading goes on for an hour, or the copy is gone.
--
-- KEYS: the copy
-- ARGV: the places of the first and the last page
-- Returns the path and the views of each.

redis.call('EXPIRE', KEYS[1], 60 * 60)
local part = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES')
for i = 2, #part, 2 do
    part[i] = string.format('%.0f', part[i])
end
return part
