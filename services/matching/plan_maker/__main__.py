"""Makes one step of a plan: an order, the problem and the spots so far as lines of JSON on standard input, an answer on
standard output."""

from __future__ import annotations

import sys

from ..limited_process import limit_this_process


def main() -> None:
    """Reads, plans and writes, within limits that the system enforces."""
    limit_this_process(cpu_seconds=int(sys.argv[2]), memory_bytes=int(sys.argv[1]) << 20)
    # Imported under the limits.
    from ..domain.forum_plans.inputs import ASKED
    from ..plan_solver import SPOTS
    from .messages import Order
    from .steps import first_schedule, whole_plan

    head, problem, spots = sys.stdin.buffer.read().split(b"\n")
    order, asked = Order.model_validate_json(head), ASKED.validate_json(problem)
    if order.step == "place":
        print(first_schedule(order, asked).model_dump_json())
    else:
        print(whole_plan(order, asked, SPOTS.validate_json(spots)).model_dump_json())


if __name__ == "__main__":
    main()
