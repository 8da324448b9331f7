"""`make load`: many participants at once on a system of this machine, bounded in number and time.

targets        where the services are; only on loopback
participants   what each participant does, for locust
__main__       the command
"""
