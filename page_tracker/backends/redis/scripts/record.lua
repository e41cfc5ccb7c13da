-- Counts a batch of views of one site on one day, and says what the counts are then.
--
-- KEYS: the site's views, its pages; its views, pages and visitors of the day; what was
--       ignored on the day, who has seen what lately, and the last batch of the worker
--       who sends this one
-- ARGV: the batch's number, which rises from batch to batch
--       how many pages a site may have
--       for how many seconds a visitor's further views of a page are ignored
--       the number of pages, and for each of them: its path; its views; those by nobody
--       in particular; the number of its visitors; these
--       each reason why views are ignored, and their number
-- Returns "number views visitors", of the batch, the site and the day, and for each page
--         its views, or "-" if it would be one too many. If further views are ignored, a
--         "/" follows, and for each visitor 1 if a view counts, else 0.

local site, pages, day_views, day, visitors, ignored, seen, writer = unpack(KEYS)
local number, most_pages, repeats = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

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
-- right type, and decided what counts.
local is_known = redis.call('EXISTS', site) == 1
local page_count = redis.call('ZCARD', pages)
local views_before = redis.call('GET', day_views)
if views_before and not string.match(views_before, '^%d+$') then
    return redis.error_reply('ERR the views of the day are no number')
end
local day_is_new = redis.call('ZCARD', day) == 0
local visitors_are_new = redis.call('PFCOUNT', visitors) == 0
local ignored_is_new = redis.call('HLEN', ignored) == 0
local now = 0
if repeats > 0 then
    redis.call('ZCARD', seen)
    local time = redis.call('TIME')
    now = time[1] + time[2] / 1000000
end

local views, repeated, viewed, came, saw = 0, 0, {}, {}, {}
local place = 5

local function take_next()
    place = place + 1
    return ARGV[place - 1]
end

-- Tells whether the visitor has not seen the page lately, and remembers it.
local function is_fresh(visitor, path)
    if repeats == 0 then
        return true
    end
    local member = visitor .. redis.sha1hex(path)
    local seen_until = redis.call('ZSCORE', seen, member)
    if seen_until and tonumber(seen_until) > now then
        return false
    end
    table.insert(saw, string.format('%.6f', now + repeats))
    table.insert(saw, member)
    return true
end

for _ = 1, ARGV[4] do
    local page = {path = take_next(), views = tonumber(take_next()), marks = {}}
    local by_nobody, visitor_count = take_next(), take_next()
    local is_new = page.views > 0 and not redis.call('ZSCORE', pages, page.path)
    page.refused = is_new and page_count >= most_pages
    local fresh_count = 0
    for _ = 1, visitor_count do
        local visitor = take_next()
        local fresh = not page.refused and is_fresh(visitor, page.path)
        if fresh then
            fresh_count = fresh_count + 1
            table.insert(came, visitor)
        end
        table.insert(page.marks, fresh and 1 or 0)
    end
    if page.refused then
        page.views = 0
    elseif repeats > 0 then
        repeated = repeated + page.views - by_nobody - fresh_count
        page.views = by_nobody + fresh_count
    end
    if is_new and page.views > 0 then
        page_count = page_count + 1
    end
    views = views + page.views
    table.insert(viewed, page)
end

if views > 0 then
    -- The first to write: it fails if the number would overflow, and for all that keeps
    -- Redis from writing (OOM, READONLY, MISCONF, NOREPLICAS). Only a user who may do
    -- the one and not the other can still stop it half-way.
    redis.call('INCRBY', site, views)
    redis.call('INCRBY', day_views, views)
end

local page_views = {}
for _, page in ipairs(viewed) do
    local answer = '-'
    if page.views > 0 then
        redis.call('ZINCRBY', day, page.views, page.path)
        answer = string.format('%.0f', redis.call('ZINCRBY', pages, page.views, page.path))
    elseif not page.refused then
        answer = string.format('%.0f', redis.call('ZSCORE', pages, page.path) or 0)
    end
    if repeats > 0 then
        answer = answer .. '/' .. table.concat(page.marks)
    end
    table.insert(page_views, answer)
end

local retention = 400 * 24 * 60 * 60
if #came > 0 then
    redis.call('PFADD', visitors, unpack(came))
    if visitors_are_new then
        redis.call('EXPIRE', visitors, retention)
    end
    if repeats > 0 then
        redis.call('ZREMRANGEBYSCORE', seen, '-inf', now)
        redis.call('ZADD', seen, unpack(saw))
        redis.call('EXPIRE', seen, repeats)
    end
end
if views > 0 and day_is_new then
    redis.call('EXPIRE', day, retention)
    redis.call('EXPIRE', day_views, retention)
end

local wrote = views > 0
-- Of a site that is not known, nothing is kept: anybody can make one up.
if is_known or wrote then
    for i = place, #ARGV, 2 do
        redis.call('HINCRBY', ignored, ARGV[i], ARGV[i + 1])
        wrote = true
    end
    if repeated > 0 then
        redis.call('HINCRBY', ignored, 'repeat', repeated)
        wrote = true
    end
    if ignored_is_new and redis.call('HLEN', ignored) > 0 then
        redis.call('EXPIRE', ignored, retention)
    end
end

-- The site's views are read, since a number in Lua is exact up to 2^53 alone.
reply = table.concat({
    number,
    redis.call('GET', site) or 0,
    redis.call('PFCOUNT', visitors),
    table.concat(page_views, ' '),
}, ' ')
if wrote then
    -- No batch comes that late, not even one that lay in front of a Redis whose disk or
    -- machine stood still.
    redis.call('SET', writer, reply, 'EX', 48 * 60 * 60)
end
return reply
