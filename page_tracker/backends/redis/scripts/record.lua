-- Counts a batch of views of one site on one day, and returns the new counts.
--
-- KEYS: the site's views and pages; the day's views, pages, visitors and ignored views;
--       the visitors of the day of whom only the number is known; the first day;
--       the visitors who have seen a page recently; the last batch of this writer;
--       the site's import, the pages whose days it replaces, and the next generation of
--       the site's pages and of the day's pages; the site's and the day's referrers
-- ARGV: the number of the batch, which ascends for each writer
--       the maximum number of pages of a site
--       for how many seconds repeated views of a page by a visitor are ignored
--       the maximum number of referrers of a site
--       the referrers in JSON, or nothing: a list that has for each the number of the page,
--       which of its visitors viewed, or 0 if that does not matter, the name of the
--       referrer, and how many views it brought
--       for how many seconds the counts of the day are kept
--       0, or 1 if the owner brings the views: then all of them count or none, and the
--       day may be an earlier one; or 2 if a journal also has them: then the reply is kept
--       until the journal ends
--       the number of pages, and for each page: its path, its views, its views without a
--       visitor, the number of its visitors, and the visitors
--       each reason to ignore views, and the number of views ignored for it
-- Returns the number of the batch, the views of the site and its visitors on the day;
--         then for each page its views, or "-" if the site has too many pages. If repeated
--         views are ignored, "/" follows, then 1 for each visitor with a view that counts,
--         and 0 for the others.

local site, pages, day_views, day, visitors, ignored = unpack(KEYS)
local more_visitors, first_day, seen, writer = unpack(KEYS, 7)
local import, replaced, next_pages, next_day = unpack(KEYS, 11)
local referrers, day_referrers = unpack(KEYS, 15)
local number, max_pages, repeats_s = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local max_referrers, referred = tonumber(ARGV[4]), ARGV[5]
local retention = tonumber(ARGV[6])
local by_owner, in_journal = ARGV[7] ~= '0', ARGV[7] == '2'

-- A batch is sent again if its reply was lost. This key and the counts change together or
-- not at all, so the key shows whether the batch has been counted.
local reply = redis.call('GET', writer)
local last = reply and string.match(reply, '^%d+')
if last == number then
    return reply
elseif last and tonumber(last) > tonumber(number) then
    return redis.error_reply('STALE a later batch than ' .. number .. ' was counted')
end

-- Redis does not roll back a script that fails. So the script reads all keys and decides
-- which views count before it writes, and fails here if a key has the wrong type.
local site_before = redis.call('GET', site)
local views_before = redis.call('GET', day_views)
if views_before and not string.match(views_before, '^%d+$') then
    return redis.error_reply('ERR the views of the day are not a number')
end
local day_is_new = redis.call('ZCARD', day) == 0
local visitor_count = redis.call('PFCOUNT', visitors)
local visitors_are_new = visitor_count == 0
local more = redis.call('GET', more_visitors)
local is_importing = redis.call('HLEN', import) > 0
local now = 0
if repeats_s > 0 then
    redis.call('ZCARD', seen)
    local time = redis.call('TIME')
    now = time[1] + time[2] / 1000000
end

local views, repeats_ignored, batch_pages, counted_visitors, new_seen = 0, 0, {}, {}, {}
local next_argument = 9

local function take_next()
    next_argument = next_argument + 1
    return ARGV[next_argument - 1]
end

-- Returns whether the visitor has not seen the page recently, and remembers the view.
local function is_fresh(visitor, path)
    if repeats_s == 0 then
        return true
    end
    local member = visitor .. redis.sha1hex(path)
    local seen_until = redis.call('ZSCORE', seen, member)
    if seen_until and tonumber(seen_until) > now then
        return false
    end
    table.insert(new_seen, string.format('%.6f', now + repeats_s))
    table.insert(new_seen, member)
    return true
end

local some_refused, page_count = false, nil
for _ = 1, ARGV[8] do
    local page = {path = take_next(), views = tonumber(take_next()), marks = {}}
    local anonymous, visitors_of_page = take_next(), take_next()
    local is_new = page.views > 0 and not redis.call('ZSCORE', pages, page.path)
    if is_new then
        page_count = page_count or redis.call('ZCARD', pages)
    end
    page.refused = is_new and page_count >= max_pages
    local fresh_count = 0
    for _ = 1, visitors_of_page do
        local visitor = take_next()
        local fresh = not page.refused and is_fresh(visitor, page.path)
        if fresh then
            fresh_count = fresh_count + 1
            table.insert(counted_visitors, visitor)
        end
        table.insert(page.marks, fresh and 1 or 0)
    end
    if page.refused then
        some_refused = true
        page.views = 0
    elseif repeats_s > 0 then
        repeats_ignored = repeats_ignored + page.views - anonymous - fresh_count
        page.views = anonymous + fresh_count
    end
    if is_new and page.views > 0 then
        page_count = page_count + 1
    end
    views = views + page.views
    table.insert(batch_pages, page)
end
local may_ignore = repeats_s > 0 or next_argument <= #ARGV
local ignored_is_new = may_ignore and redis.call('HLEN', ignored) == 0

if by_owner and some_refused then
    for _, page in ipairs(batch_pages) do
        page.refused, page.views = true, 0
    end
    views, repeats_ignored, counted_visitors, new_seen = 0, 0, {}, {}
end

