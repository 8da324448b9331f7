#!/bin/bash
# One-shot, at every start with compose.secure.yaml: a password for each principal, and the grants that follow from the
# registry of topics. Both are added; what an operator has granted besides stays. Nothing is done where the same was
# done for these data before: each line below costs a JVM.
set -euo pipefail
done=$(cat /var/lib/kafka/data/meta.properties /run/secrets/kafka_users /opt/magpie/grants | sha256sum | cut -c1-64)
if [ "$(cat /mnt/shared/config/done 2>/dev/null)" = "$done" ]; then
  echo "principals and grants are as they were"
  exit 0
fi
kafka=(--bootstrap-server kafka:9096 --command-config /run/secrets/kafka_admin)
settings=$(mktemp)
while read -r name password; do
  printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$password" >"$settings"
  /opt/kafka/bin/kafka-configs.sh "${kafka[@]}" --alter --entity-type users --entity-name "$name" \
    --add-config-file "$settings" </dev/null >/dev/null
done </run/secrets/kafka_users
rm -f "$settings"
grep -v '^#' /opt/magpie/grants | while read -r grant; do
  # shellcheck disable=SC2086
  /opt/kafka/bin/kafka-acls.sh "${kafka[@]}" --add --force $grant </dev/null >/dev/null
done
echo "$done" >/mnt/shared/config/done
echo "$(wc -l </run/secrets/kafka_users) principals, $(grep -vc '^#' /opt/magpie/grants) lines of grants"
