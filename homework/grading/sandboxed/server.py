"""Answer requests inside the sandbox, one JSON object a line, within the limits given.

python server.py LIMITS HANDLER

LIMITS is a JSON object (see sandbox.py), HANDLER the path of a file with a function `handle`.
Runs before and around code that is not trusted; only what it writes is read outside.
"""

import ctypes
import errno
import json
import os
import platform
import resource
import runpy
import struct
import sys

THREADS = 32
CLONE_THREAD = 0x10000  # the flag that tells a new thread from a new process
SET_SECCOMP, FILTER, JOIN_SESSION_KEYRING = 22, 2, 1

# For each machine: the kernel's name for it, clone, clone3 and keyctl, and what is refused: fork,
# vfork; memfd_create, memfd_secret, shmget, shmat, msgget, semget, whose memory no limit counts;
# add_key, request_key; unshare, bpf, perf_event_open, userfaultfd, io_uring_setup.
SYSTEM_CALLS = {
    "x86_64": (
        (0xC000003E, 56, 435, 250),
        (57, 58, 319, 447, 29, 30, 68, 64, 248, 249, 272, 321, 298, 323, 425),
    ),
    "aarch64": (
        (0xC00000B7, 220, 435, 219),
        (279, 447, 194, 196, 186, 190, 217, 218, 97, 280, 241, 282, 425),
    ),
}


def confine(limits):
    """Set the limits that the kernel keeps for this process and its threads."""
    resources = dict(limits["resources"])
    if limits["protected"] and refuse_system_calls():
        resources["NPROC"] = THREADS
    for name, value in resources.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def refuse_system_calls():
    """Leave the teacher's keyring, and refuse new processes, uncounted memory and keys.

    Returns:
        Whether the kernel refuses them from now on. Where it cannot, the limit on processes is
        one, which also refuses threads.
    """
    if platform.machine() not in SYSTEM_CALLS:
        return False
    (machine, clone, clone3, keyctl), refused = SYSTEM_CALLS[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(keyctl, JOIN_SESSION_KEYRING, None)
    load, equal, at_least, any_bit, leave = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, deny, missing = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
    steps = [(load, 0, 0, 4), (equal, 1, 0, machine), (leave, 0, 0, deny), (load, 0, 0, 0)]
    if machine == 0xC000003E:  # the same calls under the numbers of x32
        steps += [(at_least, 0, 1, 0x40000000), (leave, 0, 0, deny)]
    for number in (*refused, keyctl):
        steps += [(equal, 0, 1, number), (leave, 0, 0, deny)]
    # C libraries start a thread by clone where clone3, whose flags cannot be seen, is missing.
    steps += [(equal, 0, 1, clone3), (leave, 0, 0, missing), (equal, 0, 3, clone)]
    steps += [(load, 0, 0, 16), (any_bit, 1, 0, CLONE_THREAD), (leave, 0, 0, deny)]
    steps.append((leave, 0, 0, allow))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    return libc.prctl(SET_SECCOMP, FILTER, program, 0, 0) == 0


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
