-- Adds sites to the known sites, unless their number would exceed the limit.
--
-- KEYS: the known sites
-- ARGV: the maximum number of known sites, and the sites
-- Returns 1 if all of them are known now, else 0. Then none has been added.

local sites, new = KEYS[1], {}
for i = 2, #ARGV do
    if redis.call('SISMEMBER', sites, ARGV[i]) == 0 then
        table.insert(new, ARGV[i])
    end
end
if #new > 0 then
    if redis.call('SCARD', sites) + #new > tonumber(ARGV[1]) then
        return 0
    end
    redis.call('SADD', sites, unpack(new))
end
return 1
