-- Stages a part of an import: adds it to the next generation of the pages.
--
-- When all is staged, carry_over.lua adds the other pages with their stored views, except
-- for those whose views on all days are replaced. record.lua counts new views in both
-- generations. From the moment on at which the total of a page is replaced, it also counts
-- them in the next generation of the day. So a view is replaced in the total and on its
-- day, or in neither.
--
-- KEYS: the site's import, the pages, their next generation, the pages whose days are
--       replaced, the site's views
-- ARGV: the ID of the run, and the number of the part, which ascends
--       1 for total views, 0 for the views of a day; 1 to replace total views, else 0; 1
--       to replace also the views of all days, else 0; 1 if the page is the whole site,
--       else 0
--       for each count: its path and its views
-- Returns 1, or "ended" if this run has ended.

local import, pages, next_pages, replaced, site = unpack(KEYS)
local run, part = ARGV[1], tonumber(ARGV[2])
local is_total, replaces = ARGV[3] == '1', ARGV[4] == '1'
local replaces_days, is_whole, first_count = ARGV[5] == '1', ARGV[6] == '1', 7

if redis.call('HGET', import, 'run') ~= run then
    return 'ended'
end
redis.call('EXPIRE', import, 24 * 60 * 60)
local part_field = 'part:' .. pages
if tonumber(redis.call('HGET', import, part_field) or 0) >= part then
    return '1'
end
redis.call('HSET', import, pages, 1, part_field, part)

local paths = {}
for i = first_count, #ARGV, 2 do
    table.insert(paths, ARGV[i])
end
local stored = redis.call('ZMSCORE', pages, unpack(paths))
local staged = redis.call('ZMSCORE', next_pages, unpack(paths))
local are_replaced = redis.call('SMISMEMBER', replaced, unpack(paths))

-- Numbers in Lua are exact only up to 2^53, so larger sums are made in Redis.
local function summing(field)
    local sum = 0
    return function(number)
        if math.abs(sum + number) >= 2 ^ 53 then
            redis.call('HINCRBY', import, field, string.format('%.0f', sum))
            sum = 0
        end
        sum = sum + number
        return sum
    end
end
local sum_next, sum_added = summing('sum:' .. pages), summing('added')

local scored = {}
for i = 1, #paths do
    local before = tonumber(staged[i] or are_replaced[i] == 0 and stored[i] or 0)
    local views = tonumber(ARGV[first_count + 2 * i - 1])
    local after = before + views
    if is_total and replaces then
        after = views
        if is_whole then
            before = tonumber(redis.call('GET', site) or 0)
        end
    end
    if is_total then
        sum_added(after - before)
    end
    if after > 0 or is_total then
        table.insert(scored, string.format('%.0f', after))
        table.insert(scored, paths[i])
        sum_next(after - (staged[i] or 0))
    end
end
if #scored > 0 then
    redis.call('ZADD', next_pages, unpack(scored))
    redis.call('EXPIRE', next_pages, 24 * 60 * 60)
end
if is_total and replaces_days then
    redis.call('SADD', replaced, unpack(paths))
    redis.call('EXPIRE', replaced, 24 * 60 * 60)
end
redis.call('HINCRBY', import, 'sum:' .. pages, string.format('%.0f', sum_next(0)))
redis.call('HINCRBY', import, 'added', string.format('%.0f', sum_added(0)))
return '1'
