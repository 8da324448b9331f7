"""The garbage collector, set for batches."""

from __future__ import annotations

import gc


def collect_garbage_less_often() -> None:
    """Sets the garbage collector's thresholds for batches.

    What is loaded by now stays. A batch makes tens of thousands of objects, and none of them is in a cycle, so looking
    for cycles after every 700 of them costs a tenth of the time, and after every 20,000 still a fourteenth. Garbage in
    cycles takes about 20 MB at most meanwhile."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
