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
  systemd-journald:systemd systemd-notify:systemd systemd-socket-activate:systemd unshare:util-linux
  haproxy:haproxy conmon:conmon openssl:openssl'
POLICY=/usr/sbin/policy-rc.d

missing() {
  for pair in $DEBIAN; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
  done | sort -u | tr '\n' ' '
}

install() {
  command -v apt-get >/dev/null || fail "no apt-get here; install by hand the programs of: $*"
  [ "$(id -u)" = 0 ] || fail "not root; run: sudo apt-get install --no-install-recommends $*"
  echo "install-peers: installing $*"
  export DEBIAN_FRONTEND=noninteractive
  # Do not let Debian start nginx and others as services, because the tests start them in temporary folders.
  if [ ! -e "$POLICY" ]; then
    trap 'rm -f "$POLICY"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
  fi
  log=$(mktemp)
  { apt-get update && apt-get install -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$@"; } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "apt-get could not install: $*"
  }
  rm -f "$log"
}

packages=$(missing)
if [ -n "$packages" ]; then
  install $packages
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

# chrony is only unpacked, because its installation replaces the time daemon of the machine.
chrony_runs() {
  .peers/chrony/usr/sbin/chronyd --version && .peers/chrony/usr/bin/chronyc --version
} >/dev/null 2>&1

if ! chrony_runs; then
  command -v apt-get >/dev/null || fail "no apt-get here; unpack by hand into .peers/chrony: chrony"
  echo 'install-peers: unpacking chrony'
  rm -rf .peers/chrony
  mkdir .peers/chrony
  (cd .peers/chrony && apt-get download -q chrony && dpkg-deb -x chrony_*.deb .) >/dev/null 2>&1 || fail 'apt-get could not download chrony'
  chrony_runs || install $(dpkg-deb -f .peers/chrony/chrony_*.deb Depends | tr ',' '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p')
  chrony_runs || fail 'chrony was unpacked, and does not run'
fi

echo 'install-peers: all peers are here'
