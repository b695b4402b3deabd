/**
 * The first program of an image whose root is a file system: it finds the root, has dm-verity guard it, mounts it with what is to be
 * written above it, and starts the root's own /init. What to mount is in /settings, made by the build (settings.ts) and measured with the
 * UKI; nothing is taken from the kernel's command line. No failure ends in a shell: it is told, and the machine stops.
 *
 * It runs in busybox, whose applets it finds as links in /bin, and is checked by the boot tests.
 */

/** Applets that the script calls, and those that make it a shell. */
export const INIT_APPLETS = [
  ...["cat", "dd", "hexdump", "insmod", "mkdir", "mount", "poweroff", "readlink", "sh", "sleep", "switch_root"],
  ...["umount"],
] as const;

/** The text of /init. */
export const INIT_SCRIPT = `#!/bin/sh
# Made by tdx-assemble. The root is a file system: this finds it, mounts it and starts its own /init.
# What to mount is said by /settings, which is measured with the UKI; the kernel's command line has no say in it.
export PATH=/bin:/usr/sbin
export DM_DISABLE_UDEV=1

fail() {
    trap - EXIT
    echo "init: $1; the machine stops" >&2
    # Time for the serial line.
    sleep 1
    poweroff -f
    # The kernel panics when this ends.
    exit 1
}
trap 'fail "it ended before the root was started"' EXIT

# Prints the device of the partition whose id, as the partition table stores it, is $1. The table (GPT, entries of 128 bytes from
# sector 2 on) is read here, since not every kernel tells ids in /sys.
find_partition() {
    for entry in /sys/class/block/*/partition; do
        [ -e "$entry" ] || continue
        directory=$(readlink -f "\${entry%/partition}")
        disk=\${directory%/*}
        at=$((64 + 8 * ($(cat "$entry") - 1) + 1))
        id=$(dd if="/dev/\${disk##*/}" bs=16 skip=$at count=1 2>/dev/null | hexdump -v -e '16/1 "%02x"')
        [ "$id" = "$1" ] || continue
        echo "/dev/\${directory##*/}"
        return
    done
    return 1
}

# Waits for a partition: a disk may take its time.
wait_for_partition() {
    tenths=300
    until find_partition "$1"; do
        [ "$tenths" -gt 0 ] || return 1
        tenths=$((tenths - 1))
        sleep 0.1
    done
}

. /settings || fail "/settings cannot be read"
mount -t devtmpfs -o mode=0755,nosuid dev /dev || fail "/dev cannot be mounted"
mount -t proc -o nosuid,nodev,noexec proc /proc || fail "/proc cannot be mounted"
mount -t sysfs -o nosuid,nodev,noexec sys /sys || fail "/sys cannot be mounted"

# Each line: "required" or "optional", and a module behind those it depends on. The kernel refuses a driver that has nothing to drive.
while read -r need modules; do
    for module in $modules; do
        name=\${module##*/}
        [ -d "/sys/module/\${name%.ko}" ] && continue
        if [ "$need" = required ]; then
            insmod "$module" || fail "the module $name cannot be loaded"
        else
            insmod "$module" 2>/dev/null || break
        fi
    done
done </modules

if [ "$location" = disk ]; then
    device=$(wait_for_partition "$root_partition") || fail "no disk has the root partition"
else
    device=/root.image
fi

if [ -n "$root_hash" ]; then
    hashes=$(wait_for_partition "$hash_partition") || fail "no disk has the hash partition of the root"
    # A block that was changed ends in a panic: a program that goes on with what it cannot read may do anything.
    table="0 $((data_blocks * 8)) verity 1 $device $hashes 4096 4096 $data_blocks 1 sha256 $root_hash $salt 1 panic_on_corruption"
    dmsetup create root --readonly --table "$table" || fail "the root cannot be verified"
    device=/dev/mapper/root
fi

[ "$location" = disk ] && loop= || loop=loop,
if [ "$overlay" = tmpfs ]; then
    mount -t "$format" -o "\${loop}ro" "$device" /lower || fail "the root cannot be mounted"
    mount -t tmpfs -o mode=0755 upper /upper || fail "the memory above the root cannot be mounted"
    mkdir /upper/data /upper/work || fail "the memory above the root cannot be written"
    mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work root /root ||
        fail "the overlay of the root cannot be mounted"
else
    mount -t "$format" -o "$loop$access" "$device" /root || fail "the root cannot be mounted"
fi
[ -x /root/init ] || [ -L /root/init ] || fail "the root has no /init"

echo "init: the root is $format\${root_hash:+, verified}\${overlay:+, overlay $overlay}"
# The root's own /init mounts these anew.
umount /proc /sys /dev
trap - EXIT
exec switch_root /root /init
`;
