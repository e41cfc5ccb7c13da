-- Counts a batch of views of one site on one day, and says what the counts are then.
--
-- KEYS: the site's views, its pages, its pages of the day, its visitors of the day,
--       and the last batch of the worker who sends this one
-- ARGV: the batch's number, which rises from batch to batch; its number of views; its
--       number of pages; a path and its views for each of these; its visitors
-- Returns "views visitors", of the site and of the day, and the views of each page.

local site, pages, day, visitors, writer = unpack(KEYS)
local number, views, last_page = ARGV[1], ARGV[2], 3 + 2 * ARGV[3]

-- A batch is sent again when its reply was lost. This key and the counts change
-- together or not at all, so that it tells whether the batch has been counted.
local last, reply = string.match(redis.call('GET', writer) or '', '^(%d+) (.*)$')
if last == number then
    return reply
elseif last and tonumber(last) > tonumber(number) then
    return redis.error_reply('STALE a later batch than ' .. number .. ' was counted')
end

-- What an error stops half-way is not undone. So first is read what must be of the
-- right type, and INCRBY is the first to write: it fails if the number would overflow,
-- and for all that keeps Redis from writing (OOM, READONLY, MISCONF, NOREPLICAS).
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
reply = table.concat(answer, ' ')
-- So long, no batch comes late: a kernel gives up to deliver it much sooner.
redis.call('SET', writer, number .. ' ' .. reply, 'EX', 10 * 60)
return reply
