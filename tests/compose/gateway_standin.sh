#!/usr/bin/env bash
# Builds a stand-in under the public name of the gateway's image, for a machine with Go and a Docker engine but without
# a container registry. Does nothing where the image is there. The other images: CONTRIBUTING.md, section "Compose".
set -euo pipefail
tag=caddy:2.10.2
docker image inspect "$tag" >/dev/null 2>&1 && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CGO_ENABLED=0 GOBIN=$work go install -ldflags '-s -w' "github.com/caddyserver/caddy/v2/cmd/caddy@v${tag#*:}"
cat >"$work/Dockerfile" <<'END'
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends busybox ca-certificates && \
    rm -rf /var/lib/apt/lists/* && ln -s /bin/busybox /usr/bin/wget && mkdir -p /config /data
COPY caddy /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
END
DOCKER_BUILDKIT=0 docker build --quiet --force-rm --tag "$tag" "$work" >/dev/null
