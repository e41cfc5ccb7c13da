-- Puts what imports have staged in the place of the stored counts of their sites.
--
-- KEYS: for each site: its imports, its import, its views, its pages, their next
--       generation, the pages whose days are replaced, its first day, and the last
--       referrers that its imports have added; then for each day with pages: the pages,
--       their next generation and the views; for each day with visitors: the visitors, and
--       the visitors of whom only the number is known; for each reason and day: the
--       ignored views
-- ARGV: the ID of this run, and 1 to replace or 0 to add
--       for each site: the name of its import, the first and the last day of the source,
--       or nothing, its first day, or nothing, and 1 if referrers follow, or 0; the number
--       of days with pages, and for each the Unix time when it expires; the number of days
--       with visitors, and for each that time and the visitors; the number of reasons and
--       days, and for each that time, the reason and the views
-- Returns for each site one word: "added"; or why none was changed: "ended" if another
--         import or change has ended this one, "changed" if something that does not know
--         of the import has changed the counts, "lost" if staged counts are gone.

local run, replaces = ARGV[1], ARGV[2] == '1'
local max_views = 2 ^ 63 - 2 ^ 53

local next_key, next_argument = 1, 3
local function take_key()
    next_key = next_key + 1
    return KEYS[next_key - 1]
end
local function take_argument()
    next_argument = next_argument + 1
    return ARGV[next_argument - 1]
end

local function read_site()
    local site = {
        imports = take_key(), import = take_key(), total = take_key(),
        pages = take_key(), next_pages = take_key(), replaced = take_key(),
        first_key = take_key(), referrers_key = take_key(), name = take_argument(),
        span = take_argument(), first_day = take_argument(),
        has_referrers = take_argument() == '1', days = {}, visitors = {}, ignored = {},
    }
    for _ = 1, take_argument() do
        local day = {
            pages = take_key(), next_pages = take_key(), total = take_key(),
            expires_at = take_argument(),
        }
        table.insert(site.days, day)
    end
    for _ = 1, take_argument() do
        table.insert(site.visitors, {
            key = take_key(), more_key = take_key(), expires_at = take_argument(),
            number = take_argument(),
        })
    end
    for _ = 1, take_argument() do
        table.insert(site.ignored, {
            key = take_key(), expires_at = take_argument(), reason = take_argument(),
            views = take_argument(),
        })
    end
    return site
end

-- Sets the sum of the next generation of pages, if they change. Returns whether staged
-- pages are gone.
local function is_lost(site, set)
    if redis.call('HEXISTS', site.import, set.pages) == 0 then
        return false
    end
    set.views = redis.call('HGET', site.import, 'sum:' .. set.pages) or '0'
    return set.views ~= '0' and redis.call('EXISTS', set.next_pages) == 0
end

-- Returns one word, as above. Raises an error if a key has the wrong type, or a number is
-- too large: Redis does not roll back a script that fails.
local function check(site)
    local by_run = string.match(redis.call('HGET', site.imports, site.name) or '', '^%S+')
    site.is_done = by_run == run
    if site.is_done then
        return 'added'
    elseif by_run and not replaces or redis.call('HGET', site.import, 'run') ~= run then
        -- If another run has imported the same, that was before this one began.
        return 'ended'
    end
    local total = redis.call('GET', site.total) or '0'
    if redis.call('HGET', site.import, 'total') ~= total then
        return 'changed'
    end
    site.added = redis.call('HGET', site.import, 'added') or '0'
    if is_lost(site, site) then
        return 'lost'
    end
    for _, day in ipairs(site.days) do
        redis.call('GET', day.total)
        if is_lost(site, day) then
            return 'lost'
        end
    end
    if total + site.added > max_views then
        error(site.total .. ' would become too large', 0)
    end
    site.first_before = redis.call('GET', site.first_key)
    for _, day in ipairs(site.visitors) do
        redis.call('GET', day.more_key)
        day.known = redis.call('PFCOUNT', day.key)
    end
    for _, each in ipairs(site.ignored) do
        redis.call('HLEN', each.key)
    end
    redis.call('HLEN', site.referrers_key)
    return 'added'
end

-- Memory of what is replaced is freed in the background.
local function put_in_place(set)
    redis.call('UNLINK', set.pages)
    if redis.call('EXISTS', set.next_pages) == 1 then
        redis.call('RENAME', set.next_pages, set.pages)
        redis.call('PERSIST', set.pages)
    end
end

local function add_facts(site)
    for _, day in ipairs(site.visitors) do
        if replaces then
            redis.call('SET', day.more_key, string.format('%.0f', day.number - day.known))
        else
            redis.call('INCRBY', day.more_key, day.number)
        end
        redis.call('EXPIREAT', day.more_key, day.expires_at)
    end
    for _, each in ipairs(site.ignored) do
        if replaces then
            redis.call('HSET', each.key, each.reason, each.views)
        else
            redis.call('HINCRBY', each.key, each.reason, each.views)
        end
        redis.call('EXPIREAT', each.key, each.expires_at)
    end
    -- Dates in ISO 8601 have the order of their texts.
    local first_before = site.first_before
    if site.first_day ~= '' and (not first_before or site.first_day < first_before) then
        redis.call('SET', site.first_key, site.first_day)
    end
    if site.has_referrers then
        -- No referrer has been added yet: see add_referrers.lua.
        redis.call('HSET', site.referrers_key, site.name, '')
    end
end

local function switch(site)
    for _, day in ipairs(site.days) do
        if day.views then
            put_in_place(day)
            redis.call('SET', day.total, day.views)
            redis.call('EXPIREAT', day.pages, day.expires_at)
            redis.call('EXPIREAT', day.total, day.expires_at)
        else
            -- All its views are newer than what the import replaces.
            redis.call('UNLINK', day.next_pages)
        end
    end
    if site.views then
        put_in_place(site)
    end
    redis.call('INCRBY', site.total, site.added)
    add_facts(site)
    redis.call('HSET', site.imports, site.name, run .. site.span)
    redis.call('UNLINK', site.import, site.replaced)
end

local sites, words, can_switch = {}, {}, true
while next_key <= #KEYS do
    local site = read_site()
    local word = check(site)
    table.insert(sites, site)
    table.insert(words, word)
    can_switch = can_switch and word == 'added'
end
for _, site in ipairs(sites) do
    if can_switch and not site.is_done then
        switch(site)
    end
end
return table.concat(words, ' ')
