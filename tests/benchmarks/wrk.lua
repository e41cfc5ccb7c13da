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
