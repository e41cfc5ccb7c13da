-- Returns 1 if the limit allows these pages of a site, else 0.
--
-- KEYS: the site's pages
-- ARGV: the maximum number of pages, and the paths

local count, new = redis.call('ZCARD', KEYS[1]), 0
for i = 2, #ARGV do
    if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
        new = new + 1
    end
end
return (new == 0 or count + new <= tonumber(ARGV[1])) and 1 or 0
