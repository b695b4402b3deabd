#!/bin/sh
# Builds zlib.wasm from Debian's source package of zlib, the same bytes each time: in a Debian 13 with clang-19, lld-19 and deb-src lines.
#   wasm/zlib/build.sh OUTPUT
set -eu
cd "$(dirname "$0")"
output=$1
version=1.3.dfsg+really1.3.1
sha256=60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb
compiler="Debian clang version 19.1.7 (3+b1)"
[ "$(clang-19 --version | head -n 1)" = "$compiler" ] || { echo "wasm/zlib/build.sh: $compiler was wanted" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get source --quiet --tar-only zlib >/dev/null)
archive=$work/zlib_$version.orig.tar.gz
echo "$sha256  $archive" | sha256sum --check --quiet
tar -C "$work" -xf "$archive"
library=$(dirname "$(echo "$work"/*/deflate.c)")
# Ours in front of upstream's own (the first of the two is meant: the other is for a setting that is not used).
sed -i '0,/^local uInt longest_match(/s//#include "match.h"\nlocal uInt upstream_longest_match(/' "$library/deflate.c"
clang-19 --target=wasm32 -ffreestanding -nostdlib -fuse-ld=lld -O3 -mbulk-memory -msign-ext -mnontrapping-fptoint \
    -DNDEBUG -DZ_SOLO -DUNALIGNED_OK -fno-strict-aliasing -ffile-prefix-map="$library"=zlib -I. -I../include -I"$library" \
    -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=65536,--max-memory=2147483648 \
    -o "$output" module.c "$library"/deflate.c "$library"/trees.c "$library"/adler32.c "$library"/crc32.c "$library"/zutil.c
chmod 644 "$output"
