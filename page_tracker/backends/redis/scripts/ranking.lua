-- Finds pages, the most viewed first.
--
-- KEYS: the pages
-- ARGV: a text in lower case that their paths must contain, or an empty text
--       the maximum number of pages to return, and of pages to search
--       optionally the views and the path of a page: the search begins after it
-- Returns the views and the path of the last page that was searched, both empty at the
--         end of the ranking; then the views and the path of each page that was found.

local pages, text = KEYS[1], ARGV[1]
local wanted, to_search = tonumber(ARGV[2]), tonumber(ARGV[3])

-- Redis compares bytes. The operator < of Lua would use the locale of the server.
local function is_less(one, other)
    for i = 1, math.min(#one, #other) do
        local byte, other_byte = string.byte(one, i), string.byte(other, i)
        if byte ~= other_byte then
            return byte < other_byte
        end
    end
    return #one < #other
end

-- Returns the index of the first page that ranks after this one, which may have moved or
-- may be deleted.
local function index_after(views, path)
    local index = redis.call('ZCOUNT', pages, '(' .. views, '+inf')
    local last = index + redis.call('ZCOUNT', pages, views, views)
    -- Pages with the same number of views are in descending order of their paths.
    while index < last do
        local middle = math.floor((index + last) / 2)
        if is_less(redis.call('ZREVRANGE', pages, middle, middle)[1], path) then
            last = middle
        else
            index = middle + 1
        end
    end
    return index
end

local index = ARGV[4] and index_after(ARGV[4], ARGV[5]) or 0
local chunk = text == '' and wanted or 1000
local found, last = {}, {'', ''}
while #found < 2 * wanted do
    local part = redis.call('ZREVRANGE', pages, index, index + chunk - 1, 'WITHSCORES')
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
    index = index + chunk
    to_search = to_search - chunk
    if to_search <= 0 then
        break
    end
end
return {last[1], last[2], unpack(found)}