-- The referrers of the views that count, and how many views each of them has brought.
local names, brought, referrers_are_new = {}, {}, false
if referred ~= '' then
    local list, place = cjson.decode(referred), {}
    for i = 1, #list, 4 do
        local page, visitor, name = batch_pages[list[i]], list[i + 1], list[i + 2]
        if not page.refused and (visitor == 0 or page.marks[visitor] == 1) then
            if not place[name] then
                table.insert(names, name)
                table.insert(brought, 0)
                place[name] = #names
            end
            brought[place[name]] = brought[place[name]] + list[i + 3]
        end
    end
    referrers_are_new = redis.call('ZCARD', day_referrers) == 0
    local room = max_referrers - redis.call('ZCARD', referrers)
    if #names > math.max(room, 0) then
        -- Those beyond the limit share the name "*", which takes no place of another.
        if redis.call('ZSCORE', referrers, '*') then
            room = room + 1
        end
        for i, score in ipairs(redis.call('ZMSCORE', referrers, unpack(names))) do
            if not score and room <= 0 then
                names[i] = '*'
            elseif not score then
                room = room - 1
            end
        end
    end
end

if views > 0 then
    -- This is the first write. It fails if the number would overflow, or if Redis refuses
    -- writes (OOM, READONLY, MISCONF, NOREPLICAS). The later writes fail only if the user
    -- of Redis lacks a permission.
    redis.call('INCRBY', site, views)
    redis.call('INCRBY', day_views, views)
end

local page_views = {}
for _, page in ipairs(batch_pages) do
    local page_reply = '-'
    if page.views > 0 then
        page[day] = redis.call('ZINCRBY', day, page.views, page.path)
        page[pages] = redis.call('ZINCRBY', pages, page.views, page.path)
        page_reply = string.format('%.0f', page[pages])
    elseif not page.refused then
        page_reply = string.format('%.0f', redis.call('ZSCORE', pages, page.path) or 0)
    end
    if repeats_s > 0 then
        page_reply = page_reply .. '/' .. table.concat(page.marks)
    end
    table.insert(page_views, page_reply)
end

-- Counts the views in the next generation of pages, which an import prepares: see
-- stage.lua. A page that is not in it yet is added with its stored views. If these are
-- replaced, it is added without them.
local function add_to_next(generation, next_generation)
    local is_begun = redis.call('HEXISTS', import, generation) == 1
    for _, page in ipairs(batch_pages) do
        local added = page.views > 0 and page.views
        if
            added
            and not redis.call('ZSCORE', next_generation, page.path)
            and redis.call('SISMEMBER', replaced, page.path) == 0
        then
            added = is_begun and string.format('%.0f', page[generation])
        end
        if added then
            redis.call('ZINCRBY', next_generation, added, page.path)
            redis.call('HINCRBY', import, 'sum:' .. generation, added)
            redis.call('EXPIRE', next_generation, 24 * 60 * 60)
        end
    end
end

if views > 0 and is_importing then
    redis.call('HINCRBY', import, 'total', views)
    add_to_next(pages, next_pages)
    add_to_next(day, next_day)
end

-- The key ends with the day.
if views > 0 and (not site_before or site_before == '0') then
    redis.call('SET', first_day, string.sub(day, -10), 'NX')
end
if views > 0 and by_owner then
    local first = redis.call('GET', first_day)
    if first and string.sub(day, -10) < first then
        redis.call('SET', first_day, string.sub(day, -10))
    end
end

if #counted_visitors > 0 then
    if redis.call('PFADD', visitors, unpack(counted_visitors)) == 1 then
        visitor_count = redis.call('PFCOUNT', visitors)
    end
    if visitors_are_new then
        redis.call('EXPIRE', visitors, retention)
    end
    if repeats_s > 0 then
        redis.call('ZREMRANGEBYSCORE', seen, '-inf', now)
        redis.call('ZADD', seen, unpack(new_seen))
        redis.call('EXPIRE', seen, repeats_s)
    end
end
if views > 0 and day_is_new then
    redis.call('EXPIRE', day, retention)
    redis.call('EXPIRE', day_views, retention)
end
for i, name in ipairs(names) do
    redis.call('ZINCRBY', referrers, brought[i], name)
    redis.call('ZINCRBY', day_referrers, brought[i], name)
end
if #names > 0 and referrers_are_new then
    redis.call('EXPIRE', day_referrers, retention)
end

local has_written = views > 0
-- Nothing is stored for an unknown site, because anyone can invent one.
if site_before or has_written then
    for i = next_argument, #ARGV, 2 do
        redis.call('HINCRBY', ignored, ARGV[i], ARGV[i + 1])
        has_written = true
    end
    if repeats_ignored > 0 then
        redis.call('HINCRBY', ignored, 'repeat', repeats_ignored)
        has_written = true
    end
    if ignored_is_new and redis.call('HLEN', ignored) > 0 then
        redis.call('EXPIRE', ignored, retention)
    end
end

if more then
    visitor_count = string.format('%.0f', math.max(visitor_count + more, 0))
end
-- The site's views are read, because numbers in Lua are exact only up to 2^53.
reply = table.concat({
    number,
    redis.call('GET', site) or 0,
    visitor_count,
    table.concat(page_views, ' '),
}, ' ')
if has_written and in_journal then
    redis.call('SET', writer, reply)
elseif has_written then
    -- No batch arrives later than this, not even after Redis, its disk or its machine was
    -- suspended.
    redis.call('SET', writer, reply, 'EX', 48 * 60 * 60)
end
return reply
