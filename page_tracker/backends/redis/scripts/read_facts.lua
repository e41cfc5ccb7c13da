-- Reads what a merge copies from a site: it may be added more than once.
--
-- KEYS: keys of HyperLogLogs or other strings
-- Returns their values.

local values = {}
for i, key in ipairs(KEYS) do
    values[i] = redis.call('GET', key) or ''
end
return values
