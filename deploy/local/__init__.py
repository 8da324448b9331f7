"""One machine without Docker: the real Apache Kafka, the real mongod and the services, on the loopback interface.

ports               free and taken ports
processes           child processes that end with their parent
kafka, mongo        the two servers; `kafka_settings`
cluster             three brokers, and a `replica_set` of three members: any one may be lost
services            the four services, with any number of replicas
run_file            `.magpie/run.json`: what runs here; other tools read it
system              servers and services together
prometheus          a Prometheus with our rules, for tests and pictures
supervisor          restarts services and servers that end
"""
