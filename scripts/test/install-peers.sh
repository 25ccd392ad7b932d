#!/bin/sh
# Installs the programs that examples/ and __test__/peers/ use as peers: from Debian as root, from PyPI into .peers/ of this
# checkout. (Peers from npm are development dependencies.) Installed programs are kept, without network access.
set -eu
cd "$(dirname "$0")/../.."
DATADOG=0.56.0
PATH=$PATH:/usr/sbin:/sbin:/lib/systemd

fail() {
  echo "install-peers: $*" >&2
  exit 1
}

# program:package
DEBIAN='python3:python3 socat:socat logger:bsdutils rsyslogd:rsyslog nginx:nginx-light wpa_supplicant:wpasupplicant
  systemd-journald:systemd systemd-notify:systemd systemd-socket-activate:systemd unshare:util-linux'

missing() {
  for pair in $DEBIAN; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
  done | sort -u | tr '\n' ' '
}

packages=$(missing)
if [ -n "$packages" ]; then
  command -v apt-get >/dev/null || fail "no apt-get here; install by hand the programs of: $packages"
  [ "$(id -u)" = 0 ] || fail "not root; run: sudo apt-get install --no-install-recommends $packages"
  echo "install-peers: installing $packages"
  # Do not let Debian start nginx and rsyslog as services, because the tests start them in temporary folders.
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { apt-get update && apt-get install -y -o DPkg::Lock::Timeout=120 --no-install-recommends $packages; } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "apt-get could not install: $packages"
  }
  rm -f "$log"
  packages=$(missing)
  [ -z "$packages" ] || fail "installed, and still missing the programs of: $packages"
fi

mkdir -p .peers
echo '*' >.peers/.gitignore # the folder ignores itself

if ! .peers/venv/bin/python -c "from importlib.metadata import version; assert version('datadog') == '$DATADOG'" 2>/dev/null; then
  echo "install-peers: installing datadog $DATADOG from PyPI"
  rm -rf .peers/venv
  python3 -m venv .peers/venv || fail "python3 -m venv failed (Debian: apt-get install python3-venv)"
  .peers/venv/bin/pip install --quiet --disable-pip-version-check "datadog==$DATADOG" || fail "pip could not install datadog $DATADOG"
fi

echo 'install-peers: all peers are here'
