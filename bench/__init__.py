"""Measures speed and cost of Magpie and of the usual way to write such services, side by side on the real servers.

`make bench` prints the figures and stores them. No test depends on them.

    world            the event that goes through every variant, and its topics
    order_service    one process: event in -> effect and event out; written with the chassis, or in the usual way
    counter_service  one process: HTTP command in -> document and event; written in both ways, too
    load             a cheap HTTP client, and load from many of them
    processes        CPU and memory of processes
    durable          order_service at saturation, each variant in turn
    steady           order_service at 50 events a second: latency
    outbox           the relay alone (relay_alone): throughput, latency, idle cost, repetitions after a kill
    commands         counter_service with 48 clients
    idle             cost of the four services without traffic
    growth           the durable path by batch, partitions and replicas
    writes           HTTP writes of each service
    line             profile published -> match proposed on the topic
"""
