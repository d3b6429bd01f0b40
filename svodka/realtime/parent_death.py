"""A child that ends with its parent, also when the parent is killed with -9.

Linux tells a process of its parent's death when it asks (prctl PR_SET_PDEATHSIG); elsewhere the supervisor's own
clean end is all there is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dying_with_parent(signal_number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return what `subprocess.Popen(preexec_fn=...)` runs in the child.

    Call it from the parent's main thread: the signal comes when the thread that started the child ends. The
    library is loaded here, before the fork, so that the child only makes two system calls.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os.kill(os.getpid(), signal_number)

    return in_child
