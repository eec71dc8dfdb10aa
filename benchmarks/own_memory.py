"""What this process has resident, as Linux counts it.

Not `getrusage`: `ru_maxrss` of a process that was forked and executed begins with the peak of the one that
started it (getrusage(2) counts by process, VmHWM in proc(5) by the memory that the program got with exec).
"""

from __future__ import annotations

import re
from pathlib import Path

MB = 10**6


def resident() -> float:
    """Resident memory now, in MB."""
    return _megabytes("VmRSS")


def peak() -> float:
    """The most that was ever resident since the program began, in MB."""
    return _megabytes("VmHWM")


def _megabytes(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"this system does not say {field}: memory is measured on Linux only")
    return int(found[1]) * 1024 / MB
