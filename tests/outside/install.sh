#!/bin/sh
# Installs the outside components that the tests marked `outside` need: Chromium for the browser tests, systemd-analyze
# for the unit of the service.
set -eu
command -v chromium >/dev/null 2>&1 && command -v systemd-analyze >/dev/null 2>&1 && exit 0
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium systemd >/dev/null
command -v chromium systemd-analyze
