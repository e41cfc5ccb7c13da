-- Reads a part of a copy. The copy expires one hour after its last read.
--
-- KEYS: the copy
-- ARGV: the indexes of the first and the last page
-- Returns the path and the views of each page.

redis.call('EXPIRE', KEYS[1], 60 * 60)
local part = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES')
for i = 2, #part, 2 do
    part[i] = string.format('%.0f', part[i])
end
return part
