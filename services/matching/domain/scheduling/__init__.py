"""Scheduling a forum: which agreed pair meets when, at which table, with which interpreter (docs/rules.md, section 9).

Pure and deterministic for a seed. `problem` is what is asked, `plan` what is found; `greedy` places, `repair` improves,
`polish` closes gaps, `bounds` says what no plan can exceed, `report` compares the two."""
