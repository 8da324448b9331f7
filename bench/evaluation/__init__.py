"""How well Magpie judges texts that others have written: `python -m bench.evaluation`.

Every set has two halves. `tuning` may be read by who changes the rules; `held` was written by somebody else, before,
and only its shares are looked at. Whoever reads a line of a held half moves it to the tuning half and has a new one
written."""
