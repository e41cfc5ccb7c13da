-- Takes some counts out of a site, and keeps them in a journal until they are added to
-- another site: see add_slice.lua.
--
-- A slice has some pages or referrers, of all time or of one day. Only the last slice has
-- all that is left: also the views that no page has, the ignored views, and the visitors
-- of whom only the number is known. So views that go on in the meantime do not delay the
-- end.
--
-- KEYS: the reply to this change; the site's journal, its import, which ends, its views,
--       its pages, and its referrers; and for each day, the pages, the views, the ignored
--       views, the number of more visitors, and the referrers
-- ARGV: the name of this change, the name of the other site, and the number of pages in a
--       slice
-- Returns the journal in JSON, or "" if nothing is left.

local change, journal, import, site, pages, referrers = unpack(KEYS)
local id, into, most = ARGV[1], ARGV[2], tonumber(ARGV[3])

local reply = redis.call('GET', journal)
if reply then
    return reply
end
if redis.call('EXISTS', change) == 1 then
    -- Another run has added what this change took.
    return cjson.encode({id = id, into = into})
end

local slice, writes = {scores = {}, numbers = {}, fields = {}}, {}

-- Returns the name of a key without the site. It is empty for the site's views.
local function name_of(key)
    return key == site and '' or string.sub(key, #pages - #'pages' + 1)
end

local function exact(number)
    return string.format('%.0f', number)
end

-- Takes the first pages or referrers of a set, and returns the sum of their views.
local function take_members(key)
    local found, sum = redis.call('ZRANGE', key, 0, most - 1, 'WITHSCORES'), 0
    for i = 1, #found, 2 do
        local views = tonumber(found[i + 1])
        table.insert(slice.scores, {name_of(key), found[i], exact(views)})
        table.insert(writes, {'ZREM', key, found[i]})
        sum = sum + views
    end
    return sum
end

local function take_number(key)
    local number = redis.call('GET', key)
    if number then
        table.insert(slice.numbers, {name_of(key), number})
        table.insert(writes, {'UNLINK', key})
    end
end

local function take_fields(key)
    local fields = redis.call('HGETALL', key)
    for i = 1, #fields, 2 do
        table.insert(slice.fields, {name_of(key), fields[i], fields[i + 1]})
    end
    if #fields > 0 then
        table.insert(writes, {'UNLINK', key})
    end
end

-- Redis does not roll back a script that fails. So the script reads keys before it
-- writes, and fails here if a key has the wrong type.
local left, largest, largest_size, total = 0, nil, 0, nil

local function see(set, total_of_set)
    local size = redis.call('ZCARD', set)
    left = left + size
    if size > largest_size then
        largest, largest_size, total = set, size, total_of_set
    end
end

see(pages, site)
see(referrers)
for i = 7, #KEYS, 5 do
    see(KEYS[i], KEYS[i + 1])
    see(KEYS[i + 4])
end
local is_last = left <= most
if is_last then
    take_members(pages)
    take_number(site)
    take_members(referrers)
    for i = 7, #KEYS, 5 do
        take_members(KEYS[i])
        take_number(KEYS[i + 1])
        take_fields(KEYS[i + 2])
        take_number(KEYS[i + 3])
        take_members(KEYS[i + 4])
    end
else
    local sum = exact(take_members(largest))
    if total then
        redis.call('GET', total)
        table.insert(slice.numbers, {name_of(total), sum})
        table.insert(writes, {'DECRBY', total, sum})
    end
end
if #writes == 0 then
    return ''
end

-- The first write. It fails if Redis refuses writes.
reply = cjson.encode({id = id, into = into, is_last = is_last, slice = slice})
redis.call('SET', journal, reply)
redis.call('SET', change, 1, 'EX', 48 * 60 * 60)
redis.call('UNLINK', import)
for _, write in ipairs(writes) do
    redis.call(unpack(write))
end
return reply
