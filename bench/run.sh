#!/bin/sh
# Measures whole builds against what a user would use instead, as ratios of one run on one machine. Needs root (mmdebstrap, chroot),
# test/oracles.sh, GNU time, and `npm run build`. Prints a table in Markdown; nothing else on the machine should run meanwhile.
#   bench/run.sh [tree|image|warm|memory|size|file-systems|file-systems-large|packages ...]
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "bench/run.sh: must run as root" >&2; exit 1; }
[ -x /usr/bin/time ] || { echo "bench/run.sh: /usr/bin/time is missing (apt-get install time)" >&2; exit 1; }
echo "Machine: $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1-3 /proc/loadavg), Node $(node --version)"
[ $# -gt 0 ] || set -- tree image warm memory size file-systems file-systems-large packages
for part; do
    echo
    case $part in
    *-large) node "bench/${part%-large}.mjs" --large ;;
    *) node "bench/$part.mjs" ;;
    esac
done
