-- Adds staged counts to the stored counts of one or several sites.
--
-- KEYS: for each site: its imports, its views, its pages, the staged pages, and a
--       temporary key; then for each day: the views, the pages and the staged pages
-- ARGV: the name of the import, the ID of this run, and 1 to replace or 0 to add
--       for each site: 1 if it has only one page, else 0; the views to add; the number of
--       days; then for each day: the views to add, and the Unix time when it expires
-- Returns for each site 1 if this run has added the counts, 0 if an earlier run has.

local name, run, replaces = ARGV[1], ARGV[2], ARGV[3] == '1'
local max_views = 2 ^ 63 - 2 ^ 53

local next_key, next_argument = 1, 4
local function take_key()
    next_key = next_key + 1
    return KEYS[next_key - 1]
end
local function take_argument()
    next_argument = next_argument + 1
    return ARGV[next_argument - 1]
end

-- Returns the views at a key. Raises an error if they are not a number, or if adding to
-- them could overflow.
local function views_at(key, added)
    local views = redis.call('GET', key) or '0'
    if not string.match(views, '^%-?%d+$') or tonumber(views) + added > max_views then
        error(key .. ' is not a number, or would become too large', 0)
    end
    return views
end

-- Redis does not roll back a script that fails. So the script reads all keys before it
-- writes, and fails here if a key has the wrong type or a number is too large.
local sites = {}
while next_key <= #KEYS do
    local site = {
        imports = take_key(), total = take_key(), pages = take_key(),
        staged = take_key(), temporary = take_key(), days = {},
        is_whole = take_argument() == '1', views = take_argument(),
    }
    local added_by = redis.call('HGET', site.imports, name)
    site.added = added_by == run or replaces or not added_by
    site.has_staged = redis.call('EXISTS', site.staged) == 1
    site.views_before = views_at(site.total, site.views)
    redis.call('ZCARD', site.pages)
    for _ = 1, take_argument() do
        local day = {
            total = take_key(), pages = take_key(), staged = take_key(),
            views = take_argument(), expires_at = take_argument(),
        }
        views_at(day.total, day.views)
        redis.call('ZCARD', day.pages)
        site.has_staged = site.has_staged or redis.call('EXISTS', day.staged) == 1
        table.insert(site.days, day)
    end
    table.insert(sites, site)
end

-- Removes the pages that are also staged. Returns the number of their views.
local function remove(pages, site)
    redis.call('ZINTERSTORE', site.temporary, 2, pages, site.staged, 'WEIGHTS', 1, 0)
    local views = 0
    while true do
        local part = redis.call('ZRANGE', site.temporary, 0, 999, 'WITHSCORES')
        if #part == 0 then
            return string.format('%.0f', views)
        end
        local paths = {}
        for i = 1, #part, 2 do
            views = views + part[i + 1]
            table.insert(paths, part[i])
        end
        redis.call('ZREM', pages, unpack(paths))
        redis.call('ZREMRANGEBYRANK', site.temporary, 0, 999)
    end
end

-- Adds the staged pages. The smaller set is added to the larger one, because Redis
-- answers nobody else in the meantime.
local function add(pages, staged)
    local from, to = pages, staged
    if redis.call('ZCARD', pages) > redis.call('ZCARD', staged) then
        from, to = staged, pages
    end
    for first = 0, redis.call('ZCARD', from) - 1, 1000 do
        local part = redis.call('ZRANGE', from, first, first + 999, 'WITHSCORES')
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
    redis.call('EXPIREAT', day.pages, day.expires_at)
    redis.call('EXPIREAT', day.total, day.expires_at)
end

local reply = {}
for _, site in ipairs(sites) do
    -- If nothing is staged any more, an earlier attempt has added it, and its reply was
    -- lost.
    if site.added and site.has_staged then
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
    table.insert(reply, site.added and 1 or 0)
end
return table.concat(reply, ' ')
