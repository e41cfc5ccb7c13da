-- Deletes what an import has staged, unless another run has begun.
--
-- KEYS: the site's import, and all keys that an import stages
-- ARGV: the ID of the run
-- Returns 1.

if (redis.call('HGET', KEYS[1], 'run') or ARGV[1]) == ARGV[1] then
    redis.call('UNLINK', unpack(KEYS))
end
return '1'
