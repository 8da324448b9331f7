"""Services written with other libraries, each in an environment of its own, for `python -m bench durable`."""
