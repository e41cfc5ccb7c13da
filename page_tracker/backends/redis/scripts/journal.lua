-- Begins a batch of several sites or days, or finds it.
--
-- KEYS: the batches that have begun, by name, and whether this one has counted
-- ARGV: the name of the batch, and its text, or nothing to only find it
-- Returns "+" if it has begun now; the text of the batch if it had begun before; "" if it
--         is not known, and "-" if it has counted.

if redis.call('EXISTS', KEYS[2]) == 1 then
    return '-'
end
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text and ARGV[2] ~= '' then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    return '+'
end
return text or ''
