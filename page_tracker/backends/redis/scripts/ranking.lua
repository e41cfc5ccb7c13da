-- Reads pages in the order of their views, the most viewed first.
--
-- KEYS: pages
-- ARGV: a text in lower case that must be in their paths, or nothing
--       how many are wanted, and how many to look at
--       the views and the path of a page behind which to begin; or nothing
-- Returns the views and the path of the last page that was looked at, nothing if there
--         are no further ones, and then the views and the path of each that is found.

local pages, text = KEYS[1], ARGV[1]
local wanted, look_at = tonumber(ARGV[2]), tonumber(ARGV[3])

-- Lua itself would compare texts as the locale of the server has it.
local function is_less(one, other)
    for i = 1, math.min(#one, #other) do
        local byte, other_byte = string.byte(one, i), string.byte(other, i)
        if byte ~= other_byte then
            return byte < other_byte
        end
    end
    return #one < #other
end

-- Tells where those begin that come behind a page, which may have moved or gone.
local function place_behind(views, path)
    local place = redis.call('ZCOUNT', pages, '(' .. views, '+inf')
    local last = place + redis.call('ZCOUNT', pages, views, views)
    -- Those of as many views are in the order of their paths, from z to a.
    while place < last do
        local middle = math.floor((place + last) / 2)
        if is_less(redis.call('ZREVRANGE', pages, middle, middle)[1], path) then
            last = middle
        else
            place = middle + 1
        end
    end
    return place
end

local place = ARGV[4] and place_behind(ARGV[4], ARGV[5]) or 0
local at_once = text == '' and wanted or 1000
local found, last = {}, {'', ''}
while #found < 2 * wanted do
    local part = redis.call('ZREVRANGE', pages, place, place + at_once - 1, 'WITHSCORES')
    if #part == 0 then
        last = {'', ''}
        break
    end
    for i = 1, #part, 2 do
        local path, views = part[i], string.format('%.0f', part[i + 1])
        last = {views, path}
        if text == '' or string.find(string.lower(path), text, 1, true) then
            table.insert(found, views)
            table.insert(found, path)
            if #found == 2 * wanted then
                break
            end
        end
    end
    place = place + at_once
    look_at = look_at - at_once
    if look_at <= 0 then
        break
    end
end
return {last[1], last[2], unpack(found)}
