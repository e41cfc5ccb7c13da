-- Deletes a site, except for the keys that prevent batches from being counted twice.
--
-- KEYS: the reply to this change, the site's views, and the other keys to delete
-- Returns the number of views that the site had.

local change, site = unpack(KEYS)

local reply = redis.call('GET', change)
if reply then
    return reply
end
reply = redis.call('GET', site) or '0'
for i = 2, #KEYS do
    redis.call('UNLINK', KEYS[i])
end
redis.call('SET', change, reply, 'EX', 48 * 60 * 60)
return reply
