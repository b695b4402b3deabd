/**
 * `/usr/lib/tdx-assemble/load-modules`: loads `kernel.load` in order, without udev, and waits a bounded time for devices; and the
 * /init of a tree that has none.
 */

/** Where the script is in an image. */
export const LOAD_MODULES_PATH = "/usr/lib/tdx-assemble/load-modules";

/**
 * The text of load-modules.
 *
 * @param paths absolute paths of the modules in the image, in the order of loading
 */
export function loadModulesScript(paths: readonly string[]): string {
  const loads = paths.map((path) => `load ${path}\n`).join("");
  return `#!/bin/sh
# Made by tdx-assemble from the recipe's kernel.load: loads these modules, each after what it depends on.
# usage: load-modules [--timeout SECONDS] [DEVICE...]
# Then waits until every DEVICE is there, for 10 seconds at most. Status 1: a module or a device is missing.
timeout=10
if [ "$1" = --timeout ]; then timeout=$2; shift 2; fi
status=0
if command -v insmod >/dev/null 2>&1; then insmod=insmod; else insmod="busybox insmod"; fi
load() {
    name=\${1##*/}; name=\${name%%.ko*}
    [ -d "/sys/module/$(echo "$name" | tr - _)" ] && return
    $insmod "$1" || { echo "load-modules: cannot load $1" >&2; status=1; }
}
${loads}
tenths=$((timeout * 10))
for device in "$@"; do
    while [ ! -e "$device" ] && [ "$tenths" -gt 0 ]; do sleep 0.1; tenths=$((tenths - 1)); done
    [ -e "$device" ] || { echo "load-modules: $device did not appear within $timeout s" >&2; status=1; }
done
exit $status
`;
}

const MOVE = `if [ "$1" != moved ]; then
    mkdir -p /dev /proc /sys /run /tmp
    mount -t devtmpfs -o mode=0755,nosuid dev /dev
    mkdir -p /run/root && mount --rbind / /run/root && cd /run/root && mount --move . / && exec chroot . /init moved
    echo "init: cannot move off the initial root; going on there" >&2
fi
`;

const DEVICES = "mount -t devtmpfs -o mode=0755,nosuid dev /dev\n";

/**
 * The /init of a tree without one: file systems, modules, then /sbin/init.
 *
 * It moves to a bind mount of the root first, since pivot_root(2), and with it every container runtime, fails on the kernel's
 * own rootfs; a root that is a file system is none, and may be read-only. Nothing on a failure path opens a shell: the machine stops instead.
 */
export function defaultInit({ isInitramfs }: { readonly isInitramfs: boolean }): string {
  return `#!/bin/sh
# Made by tdx-assemble: the tree had no /init.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
${isInitramfs ? MOVE : DEVICES}mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sys /sys
mount -t tmpfs -o mode=0755,nosuid,nodev run /run
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=0620,gid=5,nosuid,noexec devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
[ ! -x ${LOAD_MODULES_PATH} ] || ${LOAD_MODULES_PATH} || echo "init: not every module was loaded" >&2
exec /sbin/init
`;
}
