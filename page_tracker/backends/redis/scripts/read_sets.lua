-- Reads the members of several sets and their scores: as many as fit into a short time.
--
-- KEYS: sets of pages or of referrers
-- ARGV: the number of the set to go on with, the cursor in it, or 0 to begin, and about
--       how many members to read
-- Returns the number of the set to go on with, or 0 at the end, and the cursor in it; then
-- members and scores. A cursor means that the last set has been read in part. A set that
-- is read in several parts may repeat a member, also with a newer score.

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
    if left == most and size > most then
        -- Nothing else is in the reply, so that repeated members are found.
        local part = redis.call('ZSCAN', KEYS[number], cursor, 'COUNT', most)
        cursor = part[1]
        add(part[2])
        left = 0
    elseif size > left then
        -- The next call has room for the whole set.
        break
    else
        -- Also a set that has become small while it was read in parts.
        cursor = '0'
        add(redis.call('ZRANGE', KEYS[number], 0, -1, 'WITHSCORES'))
    end
    if cursor == '0' then
        number = number + 1
    end
end
if number > #KEYS then
    number = 0
end
return number .. ' ' .. cursor .. ' ' .. table.concat(found, ' ')
