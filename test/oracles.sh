#!/bin/sh
# Installs what the heavy tests measure against: programs of the host (QEMU, swtpm, strace, mmdebstrap) with apt, and two trees in the cache
# that tests chroot into: one of Debian trixie that holds every other oracle but the judges of SBOMs, which only later suites have (forky;
# mirrors may keep its index longer than it is valid). Needs root. Does nothing that is done already.
set -eu
cache=${TDX_ASSEMBLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tdx-assemble}
tree=${TDX_ASSEMBLE_ORACLE:-$cache/oracle/trixie}
[ "$(id -u)" = 0 ] || { echo "test/oracles.sh: must run as root" >&2; exit 1; }

host="mmdebstrap qemu-system-x86 ovmf swtpm swtpm-tools strace xz-utils zstd cpio gpgv"
missing=""
for package in $host; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
fi

packages="mmdebstrap,ovmf,systemd-ukify,systemd-boot-efi,squashfs-tools,erofs-utils,e2fsprogs,kmod,cryptsetup-bin"
packages="$packages,dosfstools,mtools,gdisk,fdisk,qemu-utils,sbsigntool,busybox,zstd,xz-utils,cpio,python3-pefile,dpkg-dev"
packages="$packages,bubblewrap,strace,gawk,efitools,make,flex,bison,gcc,libc6-dev,nix-bin,xfsprogs,openssl,systemd,libtss2-esys-3.0.2-0t64,libtss2-mu-4.0.1-0t64,libtss2-rc0t64"
judges="base-files,python3-spdx-tools,python3-cyclonedx-lib,python3-jsonschema,python3-protobuf,golang-github-in-toto-attestation-dev"

# make TREE SUITE PACKAGES OPTION...: a tree, made anew when other packages are wanted than it was made of.
make() {
    into=$1 suite=$2 wanted=$3
    shift 3
    stamp="$into/.tdx-assemble-oracle"
    if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
        # The mirror is the one that the host's apt uses for Debian.
        uris=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u)
        mirror=$(echo "$uris" | grep -E '/debian/?$' | head -n 1)
        [ -n "$mirror" ] || { echo "test/oracles.sh: the host's apt has no mirror of Debian" >&2; exit 1; }
        rm -rf "$into"
        mkdir -p "$into"
        mmdebstrap --quiet --mode=root --keyring=/usr/share/keyrings --include="$wanted" "$@" \
            "$suite" "$into" "deb ${mirror%/} $suite main"
        echo "$wanted" > "$stamp"
    fi
    echo "oracles: $into"
}
make "$tree" trixie "$packages" --variant=apt
make "$cache/oracle/sbom" forky "$judges" --variant=extract --aptopt='Acquire::Check-Valid-Until "false"'
