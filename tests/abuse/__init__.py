"""Known attacks on a running system: two replicas of each service, each attack with what it is expected to change.

`python -m tests.abuse` prints a line for each of them: what was sent, what was seen, and whether others noticed."""
