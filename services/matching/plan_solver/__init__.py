"""OR-tools' CP-SAT, which proves a schedule or improves it: in a process of its own, because it decides by itself how
long and with how much memory it works."""

from .asking import NOT_INSTALLED, Solved, SolverLimits, is_installed, solve
from .messages import SPOTS

__all__ = ["NOT_INSTALLED", "SPOTS", "Solved", "SolverLimits", "is_installed", "solve"]
