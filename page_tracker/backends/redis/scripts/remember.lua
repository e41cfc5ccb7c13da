-- Keeps a text for 48 hours, unless there is another one.
--
-- KEYS: the text
-- ARGV: the new text, and the text that it may replace, or nothing
-- Returns the text that is kept.

local kept = redis.call('GET', KEYS[1])
if kept and kept ~= ARGV[2] then
    return kept
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 48 * 60 * 60)
return ARGV[1]
