-- Adds counts that were gathered to those that there are: of one site, or of several.
--
-- KEYS: for each site: the imports that it has taken in, its views, its pages, where
--       others are gathered, and a place to compare both; and for each day: its views,
--       its pages, and where others are gathered
-- ARGV: the name of this import, this run of it, and 1 if it replaces, else 0
--       for each site: 1 if it has but one page, else 0; the views to add, and the number
--       of days; and for each day: the views to add, and when it is too old (Unix time)
-- Returns for each site 1 if this run has added to it, or 0 if another run did before.

local name, run, replaces = ARGV[1], ARGV[2], ARGV[3] == '1'
local most = 2 ^ 63 - 2 ^ 53

local next_key, next_argument = 1, 4
local function take_key()
    next_key = next_key + 1
    return KEYS[next_key - 1]
end
local function take_argument()
    next_argument = next_argument + 1
    return ARGV[next_argument - 1]
end

-- Reads the views at a key. Raises an error if they are no number, or could not grow.
local function views_at(key, added)
    local views = redis.call('GET', key) or '0'
    if not string.match(views, '^%-?%d+$') or tonumber(views) + added > most then
        error(key .. ' is no number, or would be too large', 0)
    end
    return views
end

-- What an error stops half-way is not undone. So first is read what must be of the
-- right type, and not too large.
local sites = {}
while next_key <= #KEYS do
    local site = {
        imports = take_key(), total = take_key(), pages = take_key(),
        staged = take_key(), both = take_key(), days = {},
        is_whole = take_argument() == '1', views = take_argument(),
    }
    local done_by = redis.call('HGET', site.imports, name)
    site.added = done_by == run or replaces or not done_by
    site.is_due = redis.call('EXISTS', site.staged) == 1
    site.views_before = views_at(site.total, site.views)
    redis.call('ZCARD', site.pages)
    for _ = 1, take_argument() do
        local day = {
            total = take_key(), pages = take_key(), staged = take_key(),
            views = take_argument(), too_old = take_argument(),
        }
        views_at(day.total, day.views)
        redis.call('ZCARD', day.pages)
        site.is_due = site.is_due or redis.call('EXISTS', day.staged) == 1
        table.insert(site.days, day)
    end
    table.insert(sites, site)
end

-- Removes those pages that are gathered, too; returns the views that they had.
local function remove(pages, site)
    redis.call('ZINTERSTORE', site.both, 2, pages, site.staged, 'WEIGHTS', 1, 0)
    local views = 0
    while true do
        local part = redis.call('ZRANGE', site.both, 0, 999, 'WITHSCORES')
        if #part == 0 then
            return string.format('%.0f', views)
        end
        local paths = {}
        for i = 1, #part, 2 do
            views = views + part[i + 1]
            table.insert(paths, part[i])
        end
        redis.call('ZREM', pages, unpack(paths))
        redis.call('ZREMRANGEBYRANK', site.both, 0, 999)
    end
end

-- Adds the pages that are gathered. The fewer go to the more: nobody else is answered
-- meanwhile.
local function add(pages, staged)
    local from, to = pages, staged
    if redis.call('ZCARD', pages) > redis.call('ZCARD', staged) then
        from, to = staged, pages
    end
    for place = 0, redis.call('ZCARD', from) - 1, 1000 do
        local part = redis.call('ZRANGE', from, place, place + 999, 'WITHSCORES')
        for i = 1, #part, 2 do
            redis.call('ZINCRBY', to, part[i + 1], part[i])
        end
    end
    if to == pages then
        redis.call('UNLINK', staged)
    elseif redis.call('EXISTS', staged) == 1 then
        redis.call('RENAME', staged, pages)
        redis.call('PERSIST', pages)
    end
end

local function add_day(day, site)
    if redis.call('EXISTS', day.pages, day.staged) == 0 then
        return
    elseif replaces then
        redis.call('DECRBY', day.total, remove(day.pages, site))
    end
    add(day.pages, day.staged)
    redis.call('INCRBY', day.total, day.views)
    redis.call('EXPIREAT', day.pages, day.too_old)
    redis.call('EXPIREAT', day.total, day.too_old)
end

local answer = {}
for _, site in ipairs(sites) do
    -- When nothing is gathered any more, this was done, and its reply lost.
    if site.added and site.is_due then
        for _, day in ipairs(site.days) do
            add_day(day, site)
        end
        if replaces then
            local removed = remove(site.pages, site)
            if site.is_whole then
                redis.call('SET', site.total, '0')
            else
                redis.call('DECRBY', site.total, removed)
            end
        end
        add(site.pages, site.staged)
        redis.call('INCRBY', site.total, site.views)
        redis.call('HSET', site.imports, name, run)
    end
    table.insert(answer, site.added and 1 or 0)
end
return table.concat(answer, ' ')
