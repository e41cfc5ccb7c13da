-- Reads the members of several sets and their scores: as many as fit into a short time.
--
-- KEYS: sets of pages or of referrers
-- ARGV: the number of the set to go on with, the cursor in it, or 0 to begin, and about
--       how many members to read
-- Returns in JSON the number of the set to go on with, or 0 at the end, the cursor in it,
-- and a list of members, each followed by its score. If it was called with a cursor, or
-- returns one, all members are of one set, of which this is a part. A part may repeat
-- members of the parts before it, also with newer scores.

local number, cursor, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local found, left = {}, most

local function add(members)
    for _, word in ipairs(members) do
        table.insert(found, word)
    end
    left = left - #members / 2
end

while number <= #KEYS and left > 0 do
    local size = redis.call('ZCARD', KEYS[number])
    if cursor ~= '0' or size > most and #found == 0 then
        local part = redis.call('ZSCAN', KEYS[number], cursor, 'COUNT', most)
        cursor = part[1]
        add(part[2])
        left = 0
    elseif size > left then
        -- The next call has room for the whole set.
        break
    else
        add(redis.call('ZRANGE', KEYS[number], 0, -1, 'WITHSCORES'))
    end
    if cursor == '0' then
        number = number + 1
    end
end
if number > #KEYS then
    number = 0
end
-- An empty list would become an object.
return cjson.encode({number, cursor, #found > 0 and found or cjson.null})
