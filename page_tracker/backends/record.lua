-- Counts a batch of views of one site on one day, and says what the counts are then.
--
-- KEYS: the site's views, its pages, its pages of the day, its visitors of the day,
--       and the last batch of the worker who sends this one
-- ARGV: the batch's number, which rises from batch to batch; its number of views; its
--       number of pages; a path and its views for each of these; its visitors
-- Returns "number views visitors", of the batch, the site and the day, and the views of
--         each page.

local site, pages, day, visitors, writer = unpack(KEYS)
local number, views, last_page = ARGV[1], ARGV[2], 3 + 2 * ARGV[3]

-- A batch is sent again when its reply was lost. This key and the counts change
-- together or not at all, so that it tells whether the batch has been counted.
local reply = redis.call('GET', writer)
local last = reply and string.match(reply, '^%d+')
if last == number then
    return reply
elseif last and tonumber(last) > tonumber(number) then
    return redis.error_reply('STALE a later batch than ' .. number .. ' was counted')
end

-- What an error stops half-way is not undone. So first is read what must be of the
-- right type, and INCRBY is the first to write: it fails if the number would overflow,
-- and for all that keeps Redis from writing (OOM, READONLY, MISCONF, NOREPLICAS). Only
-- a user who may do the one and not the other can still stop it half-way.
redis.call('ZCARD', pages)
local day_is_new = redis.call('ZCARD', day) == 0
local visitors_are_new = redis.call('PFCOUNT', visitors) == 0
redis.call('INCRBY', site, views)

local answer = {}
for i = 4, last_page, 2 do
    local path, seen = ARGV[i], ARGV[i + 1]
    redis.call('ZINCRBY', day, seen, path)
    table.insert(answer, string.format('%.0f', redis.call('ZINCRBY', pages, seen, path)))
end
if #ARGV > last_page then
    redis.call('PFADD', visitors, unpack(ARGV, last_page + 1))
end

local retention = 400 * 24 * 60 * 60
if day_is_new then
    redis.call('EXPIRE', day, retention)
end
if visitors_are_new then
    redis.call('EXPIRE', visitors, retention)
end

table.insert(answer, 1, redis.call('PFCOUNT', visitors))
-- Read, since a number in Lua is exact up to 2^53 alone.
table.insert(answer, 1, redis.call('GET', site))
table.insert(answer, 1, number)
reply = table.concat(answer, ' ')
-- No batch comes that late, not even one that lay in front of a Redis whose disk or
-- machine stood still.
redis.call('SET', writer, reply, 'EX', 48 * 60 * 60)
return reply
