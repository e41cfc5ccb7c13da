-- Forgets all of a site, but what keeps batches from being counted twice.
--
-- KEYS: what says that this was done, the site's views, and all that goes with them
-- Returns how many views it had.

local done, site = unpack(KEYS)

local reply = redis.call('GET', done)
if reply then
    return reply
end
reply = redis.call('GET', site) or '0'
for i = 2, #KEYS do
    redis.call('UNLINK', KEYS[i])
end
redis.call('SET', done, reply, 'EX', 48 * 60 * 60)
return reply
