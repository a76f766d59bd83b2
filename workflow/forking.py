"""Small steps as forks of one process that has imported the slow libraries: Linux only.

To import pandas, scipy and matplotlib takes a small step longer than its work. So a build starts
one process that has imported them, and nothing of this package: what a step uses of it is read
when the step starts. Snakemake starts this file in place of Python; it asks that process to fork,
and becomes Python itself where nobody answers. The fork is the step: it has the files, the folder,
the environment and the arguments of who asked, and ends as that would have ended.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import sys

# All that any step with less work than this takes to import; without a use elsewhere here.
LIBRARIES = (
    "arviz_stats",
    "h5py",
    "jinja2",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "pandera.pandas",
    "pydantic",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.stats",
    "snakemake.script",
    "xarray",
    "yaml",
)
STATUS = struct.Struct("i")


def ask(address: str, apart: str, arguments: list[str]) -> int:
    """Run a script as a fork, and return its exit status.

    By Python itself where nobody answers, or where it is one of the rules `apart`: Snakemake
    measures those, and would measure who asks.
    """
    answer = socket.socket(socket.AF_UNIX)
    try:
        # Snakemake names a script `tmp<letters>.<rule>.py`.
        if arguments[0].split(".")[-2] in apart.split(","):
            raise OSError
        answer.connect(address)
    except OSError:
        os.execv(sys.executable, [sys.executable, *arguments])
    # A terminal sends its Ctrl-C to the step as well, which ends in its own way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked = {"arguments": arguments, "environment": dict(os.environ)}
    socket.send_fds(answer, [json.dumps(asked).encode()], [0, 1, 2, os.open(".", os.O_RDONLY)])
    answer.shutdown(socket.SHUT_WR)
    told = answer.recv(STATUS.size)
    status = STATUS.unpack(told)[0] if told else 1
    if status < 0:
        # The step died of a signal: so does who stands for it.
        with contextlib.suppress(OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def serve(address: str) -> None:
    """Import the libraries, and fork for everyone who asks, until the build ends."""
    import importlib
    import selectors
    import warnings
    from pathlib import Path

    for library in LIBRARIES:
        importlib.import_module(library)
    # Threads of the libraries do nothing between steps, and are made again in each fork.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    # A terminal sends its Ctrl-C to every process; the steps end by it, and then the build.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting = socket.socket(socket.AF_UNIX)
    Path(address).unlink(missing_ok=True)
    waiting.bind(address)
    waiting.listen()
    # The other end of its input is held by the build for as long as it lives.
    build = sys.stdin.fileno()
    with waiting, selectors.DefaultSelector() as events:
        events.register(build, selectors.EVENT_READ)
        events.register(waiting, selectors.EVENT_READ)
        while True:
            for event, _ in events.select():
                if event.fileobj == build:
                    Path(address).unlink()
                    return
                if event.fileobj is waiting:
                    step, asker = _fork(waiting)
                    ended = os.pidfd_open(step)
                    events.register(ended, selectors.EVENT_READ, (step, asker))
                else:
                    step, asker = event.data
                    events.unregister(event.fileobj)
                    os.close(event.fd)
                    _, state = os.waitpid(step, 0)
                    with contextlib.suppress(OSError), asker:
                        asker.sendall(STATUS.pack(os.waitstatus_to_exitcode(state)))


def _fork(waiting: socket.socket) -> tuple[int, socket.socket]:
    """The process id of a new step, and who asked for it."""
    asker, _ = waiting.accept()
    text, files, _, _ = socket.recv_fds(asker, 1 << 16, 4)
    while more := asker.recv(1 << 16):
        text += more
    step = os.fork()
    if step == 0:
        waiting.close()
        asker.close()
        *streams, folder = files
        os.fchdir(folder)
        for place, file in enumerate(streams):
            os.dup2(file, place)
        _run(**json.loads(text))
    for file in files:
        os.close(file)
    return step, asker


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    """Be the step, and end."""
    import runpy
    import traceback
    from pathlib import Path

    status = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = arguments
        sys.path[0] = str(Path(arguments[0]).parent)
        runpy.run_path(arguments[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if not isinstance(end.code, int | None):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    at, *asked = sys.argv[1:]
    sys.exit(ask(at, asked[0], asked[1:]) if asked else serve(at))
