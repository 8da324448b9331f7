"""A machine that books: people and an organiser act in any order and at the same time, on the real MongoDB, and after
every step what must always be true is looked up there. `people.py` has what participants do, `organiser.py` what a
forum's organiser and its workers do, `truth.py` what must hold, `world.py` where it runs."""
