-- Adds a part of the stored pages to their next generation, unless they are in it already
-- or their views on all days are replaced: see stage.lua.
--
-- KEYS: the site's import, the pages, their next generation, the pages whose days are
--       replaced
-- ARGV: the ID of the run, the cursor, and how many pages to read
-- Returns the cursor for the next part; 0 at the end, and "ended" if this run has
--         ended.

local import, pages, next_pages, replaced = unpack(KEYS)
local run, cursor, most = unpack(ARGV)

if redis.call('HGET', import, 'run') ~= run then
    return 'ended'
end
redis.call('EXPIRE', import, 24 * 60 * 60)
redis.call('HSET', import, pages, 1)

local reply = redis.call('ZSCAN', pages, cursor, 'COUNT', most)
local found, paths = reply[2], {}
for i = 1, #found, 2 do
    table.insert(paths, found[i])
end
if #paths > 0 then
    local staged = redis.call('ZMSCORE', next_pages, unpack(paths))
    local are_replaced = redis.call('SMISMEMBER', replaced, unpack(paths))
    local scored, sum = {}, 0
    for i = 1, #paths do
        if not staged[i] and are_replaced[i] == 0 then
            local views = tonumber(found[2 * i])
            table.insert(scored, string.format('%.0f', views))
            table.insert(scored, paths[i])
            -- Numbers in Lua are exact only up to 2^53, so larger sums are made in Redis.
            if sum + views >= 2 ^ 53 then
                redis.call('HINCRBY', import, 'sum:' .. pages, string.format('%.0f', sum))
                sum = 0
            end
            sum = sum + views
        end
    end
    if #scored > 0 then
        redis.call('ZADD', next_pages, unpack(scored))
        redis.call('EXPIRE', next_pages, 24 * 60 * 60)
        redis.call('HINCRBY', import, 'sum:' .. pages, string.format('%.0f', sum))
    end
end
return reply[1]
