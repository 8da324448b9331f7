"""What it costs and how fast it is: side by side in one run, on the real servers. `make bench` prints; nothing here is
asserted in tests.

    world        the event that goes through every variant, and the topics it goes over
    under_test   one process that turns events into effects and events: the product's chassis, or what people write
    durable      event in -> effect in MongoDB -> event out, each variant in turn
    http         profile writes over HTTP
    line         the whole line: profile published -> match proposed on the topic
"""
