-- Counts pages.
--
-- KEYS: the pages
-- ARGV: paths
-- Returns the number of the pages, and how many of the paths are not among them.

local new = 0
if #ARGV > 0 then
    for _, views in ipairs(redis.call('ZMSCORE', KEYS[1], unpack(ARGV))) do
        if not views then
            new = new + 1
        end
    end
end
return redis.call('ZCARD', KEYS[1]) .. ' ' .. new
