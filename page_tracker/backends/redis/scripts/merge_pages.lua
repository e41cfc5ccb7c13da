-- Adds the counts of some pages of a site to those of other pages of the site.
--
-- KEYS: the reply to this change; the site's import, which ends; and sets of pages: all,
--       and those of each day
-- ARGV: for each page, its path, and that of the page that it becomes
-- Returns 1.

local change, import = unpack(KEYS)

if redis.call('EXISTS', change) == 1 then
    return '1'
end
local paths, targets = {}, {}
for i = 1, #ARGV, 2 do
    table.insert(paths, ARGV[i])
    table.insert(targets, ARGV[i + 1])
end

-- Redis does not roll back a script that fails. So the script reads all keys before it
-- writes, and fails here if a key has the wrong type.
local sets = {}
for i = 3, #KEYS do
    if redis.call('ZCARD', KEYS[i]) > 0 then
        sets[KEYS[i]] = redis.call('ZMSCORE', KEYS[i], unpack(paths))
    end
end
redis.call('UNLINK', import)
for key, scores in pairs(sets) do
    local known = {}
    for i, path in ipairs(paths) do
        if scores[i] then
            redis.call('ZINCRBY', key, scores[i], targets[i])
            table.insert(known, path)
        end
    end
    if #known > 0 then
        redis.call('ZREM', key, unpack(known))
    end
end
redis.call('SET', change, 1, 'EX', 48 * 60 * 60)
return '1'
