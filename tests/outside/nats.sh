#!/bin/sh
# Installs the NATS server for the tests and benchmarks of its stream; the one that the package may start is not used.
set -eu
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if ! PATH="$PATH:/usr/sbin" command -v nats-server >/dev/null 2>&1; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nats-server >/dev/null
fi
PATH="$PATH:/usr/sbin" command -v nats-server
