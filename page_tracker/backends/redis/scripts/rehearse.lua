-- The end of a rehearsal of another script. That script precedes this text, as the function
-- rehearse().
--
-- KEYS, ARGV: those of the other script
-- Returns what it returns, and leaves nothing behind, even if it fails halfway.

local is_done, reply = pcall(rehearse)
local deleted = redis.pcall('UNLINK', unpack(KEYS))
if type(deleted) == 'table' then
    -- A view needs no permission to delete.
    for _, key in ipairs(KEYS) do
        redis.pcall('EXPIRE', key, 60)
    end
end
if not is_done and type(reply) == 'string' then
    -- Before version 7, Redis raises a text that begins with the place in the script.
    return redis.error_reply((string.gsub(reply, '^@?[%w_]+: %d+: %-?', '')))
end
return reply
