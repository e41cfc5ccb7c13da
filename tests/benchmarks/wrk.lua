-- Asks as a thousand visitors, which the User-Agent tells apart, for the path that is
-- given; "{}" in it stands for a page: one of so many as are given, or, for 0, a new one.
local visitors, requests = {}, {}
local path, pages, begin

function init(arguments)
    path, pages = arguments[1], tonumber(arguments[2])
    begin = pages == 0 and os.time() * 1000000 or 0
    for visitor = 1, 1000 do
        visitors[visitor] = {["User-Agent"] = "wrk/" .. visitor}
        if not path:find("{}", 1, true) then
            requests[visitor] = wrk.format(nil, path, visitors[visitor])
        end
    end
end

local asked = 0

function request()
    asked = asked + 1
    local visitor = asked % #visitors + 1
    if requests[visitor] then
        return requests[visitor]
    end
    local page = begin + (pages > 0 and asked % pages or asked)
    local named = path:gsub("{}", string.format("%d", page))
    return wrk.format(nil, named, visitors[visitor])
end

-- Has wrk say what it saw in one line of JSON, the last of its output.
function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "failed": %d}\n',
        summary.requests,
        summary.duration / 1e6,
        latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
