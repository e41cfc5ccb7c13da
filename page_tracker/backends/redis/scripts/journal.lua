-- Begins a batch of several sites or days, or finds it.
--
-- KEYS: the batches that have begun, by name, and whether this one has ended
-- ARGV: the name of the batch, and its text, or nothing to only find it
-- Returns the text of the batch; "" if it is not known, and "-" if it has ended.

if redis.call('EXISTS', KEYS[2]) == 1 then
    return '-'
end
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text and ARGV[2] ~= '' then
    text = ARGV[2]
    redis.call('HSET', KEYS[1], ARGV[1], text)
end
return text or ''
