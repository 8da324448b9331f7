"""How well Magpie judges texts that others have written: `python -m bench.evaluation`.

Every set has two halves. `tuning` may be read by who changes the rules; `held` was written by somebody else, before,
and only its shares are looked at. A line of a held half that
was read goes to the tuning half, and a new one is written in its place."""
