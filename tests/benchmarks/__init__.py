"""How fast the tracker is, beside others that answer the same on the same machine.

    .venv/bin/python -m tests.benchmarks

What is compared runs side by side and is loaded in turn, in several rounds, each in
another order. A figure is the median of the rounds; a ratio, the median of the ratios
within each round, so that what slows the machine for a while slows both sides.

The clients run on the same machine, and take their share of it: what a request costs
is best read from the CPU time that the server and Redis use for it. They are those of
wrk where it is on the PATH, else our own (clients.py), which take more, so that rates
and latencies with them say less. wrk can neither run for a part of a second nor ask
at a set rate; where a slow answer kept it from asking, it adds the latencies that it
takes to have missed.

Redis has its files where temporary files go (TMPDIR). What appendfsync costs depends on
how long that disk takes for an fsync, which is measured as well: fsync_ms, in the JSON.

A request that fails, or is not answered with 200, ends the run with an error.
"""
