"""Plans of forums are made in a process of its own: half a minute of Python in a thread would let everybody else who
asks this replica wait for its turn, again and again."""

from .asking import PlanLimits, PlanningFailed, place, prove
from .messages import Placed, Proved

__all__ = ["Placed", "PlanLimits", "PlanningFailed", "Proved", "place", "prove"]
