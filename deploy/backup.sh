#!/usr/bin/env bash
# deploy/backup.sh save DIR      stops everything, copies data, secrets and deploy/.env into DIR, starts it again
# deploy/backup.sh restore DIR   puts them on a host (or into a project) that has none
# Files and project are those of Docker Compose: COMPOSE_FILE (deploy/compose.yaml by default), COMPOSE_PROJECT_NAME.
# Kafka and MongoDB are copied while both stand still, so that they fit together: an outbox and its topic, a checkpoint
# and what was read until then. MAGPIE_SECRETS, MAGPIE_IMAGE and the like are those of Compose, of the shell or else of
# deploy/.env: it is asked for what comes of them, since that file has a syntax of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}
volumes=(kafka-data mongo-data)

die() { echo "$*" >&2; exit 1; }
full() { echo "${project}_$1"; }
value() { printf '%b' "$(sed -n "$1" <<<"$config")"; }  # %b: JSON writes & as \u0026
tar_() { docker run --rm --network none --user 0 --volume "$(full "$1"):/data" --volume "$2:/backup" "$image" tar "${@:3}"; }

ask_compose() {
  local config
  config=$(docker compose config --format json)
  project=$(value 's/^  "name": "\(.*\)",$/\1/p')
  secrets=$(value 's/^ *"file": "\(.*\)\/jwks\.json",\{0,1\}$/\1/p')
  image=$(value '/^    "profiles": {$/,/^    }/s/^      "image": "\(.*\)",$/\1/p')
  [ "$project" ] && [ "$secrets" ] && [ "$image" ] || die "Compose does not say where the secrets are; nothing was done."
}

save() {
  local to=$1
  ask_compose
  [ ! -e "$to" ] || die "$to is there already; give a new directory."
  (umask 077 && mkdir -p "$to")
  to=$(cd "$to" && pwd)
  docker compose stop
  trap 'docker compose up --detach --wait' EXIT
  for volume in "${volumes[@]}"; do tar_ "$volume" "$to" -czf "/backup/$volume.tar.gz" -C /data .; done
  cp -a "$secrets" "$to/secrets"
  [ ! -e "$here/.env" ] || cp -Lp "$here/.env" "$to/env"
  (cd "$to" && find . -maxdepth 1 -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
  echo "saved in $to: $(du -sh "$to" | cut -f1), with the secrets; keep it where nobody else reads it"
}

restore() {
  local from
  from=$(cd "$1" && pwd)
  (cd "$from" && sha256sum --check --quiet SHA256SUMS) || die "$from is not whole; nothing was restored."
  # Addresses, issuer and the names of schemas: with other ones the same data would mean something else.
  if [ ! -e "$here/.env" ] && [ -e "$from/env" ]; then
    trap 'rm -f "$here/.env"' EXIT  # until it is known that all of it can be restored
    cp -p "$from/env" "$here/.env"
  fi
  ask_compose
  for volume in "${volumes[@]}"; do
    ! docker volume inspect "$(full "$volume")" >/dev/null 2>&1 || die "$(full "$volume") is there already: nothing was restored."
  done
  [ -d "$secrets" ] || { mkdir -p "$(dirname "$secrets")" && cp -a "$from/secrets" "$secrets"; }
  diff -rq "$from/secrets" "$secrets" || die "$secrets are others than those of these data; nothing was restored."
  trap - EXIT
  [ ! -e "$from/env" ] || cmp -s "$from/env" "$here/.env" || echo "$here/.env is kept; compare it with $from/env"
  docker compose create
  for volume in "${volumes[@]}"; do tar_ "$volume" "$from" -xzf "/backup/$volume.tar.gz" -C /data; done
  docker compose up --detach --wait
}

case "${1-} ${2:+DIR}" in
  "save DIR") save "$2" ;;
  "restore DIR") restore "$2" ;;
  *) die "$(sed -n '2,3p' "${BASH_SOURCE[0]}")" ;;
esac
