-- Adds some of the referrers of an import to a site.
--
-- KEYS: a hash with the last referrer that was added for each import of the site; the
--       site's referrers; and those of days
-- ARGV: the name of the import, the last referrer of the part before, and that of this one
--       the maximum number of referrers of a site
--       1 to replace the views of these referrers in all keys, or 0 to add to them
--       for each of the days, the Unix time when it expires
--       for each referrer: its name, and the number of its counts, each of which is the
--       number of a key and how many views to add there; the first is of all time
-- Returns 1, or "ended" if other referrers are to be added.

local progress, referrers = unpack(KEYS, 1, 2)
local import, after, last, most = unpack(ARGV, 1, 4)
local replaces, next_argument = ARGV[5] == '1', 4 + #KEYS

local function take_argument()
    next_argument = next_argument + 1
    return ARGV[next_argument - 1]
end

local done = redis.call('HGET', progress, import)
if done == last then
    -- The reply to an earlier attempt was lost.
    return '1'
elseif done ~= after then
    return 'ended'
end

-- Redis does not roll back a script that fails. So the script reads all keys before it
-- writes, and fails here if a key has the wrong type.
-- Those beyond the limit share the name "*", which takes no place of another.
local number = redis.call('ZCARD', referrers)
if redis.call('ZSCORE', referrers, '*') then
    number = number - 1
end
for i = 3, #KEYS do
    redis.call('ZCARD', KEYS[i])
end
local known, added = {}, {}
while next_argument <= #ARGV do
    local referrer = take_argument()
    if redis.call('ZSCORE', referrers, referrer) then
        table.insert(known, referrer)
    elseif referrer ~= '*' and number < tonumber(most) then
        number = number + 1
    else
        referrer = '*'
    end
    for _ = 1, take_argument() do
        table.insert(added, {KEYS[tonumber(take_argument())], take_argument(), referrer})
    end
end

redis.call('HSET', progress, import, last)
if replaces and #known > 0 then
    for i = 2, #KEYS do
        redis.call('ZREM', KEYS[i], unpack(known))
    end
end
for _, each in ipairs(added) do
    redis.call('ZINCRBY', unpack(each))
end
for i = 3, #KEYS do
    -- This changes nothing if there is no such key.
    redis.call('EXPIREAT', KEYS[i], ARGV[3 + i])
end
return '1'
