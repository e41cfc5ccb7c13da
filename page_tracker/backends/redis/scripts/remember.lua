-- Keeps a text for 48 hours, unless there is one that must not be replaced.
--
-- KEYS: the text
-- ARGV: the new text, and 1 if it replaces another one, else 0
-- Returns the text that is kept.

local kept = redis.call('GET', KEYS[1])
if kept and ARGV[2] == '0' then
    return kept
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 48 * 60 * 60)
return ARGV[1]
