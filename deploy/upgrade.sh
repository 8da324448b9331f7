#!/usr/bin/env bash
# deploy/upgrade.sh: replaces the replicas of each service by those of the present image (MAGPIE_VERSION, or what was
# built last), while both serve for a moment. Kafka, MongoDB and the gateway stay as they are.
# Files and project are those of Docker Compose: COMPOSE_FILE (deploy/compose.yaml by default), COMPOSE_PROJECT_NAME.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}

# What the new version writes or reads needs its grants first. It does nothing where they are as they were.
services=$(docker compose config --services)
if grep -qx kafka-access <<<"$services"; then docker compose run --rm --no-deps kafka-access; fi
docker compose run --rm --no-deps topics
for service in profiles translation notifications matching; do
  mapfile -t old < <(docker compose ps --quiet "$service")
  echo "$service: ${#old[@]} replicas"
  docker compose up --detach --wait --no-deps --no-recreate --scale "$service=$((2 * ${#old[@]}))" "$service"
  docker stop --time 30 "${old[@]}" >/dev/null
  docker rm "${old[@]}" >/dev/null
done
