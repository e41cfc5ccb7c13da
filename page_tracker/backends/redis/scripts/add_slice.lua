-- Adds counts that take_slice.lua has taken out of another site.
--
-- KEYS: the reply to this change; the last slices that were added; the site's import,
--       which ends; and the keys that change
-- ARGV: the other site, and the name of the slice; for each of the keys that change, the
--       Unix time at which it expires, or ""; and the slice in JSON, with the number of
--       the key in place of its name
-- Returns 1.

local change, merged, import = unpack(KEYS)
local from, id, first = ARGV[1], ARGV[2], 3

-- The journal of the other site may stay for a long time if the merge is killed. So its
-- last slice is remembered without an end.
if redis.call('EXISTS', change) == 1 or redis.call('HGET', merged, from) == id then
    return '1'
end
local slice = cjson.decode(ARGV[#ARGV])

-- The script fails here, before it writes, if a key has the wrong type, or if a number
-- would become too large.
for _, entry in ipairs(slice.scores) do
    redis.call('ZSCORE', KEYS[first + entry[1]], entry[2])
end
for _, entry in ipairs(slice.numbers) do
    local key = KEYS[first + entry[1]]
    if (redis.call('GET', key) or 0) + entry[2] > 2 ^ 63 - 2 ^ 53 then
        error(key .. ' would become too large', 0)
    end
end
for _, entry in ipairs(slice.fields) do
    redis.call('HEXISTS', KEYS[first + entry[1]], entry[2])
end

redis.call('HSET', merged, from, id)
redis.call('SET', change, 1, 'EX', 48 * 60 * 60)
redis.call('UNLINK', import)
for _, entry in ipairs(slice.numbers) do
    redis.call('INCRBY', KEYS[first + entry[1]], entry[2])
end
for _, entry in ipairs(slice.scores) do
    redis.call('ZINCRBY', KEYS[first + entry[1]], entry[3], entry[2])
end
for _, entry in ipairs(slice.fields) do
    redis.call('HINCRBY', KEYS[first + entry[1]], entry[2], entry[3])
end
for i = first + 1, #KEYS do
    local expiry = ARGV[i - 1]
    if expiry ~= '' and redis.call('TTL', KEYS[i]) == -1 then
        redis.call('EXPIREAT', KEYS[i], expiry)
    end
end
return '1'
