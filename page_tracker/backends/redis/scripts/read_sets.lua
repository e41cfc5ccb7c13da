-- Reads the members of several sets and their scores: of as many sets as fit into a short
-- time, or of a part of the first one.
--
-- KEYS: sets of pages or of referrers
-- ARGV: the cursor in the first set, or 0 to begin, and how many members to read at most
-- Returns lines: first, how many sets have been read to their end, and the cursor in the
-- next one; then members, each followed by its score. If it was called with a cursor, or
-- returns one, they are a part of the first set, and may repeat members of the parts
-- before it, also with newer scores. No name of a page or of a referrer has a line break.

local cursor, most = ARGV[1], tonumber(ARGV[2])
local ended, found = 0, {}

if cursor ~= '0' or redis.call('ZCARD', KEYS[1]) > most then
    -- A member of a part takes about twice as long as one of a whole set.
    local count = math.ceil(most / 2)
    local part = redis.call('ZSCAN', KEYS[1], cursor, 'COUNT', count)
    cursor = part[1]
    if #part[2] > 0 then
        found[1] = table.concat(part[2], '\n')
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
            -- Lua writes JSON more slowly.
            table.insert(found, table.concat(members, '\n'))
        end
        left = left - size
        ended = ended + 1
    end
end
table.insert(found, 1, ended .. ' ' .. cursor)
return table.concat(found, '\n')
