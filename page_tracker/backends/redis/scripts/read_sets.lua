-- Reads the members of several sets and their scores: as many as fit into a short time.
--
-- KEYS: sets of pages or of referrers
-- ARGV: the number of the set to go on with, the cursor in it, or 0 to begin, and about
--       how many members to read
-- Returns in JSON the number of the set to go on with, or 0 at the end, the cursor in it,
-- and a list for each set that was read: its members, each followed by its score. If it
-- was called with a cursor, or returns one, the only list has a part of one set. It may
-- repeat members of the parts before it, also with newer scores.

local number, cursor, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local found = {}

if cursor ~= '0' or redis.call('ZCARD', KEYS[number]) > most then
    local part = redis.call('ZSCAN', KEYS[number], cursor, 'COUNT', most)
    cursor = part[1]
    found[1] = part[2]
    if cursor == '0' then
        number = number + 1
    end
else
    local left = most
    while number <= #KEYS do
        local size = redis.call('ZCARD', KEYS[number])
        if size > left then
            -- The next call has room for it.
            break
        elseif size > 0 then
            local members = redis.call('ZRANGE', KEYS[number], 0, -1, 'WITHSCORES')
            table.insert(found, members)
        end
        left = left - size
        number = number + 1
    end
end
if number > #KEYS then
    number = 0
end
-- An empty list would become an object.
return cjson.encode({number, cursor, #found > 0 and found or cjson.null})
