"""The provider's process without the second that it takes to load google-genai.

Hundreds of tests start a bot, and each bot starts such a process. Here one process loads the program once,
`nursery`, and every bot's is forked from it: what runs is the same program, with its own pipe and its own
settings. A small process stands in for it where the bot looks (`python -m tests.fakes.warm`): it hands over
its three streams, ends when the other one does, and takes it along where it is killed.

The tests of tests/wire start the program as it is.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESS = "WARM_PROVIDER"  # the environment variable with the nursery's socket
MODULE = "tests.fakes.warm"
STREAMS = (0, 1, 2)


@contextmanager
def nursery() -> Iterator[None]:
    """Keep a process that has loaded the provider, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder:  # not pytest's: the address of a socket is short
        address = os.path.join(folder, "nursery")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)
            keeper = subprocess.Popen(
                (sys.executable, "-m", MODULE, str(listener.fileno())),
                pass_fds=(listener.fileno(),),
                stdin=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        os.environ[ADDRESS] = address
        try:
            yield
        finally:
            del os.environ[ADDRESS]
            keeper.communicate()


def _keep(listener: socket.socket) -> None:
    """Fork a provider for everybody who comes, for as long as the tests run: they hold the other end."""
    from bot.wiring import provider_main  # noqa: F401 - this is what takes a second

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _be_a_provider(caller)
        caller.close()


def _be_a_provider(caller: socket.socket) -> None:
    from bot.wiring import provider_main

    _, streams, _, _ = socket.recv_fds(caller, 1, len(STREAMS))
    for stream, here in zip(streams, STREAMS, strict=True):
        os.dup2(stream, here)
        os.close(stream)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    status = 0
    try:
        provider_main.main()
    except BaseException:
        traceback.print_exc()
        status = 1
    caller.send(bytes([status]))
    os._exit(status)


def _end_with(caller: socket.socket) -> None:
    """End when whoever stands in for this process was killed."""
    caller.recv(1)
    os._exit(1)


def _stand_in() -> int:
    """Hand this process's streams to a provider, and end as it does."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # it decides what they mean
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as provider:
        provider.connect(os.environ[ADDRESS])
        socket.send_fds(provider, [b"!"], STREAMS)
        for stream in STREAMS:
            os.close(stream)
        return (provider.recv(1) or b"\1")[0]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _keep(socket.socket(fileno=int(sys.argv[1])))
    else:
        os._exit(_stand_in())
