"""The board: the pages of an organiser and of a participant. Pure: documents in, HTML out."""

from .counts import ForumFacts
from .day import DayFacts, day_view
from .forum import Wish, forum_view
from .html import (
    STYLE,
    MoveView,
    Place,
    day_page,
    enter_page,
    forum_page,
    forums_page,
    move_page,
    plan_page,
    refused_page,
    sign_in_page,
)
from .plan import PlanFacts, plan_view

__all__ = [
    "STYLE",
    "DayFacts",
    "ForumFacts",
    "MoveView",
    "Place",
    "PlanFacts",
    "Wish",
    "day_page",
    "day_view",
    "enter_page",
    "forum_page",
    "forum_view",
    "forums_page",
    "move_page",
    "plan_page",
    "plan_view",
    "refused_page",
    "sign_in_page",
]
