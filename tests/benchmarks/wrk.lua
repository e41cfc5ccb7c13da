-- Requests a path as a thousand visitors with different User-Agents. The arguments are the
-- path and the number of pages. "{}" in the path stands for one of the pages, or for a new
-- page in each request if the number is 0. targets.py explains the order of the pages.
-- Two more arguments are the token and a body, which is posted under a new key each time.
local step = 7919
local visitors, requests = {}, {}
local path, pages, begin, headers, body

function init(arguments)
    path, pages = arguments[1], tonumber(arguments[2])
    headers = {
        ["Authorization"] = "Bearer " .. arguments[3],
        ["Content-Type"] = "application/json",
    }
    body = arguments[4] or ""
    begin = pages == 0 and os.time() * 1000000 or 0
    for visitor = 1, 1000 do
        visitors[visitor] = {["User-Agent"] = "wrk/" .. visitor}
        if not path:find("{}", 1, true) then
            requests[visitor] = wrk.format(nil, path, visitors[visitor])
        end
    end
end

local asked, started = 0, os.time()

function request()
    asked = asked + 1
    if body ~= "" then
        headers["Idempotency-Key"] = started .. "-" .. asked
        return wrk.format("POST", path, headers, body)
    end
    local visitor = asked % #visitors + 1
    if requests[visitor] then
        return requests[visitor]
    end
    local page = pages > 0 and asked * step % pages or begin + asked
    local named = path:gsub("{}", string.format("%d", page))
    return wrk.format(nil, named, visitors[visitor])
end

-- Writes the results of wrk as one line of JSON, which is the last line of its output.
function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, ' ..
            '"max_ms": %f, "failed": %d}\n',
        summary.requests,
        summary.duration / 1e6,
        latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3,
        latency.max / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
