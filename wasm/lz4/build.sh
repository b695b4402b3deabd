#!/bin/sh
# Builds lz4.wasm from module.c alone, the same bytes each time: in a Debian 13 with clang-19 and lld-19.
#   wasm/lz4/build.sh OUTPUT
set -eu
cd "$(dirname "$0")"
output=$1
compiler="Debian clang version 19.1.7 (3+b1)"
[ "$(clang-19 --version | head -n 1)" = "$compiler" ] || { echo "wasm/lz4/build.sh: $compiler was wanted" >&2; exit 1; }
clang-19 --target=wasm32 -ffreestanding -nostdlib -fuse-ld=lld -O3 -mbulk-memory -msign-ext -mnontrapping-fptoint -Wall -Wextra -Werror -I../include \
    -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=65536,--max-memory=2147483648 \
    -o "$output" module.c
chmod 644 "$output"
