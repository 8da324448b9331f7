"""Matching: who should meet whom, whether they agree, and when they meet."""

import os

# Before numpy is imported: with as many threads as cores BLAS waits for a core that other work has, a hundred times as
# long as the work takes. Several jobs at once use the cores better. OpenMP's threads spin while they wait, by default.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
