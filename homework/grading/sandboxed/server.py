"""Answer requests inside the sandbox, one JSON object a line, within the limits given.

python server.py LIMITS HANDLER

LIMITS is a JSON object (see sandbox.py), HANDLER the path of a file with a function `handle`.
Runs before and around code that is not trusted; only what it writes is read outside.
"""

import json
import os
import resource
import runpy
import sys


def confine(limits):
    """Set the limits that the kernel keeps for this process and its children."""
    for name, value in limits["resources"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def allow(seconds):
    """Give the next request so many seconds of computing. Waiting is timed outside."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = min(hard, int(used.ru_utime + used.ru_stime + seconds) + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def channels():
    """Return the streams of requests and replies; what else reads or prints meets the void."""
    requests, replies = os.dup(0), os.dup(1)
    void = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(void, stream)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def main():
    limits = json.loads(sys.argv[1])
    confine(limits)
    handle = runpy.run_path(sys.argv[2])["handle"]
    requests, replies = channels()
    for line in requests:
        allow(limits["seconds"])
        replies.write(json.dumps(handle(json.loads(line))).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
