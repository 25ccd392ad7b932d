#!/bin/sh
# Downloads the cross compilers of scripts/build/build-all.js into .tools/, without root and without installing anything on
# the machine. Debian's rustc-web comes with matching sources of the standard library (build-std); zig is the linker for
# every target. Existing files are kept. `install-toolchain.sh tsan` gets the compiler and the runtime of ThreadSanitizer only.
set -eu
cd "$(dirname "$0")/../.."
ZIGBUILD=0.24.0
ZIG=0.17.1

mkdir -p .tools
echo '*' >.tools/.gitignore # the folder ignores itself
cd .tools

fail() {
  echo "install-toolchain: $*" >&2
  exit 1
}

# fetch FOLDER PACKAGE...: downloads and unpacks packages, completely or not at all.
fetch() {
  folder=$1
  shift
  [ ! -d "$folder" ] || return 0
  command -v apt-get >/dev/null || fail 'needs a Debian machine (apt-get download)'
  echo "install-toolchain: $*"
  rm -rf partial
  mkdir -p partial/debs partial/root
  (cd partial/debs && apt-get download -q "$@") || fail "cannot download $*; is apt-get update due?"
  for deb in partial/debs/*.deb; do dpkg-deb -x "$deb" partial/root; done
  mv partial/root "$folder"
  rm -rf partial
}

# The newest version in the archive. Its number is part of the names of two packages that it needs.
if [ ! -x rustc ]; then
  version=$(apt-cache show --no-all-versions rustc-web 2>/dev/null | sed -n 's/^Version: \([0-9]*\.[0-9]*\).*/\1/p')
  [ -n "$version" ] || fail 'no rustc-web in the package lists; run apt-get update'
  needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' ../Cargo.toml)
  [ "$(printf '%s\n' "$needed" "$version" | sort -V | head -n 1)" = "$needed" ] ||
    fail "rustc-web $version is older than Rust $needed, which Cargo.toml requires; run apt-get update"
  llvm=$(apt-cache depends "libstd-rust-web-$version" rustc-web | sed -n 's/.*Depends: \(libllvm[0-9.]*\)$/\1/p' | head -n 1)
  fetch rust-host rustc-web libstd-rust-web-dev "libstd-rust-web-$version" ${llvm:-libllvm22}
  fetch rust-src rust-web-src
  mkdir -p rust-host/usr/lib/rustlib/src
  ln -sfn "../../../../../rust-src/usr/src/$(ls rust-src/usr/src)" rust-host/usr/lib/rustlib/src/rust
  cat >rustc <<'END'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH=$here/rust-host/usr/lib/x86_64-linux-gnu exec "$here/rust-host/usr/bin/rustc" "$@"
END
  chmod +x rustc
fi

if [ "${1-}" = tsan ]; then
  # The runtime of the LLVM version of the compiler.
  fetch sanitizer-runtime "libclang-rt-$(./rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')-dev"
  exit 0
fi

if [ ! -x venv/bin/cargo-zigbuild ]; then
  python3 -m venv venv || fail 'python3 -m venv failed (Debian: apt-get install python3-venv)'
  venv/bin/pip install --quiet --disable-pip-version-check "cargo-zigbuild==$ZIGBUILD" "ziglang==$ZIG"
fi

./rustc --version
echo 'install-toolchain: ready'
