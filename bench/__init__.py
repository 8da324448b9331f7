"""What it costs and how fast it is: side by side in one run, on the real servers. `make bench` prints; nothing here is
asserted in tests.

    world        the event that goes through every variant, and the topics it goes over
    under_test   one process that turns events into effects and events: the product's chassis, or what people write
    durable      event in -> effect in MongoDB -> event out, each variant in turn
    steady       the same at 50 events a second: how long one takes
    outbox       the relay alone (relay_alone): draining, latency, idling, repeats after a kill
    commands     48 clients at a service of ours and at what people write (commanded)
    idle         what the four services cost while nothing happens
    growth       the durable path by batch, partitions, replicas
    writes       writes over HTTP of each service
    line         the whole line: profile published -> match proposed on the topic
"""
