-- Asks as a thousand visitors, which the User-Agent tells apart.
local requests = {}

function init(_)
    for visitor = 1, 1000 do
        requests[visitor] = wrk.format(nil, nil, {["User-Agent"] = "wrk/" .. visitor})
    end
end

local asked = 0

function request()
    asked = asked % #requests + 1
    return requests[asked]
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
