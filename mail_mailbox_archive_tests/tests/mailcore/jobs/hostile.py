"""What a reader of files might be made to do, by the first word of the file.

Run by ``test_child`` in the limited process, where ``mailcore`` is known by this name.
"""

import ctypes
import os
import resource
import socket
import subprocess
import sys
import time


def loop(_rest):
    while True:
        pass


def sleep(_rest):
    time.sleep(600)


def hoard(_rest):
    return len(bytearray(2**30))


def flood(_rest):
    return "x" * 20_000_000


def die(_rest):
    os.abort()


def vanish(_rest):
    os._exit(0)


def recurse(_rest):
    return recurse(_rest)


def deep(_rest):
    value = []
    for _level in range(100_000):
        value = [value]
    return value


def shout(_rest):
    print("x" * 100_000, flush=True)
    os.write(2, b"y" * 100_000)
    return "heard"


def connect(rest):
    socket.create_connection(("127.0.0.1", int(rest)), 5)


def connect_in_c(rest):
    """Past what Python refuses: by the system's own call."""
    libc = ctypes.CDLL(None, use_errno=True)
    file = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    port = int(rest).to_bytes(2, "big")
    address = socket.AF_INET.to_bytes(2, sys.byteorder) + port
    address += b"\x7f\0\0\1" + bytes(8)
    return libc.connect(file, address, len(address))


def start(_rest):
    subprocess.run(["true"], check=True)


def leave_one_behind(_rest):
    """Fork past what Python refuses, keep the answer's end open, and go."""
    if ctypes.CDLL(None).fork() == 0:
        time.sleep(600)
    return "gone"


def write(rest):
    with open(rest, "w") as file:
        file.write("x")


def tell(_rest):
    return {
        "environment": dict(os.environ),
        "files": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "odoo": "odoo" in sys.modules,
        "bytes": b"\0\xff",
        "session": os.getsid(0) == os.getpid(),
    }


def use_mailcore(_rest):
    from mailcore.read.search import search_text

    return search_text("Zażółć gęślą")


def read(content):
    word, _space, rest = content.decode().partition(" ")
    return globals()[word](rest)
