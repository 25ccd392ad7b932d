#!/bin/sh
# sh private.sh COMMAND...: runs a command with a private journald in namespaces with an empty /run. For machines without systemd as PID 1,
# and for tests that must not write to the journal of the machine. Nothing remains when the command has exited.
set -eu
if [ "${PRIVATE_JOURNAL:-}" != inside ]; then
  as_root=; [ "$(id -u)" = 0 ] || as_root=--map-root-user
  PRIVATE_JOURNAL=inside exec unshare $as_root --mount --pid --fork --kill-child --mount-proc sh "$0" "$@"
fi
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald 2>/dev/null &
tries=0
until [ -S /run/systemd/journal/socket ]; do
  tries=$((tries + 1)); [ $tries -lt 200 ] || { echo 'systemd-journald did not start' >&2; exit 1; }
  sleep 0.05
done
"$@" # when this shell exits, the kernel ends the namespace
