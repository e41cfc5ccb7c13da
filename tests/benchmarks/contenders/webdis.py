"""python -m tests.benchmarks.contenders.webdis PORT: Webdis, where / is an INCR.

Webdis reads its settings from a file. So this process writes one that only it can see,
and becomes Webdis: a single process, with as many threads as others have workers.
"""

import json
import os
import sys
from urllib.parse import urlsplit


def main(port: str) -> None:
    """Become Webdis on this port of 127.0.0.1."""
    redis = urlsplit(os.environ["REDIS_URL"])
    settings = {
        "redis_host": redis.hostname,
        "redis_port": redis.port,
        "http_host": "127.0.0.1",
        "http_port": int(port),
        "threads": int(os.environ["WEB_CONCURRENCY"]),
        "default_root": "/INCR/page_views",
        "daemonize": False,
        # Enough to learn that it serves, without a line for each request.
        "verbosity": 3,
        "logfile": "/dev/stdout",
    }
    # Without a flag, the file stays open in the program that this process becomes.
    file = os.memfd_create("settings", flags=0)
    os.write(file, json.dumps(settings).encode())
    print(f"Serving on http://127.0.0.1:{port}", flush=True)
    os.execvp("webdis", ["webdis", f"/dev/fd/{file}"])


if __name__ == "__main__":
    main(sys.argv[1])
