-- Reads the members of several sets and their scores: of as many sets as fit into a short
-- time, or of a part of the first one.
--
-- KEYS: sets of pages or of referrers
-- ARGV: the cursor in the first set, or 0 to begin, and how many members to read at most
-- Returns in JSON how many sets have been read to their end, the cursor in the next one,
-- and a list for each set that was read: its members, each followed by its score. If it
-- was called with a cursor, or returns one, the only list has a part of the first set. It
-- may repeat members of the parts before it, also with newer scores.

local cursor, most = ARGV[1], tonumber(ARGV[2])
local ended, found = 0, {}

if cursor ~= '0' or redis.call('ZCARD', KEYS[1]) > most then
    -- A member of a part takes about twice as long as one of a whole set.
    local count = math.ceil(most / 2)
    local part = redis.call('ZSCAN', KEYS[1], cursor, 'COUNT', count)
    cursor = part[1]
    if #part[2] > 0 then
        found[1] = part[2]
    end
    if cursor == '0' then
        ended = 1
    end
else
    local left = most
    for _, key in ipairs(KEYS) do
        local size = redis.call('ZCARD', key)
        if size > left then
            -- The next call has room for it.
            break
        elseif size > 0 then
            local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
            table.insert(found, members)
        end
        left = left - size
        ended = ended + 1
    end
end
-- An empty list would become an object.
return cjson.encode({ended, cursor, #found > 0 and found or cjson.null})
