"""OR-tools' CP-SAT, which proves a schedule or improves it: in a process of its own, because it decides by itself how
long and with how much memory it works."""

from .asking import Solved, SolverLimits, solve
from .messages import SPOTS

__all__ = ["SPOTS", "Solved", "SolverLimits", "solve"]
