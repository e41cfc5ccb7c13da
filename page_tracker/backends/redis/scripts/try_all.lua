-- Tries each command that the other scripts use, on temporary keys.
--
-- KEYS: seven unused keys. The name of the first one begins like that of a site's views.
-- Returns one line for each refused command, with the reason.

local views, text, hash, set, sorted, other, visitors = unpack(KEYS)
local commands = {
    {'SET', text, 1, 'EX', 60},
    {'GET', text},
    {'EXISTS', text},
    {'EXPIRE', text, 60},
    {'TTL', text},
    {'INCRBY', text, 1},
    {'DECRBY', text, 1},
    {'PERSIST', text},
    {'TIME'},
    {'HSET', hash, 'field', 1},
    {'HEXISTS', hash, 'field'},
    {'HGET', hash, 'field'},
    {'HGETALL', hash},
    {'HINCRBY', hash, 'field', 1},
    {'HLEN', hash},
    {'HDEL', hash, 'field'},
    {'SADD', set, 'member'},
    {'SCARD', set},
    {'SISMEMBER', set, 'member'},
    {'SMISMEMBER', set, 'member'},
    {'SMEMBERS', set},
    {'SREM', set, 'member'},
    {'ZADD', sorted, 1, 'member'},
    {'ZCARD', sorted},
    {'ZCOUNT', sorted, '-inf', '+inf'},
    {'ZINCRBY', sorted, 1, 'member'},
    {'COPY', sorted, other},
    {'ZADD', other, 1, 'member'},
    {'RENAME', other, sorted},
    {'ZRANGE', sorted, 0, -1},
    {'ZREVRANGE', sorted, 0, -1},
    {'ZREM', sorted, 'nobody'},
    {'ZREMRANGEBYSCORE', sorted, 5, 6},
    {'ZSCAN', sorted, 0},
    {'ZSCORE', sorted, 'member'},
    {'ZMSCORE', sorted, 'member'},
    {'EXPIREAT', sorted, 1},
    {'PFADD', visitors, 'visitor'},
    {'PFCOUNT', visitors},
    {'PFMERGE', visitors, visitors},
    {'SET', views, 1, 'EX', 60},
    {'UNLINK', unpack(KEYS)},
}

local refused = {}
for _, command in ipairs(commands) do
    local reply = redis.pcall(unpack(command))
    if type(reply) == 'table' and reply.err then
        table.insert(refused, command[1] .. ': ' .. reply.err)
    end
end
return table.concat(refused, '\n')
