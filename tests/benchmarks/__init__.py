"""Benchmarks of the tracker and of other servers on the same machine.

    .venv/bin/python -m tests.benchmarks

All servers run at the same time, and each is loaded in turn. This is repeated in
several rounds, each in another order. A figure is the median of all rounds. A ratio is
the median of the ratios within each round, so that a slow moment of the machine affects
both sides.

Requests have the headers of browsers, which recording.py has recorded. The contenders
that are not installed are left out, and the run names them.

The clients run on the same machine and use a part of its CPU. Therefore, the CPU time
that the server and Redis use for a request is the best measure of its cost. SQLite runs
in the processes of the server, so its CPU time is a part of theirs. The clients
are those of wrk if it is on the PATH, and otherwise our own (clients.py). Our own use
more CPU time, so rates and latencies with them are less meaningful. wrk cannot run for
a fraction of a second or at a fixed rate. If a slow response delays its next requests,
wrk adds an estimate of the latencies that it could not measure.

The files of Redis and the SQLite file are in the folder for temporary files (TMPDIR).
The cost of appendfsync and of SQLite depends on the time that this disk takes for an
fsync. The benchmarks also measure that time: it is fsync_ms in the JSON.

If a request fails, or its status is not 200, the run ends with an error.
"""
