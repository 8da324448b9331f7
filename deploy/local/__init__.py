"""One machine without Docker: the real Apache Kafka, the real mongod and the services, on loopback.

ports, processes    what any child of ours needs
kafka, mongo        the two servers
services            the four services, any number of replicas
run_file            `.magpie/run.json`: what runs, for other tools to find
system              all of it together
"""
