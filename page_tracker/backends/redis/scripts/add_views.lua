-- Adds views to a page and to its site, or takes them out: in total, and on a day if one
-- is given.
--
-- KEYS: the reply to this change, the site's views, its pages, its import, which ends, and
--       its first day; and with a day, its views and its pages
-- ARGV: the path, how many views to add, the maximum number of pages of a site, and 1 if
--       the page is the whole site, else 0; and with a day, the day, and the time at which
--       its counts expire
-- Returns the number of views before: of the page, of the site and, with a day, of both on
--         that day. Returns "-" if the site has too many pages. If there are fewer views
--         than are to be taken out, returns "few", what has too few, and their number.

local change, site, pages, import, first_day, day_views, day = unpack(KEYS)
local path, views, max_pages, is_whole, date, expires = unpack(ARGV)
views = tonumber(views)

local reply = redis.call('GET', change)
if reply then
    return reply
end

local function exact(number)
    return string.format('%.0f', number)
end

-- Redis does not roll back a script that fails. So the script reads all keys before it
-- writes, and fails here if a key has the wrong type.
local on_site = redis.call('GET', site) or '0'
local score = redis.call('ZSCORE', pages, path)
local on_page = is_whole == '1' and on_site or exact(score or 0)
local known_first_day = redis.call('GET', first_day)
reply = on_page .. ' ' .. on_site
if on_page + views < 0 then
    return 'few page ' .. on_page
elseif views > 0 and on_page + views >= 2 ^ 53 then
    -- A larger number of a page would not be exact.
    return redis.error_reply('ERR increment or decrement would overflow')
end
if day then
    local page_on_day = exact(redis.call('ZSCORE', day, path) or 0)
    if tonumber(page_on_day) + views < 0 then
        return 'few day ' .. page_on_day
    end
    reply = reply .. ' ' .. page_on_day .. ' ' .. (redis.call('GET', day_views) or '0')
end
if not score and redis.call('ZCARD', pages) >= tonumber(max_pages) then
    return '-'
end

redis.call('INCRBY', site, exact(views))
redis.call('ZADD', pages, exact(on_page + views), path)
redis.call('UNLINK', import)
if day then
    redis.call('INCRBY', day_views, exact(views))
    redis.call('ZINCRBY', day, exact(views), path)
    redis.call('ZREMRANGEBYSCORE', day, '-inf', 0)
    redis.call('EXPIREAT', day_views, expires)
    redis.call('EXPIREAT', day, expires)
    local is_first = not known_first_day and on_site == '0'
    if views > 0 and (is_first or known_first_day and date < known_first_day) then
        redis.call('SET', first_day, date)
    end
end
redis.call('SET', change, reply, 'EX', 48 * 60 * 60)
return reply
