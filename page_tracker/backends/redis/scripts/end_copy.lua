-- Ends a copy that is complete.
--
-- KEYS: the site's import, its views, the staged pages, and the copy
-- ARGV: the ID of this run
-- Returns the number of pages in the copy; "ended" if this run has ended; or "changed" if
--         something that does not know of the copy has changed the counts.

local import, site, staged, copy = unpack(KEYS)
-- The reply to an earlier attempt was lost.
if redis.call('EXISTS', copy) == 0 then
    if redis.call('HGET', import, 'run') ~= ARGV[1] then
        return 'ended'
    elseif redis.call('HGET', import, 'total') ~= (redis.call('GET', site) or '0') then
        return 'changed'
    end
    if redis.call('EXISTS', staged) == 1 then
        redis.call('RENAME', staged, copy)
        redis.call('EXPIRE', copy, 60 * 60)
    end
    redis.call('UNLINK', import)
end
return redis.call('ZCARD', copy)
