-- Drops a key if it still has the value that was copied to another site.
--
-- KEYS: the key
-- ARGV: the value
-- Returns 1.

if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('UNLINK', KEYS[1])
end
return '1'
