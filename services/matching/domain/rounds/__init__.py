"""A round: who is shown to whom when all are ranked at once (docs/rules.md, section 5).

market     two sides and their interests; the joint, the harmonic and the naive ranking
judging    expected matches, exposure, and which ranking is kept
planning   which pairs are proposed
round      the round as it is stored, from its opening to its end
"""
