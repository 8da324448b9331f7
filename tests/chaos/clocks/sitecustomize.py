"""Sets this process's wall clock off: `CHAOS_CLOCKS=0:-300,1:420` are seconds by replica. Imported by Python at start,
where this folder is on its path."""

import os
import time

_OFF = dict(entry.split(":") for entry in os.environ.get("CHAOS_CLOCKS", "").split(",") if entry)
_SECONDS = int(_OFF.get(os.environ.get("MAGPIE_REPLICA", ""), "0"))
_time, _time_ns = time.time, time.time_ns
if _SECONDS:
    time.time = lambda: _time() + _SECONDS
    time.time_ns = lambda: _time_ns() + _SECONDS * 1_000_000_000
