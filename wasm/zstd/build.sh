#!/bin/sh
# Builds zstd.wasm from Debian's source package of zstd, the same bytes each time: in a Debian 13 with clang-19, lld-19 and deb-src lines.
#   wasm/zstd/build.sh OUTPUT
set -eu
cd "$(dirname "$0")"
output=$1
version=1.5.7+dfsg
sha256=0c092ef267edce57ba7f3f2645c861f72eaf5e76273c6c3632869423464b90a5
compiler="Debian clang version 19.1.7 (3+b1)"
[ "$(clang-19 --version | head -n 1)" = "$compiler" ] || { echo "wasm/zstd/build.sh: $compiler was wanted" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get source --quiet --download-only "libzstd=$version-1" >/dev/null)
archive=$work/libzstd_$version.orig.tar.xz
echo "$sha256  $archive" | sha256sum --check --quiet
tar -C "$work" -xf "$archive"
library=$(echo "$work"/zstd-*/lib)
clang-19 --target=wasm32 -ffreestanding -nostdlib -fuse-ld=lld -O3 -mbulk-memory -msign-ext -mnontrapping-fptoint \
    -DNDEBUG -DZSTD_DISABLE_ASM -DZSTD_LEGACY_SUPPORT=0 -DXXH_NAMESPACE=ZSTD_ -ffile-prefix-map="$library"=zstd \
    -I../include -I"$library" -I"$library/common" \
    -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=1048576,--max-memory=2147483648 \
    -o "$output" module.c "$library"/common/*.c "$library"/compress/*.c
chmod 644 "$output"
