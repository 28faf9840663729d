#!/bin/sh
# Installs the outside components that the tests marked `outside` need: Chromium for the browser tests, PostgreSQL for
# those of its store, systemd-analyze for the unit of the service, Kafka and NATS for those of the streams, S3Proxy for
# the archive in an object storage, Go and Rust for the ledger. The tests start servers of their own; what a package may
# start is not used.
set -eu
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
command -v chromium >/dev/null 2>&1 || need chromium
command -v systemd-analyze >/dev/null 2>&1 || need systemd
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
command -v go >/dev/null 2>&1 || need golang-go
command -v cargo >/dev/null 2>&1 || need cargo
command -v chromium systemd-analyze go cargo
ls /usr/lib/postgresql/*/bin/initdb
sh "$(dirname "$0")/kafka.sh"
sh "$(dirname "$0")/nats.sh"
sh "$(dirname "$0")/s3.sh"
