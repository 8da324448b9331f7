"""The chassis: a batch of decisions, one commit.

A Kafka batch of one partition, the HTTP commands that wait at this moment, the jobs whose work is done: each is a list
of decisions that run in order on one unit of work and are committed in one short MongoDB transaction.

    settings, logs, metrics, health     what every process has
    errors, clock, documents, database  MongoDB: what it holds, what its errors mean, what time it is
    events                              CloudEvents out and in
    uow, settle                         the unit of work; decide, commit, decide again
    consume, placing, cursor, records   Kafka in
    commands                            HTTP in: group commit
    jobs                                slow, outward or later work
    lease, relay                        Kafka out
    keys, tokens, problems, gate, http, answers     HTTP: who calls, what is refused, how it is answered
    topics                              the registry applied to a cluster
    service                             all of it, run
"""
