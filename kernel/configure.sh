#!/bin/sh
# Configures a kernel tree from a base and fragments, and fails if an option of them is dropped.
#
#   configure.sh SOURCE OUTPUT CONFIG [FRAGMENT…]
#
# SOURCE is an unpacked Linux tree, OUTPUT the build directory (it may be SOURCE). Writes OUTPUT/.config. MAKE and
# ARCH may be set. A later file overrides an earlier one, line by line.
set -eu
if [ $# -lt 3 ]; then
  echo "usage: configure.sh SOURCE OUTPUT CONFIG [FRAGMENT...]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
source=$1
output=$2
shift 2
mkdir -p "$output"
output=$(cd "$output" && pwd)
# Each option once, as it was stated last, so that Kconfig has nothing to warn about.
awk '
  /^CONFIG_[A-Za-z0-9_]+=/ { name = $0; sub(/=.*/, "", name) }
  /^# CONFIG_[A-Za-z0-9_]+ is not set[ \t\r]*$/ { name = $2 }
  name != "" { if (!(name in line)) order[++count] = name; sub(/[ \t\r]+$/, ""); line[name] = $0; name = "" }
  END { for (i = 1; i <= count; i++) print line[order[i]] }
' "$@" >"$output/.config"
${MAKE:-make} -C "$source" O="$output" ARCH="${ARCH:-x86_64}" olddefconfig >&2
sh "$here/check-config.sh" "$output/.config" "$@"
