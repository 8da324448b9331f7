"""The compose files, really run: `make e2e-compose`. They need a Docker engine, and the images that the files name."""
