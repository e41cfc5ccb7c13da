-- Requests a path as browsers do, or posts a body under a new key each time. The arguments
-- are the path, the number of pages, the number of visitors, a token, and the body or "".
-- "{}" in the path stands for one of the pages, or for a new page in each request if their
-- number is 0. targets.py explains the order of the pages. All further arguments are the
-- headers of kinds of clients, with "{visitor}" for the number of a visitor: see browsers.py.
local step = 7919
local heads, requests = {}, {}
local path, pages, begin, headers, body

function init(arguments)
    path, pages = arguments[1], tonumber(arguments[2])
    headers = {
        ["Authorization"] = "Bearer " .. arguments[4],
        ["Content-Type"] = "application/json",
    }
    body = arguments[5]
    begin = pages == 0 and os.time() * 1000000 or 0
    for visitor = 1, tonumber(arguments[3]) do
        local kind = arguments[6 + visitor % (#arguments - 5)]
        heads[visitor] = kind:gsub("{visitor}", visitor) .. "\r\n"
        requests[visitor] = "GET " .. path .. " HTTP/1.1\r\n" .. heads[visitor]
    end
end

local asked, started = 0, os.time()

function request()
    asked = asked + 1
    if body ~= "" then
        headers["Idempotency-Key"] = started .. "-" .. asked
        return wrk.format("POST", path, headers, body)
    end
    local visitor = asked % #heads + 1
    if not path:find("{}", 1, true) then
        return requests[visitor]
    end
    local page = pages > 0 and asked * step % pages or begin + asked
    local named = path:gsub("{}", string.format("%d", page))
    return "GET " .. named .. " HTTP/1.1\r\n" .. heads[visitor]
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
