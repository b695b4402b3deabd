/**
 * Programs that ask for what no image has while it is built (a bus, a scheduler, disks, a console, a boot partition): status and output
 * are those of Debian's programs in a chroot without /proc.
 */
import { describe, expect, it } from "vitest";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const NO_ESP =
  "Couldn't find EFI system partition. It is recommended to mount it to /boot or /efi.\nAlternatively, use --esp-path= to specify path to mount point.\n";
const NO_CONSOLE = "Couldn't get a file descriptor referring to the console.\n";

const FILES = {
  "/boot/grub/": "",
  "/etc/passwd": "",
  "/tmp/": "",
  "/usr/lib/grub/x86_64-efi/modinfo.sh": "",
  "/var/spool/exim4/": "",
};

const ANSWERS: readonly (readonly [line: string, status: number, out: string, err: string])[] = [
  ["bootctl is-installed", 1, "", NO_ESP],
  ["bootctl update --graceful", 0, "", "Couldn't find EFI system partition, skipping.\n"],
  ["bootctl update", 1, "", NO_ESP],
  ["bootctl install --make-machine-id-directory=auto", 1, "", NO_ESP],
  ["bootctl remove --graceful", 1, "", NO_ESP],
  ["bootctl random-seed --graceful", 0, "", "No ESP found, not initializing random seed.\n"],
  ["bootctl random-seed", 1, "", "Unable to find ESP.\n"],
  ["bootctl -x", 1, "", `${NO_ESP}Failed to determine XBOOTLDR location.\n`],
  [
    "busctl call --system org.freedesktop.login1 / x y",
    1,
    "",
    "Failed to connect to system scope bus via local transport: No such file or directory\n",
  ],
  [
    "systemctl show --property MainPID --value x.service",
    0,
    "",
    "systemctl: Running in chroot, ignoring command 'show'\n",
  ],
  [
    "df --output=fstype /tmp",
    0,
    "Type\n-\n",
    "df: Warning: cannot read table of mounted file systems: No such file or directory\n",
  ],
  [
    "grub-probe --target=device /boot",
    1,
    "",
    "grub-probe: error: cannot find a device for /boot (is /dev mounted?).\n",
  ],
  ["grub-probe -t fs /nosuch", 1, "", "grub-probe: error: failed to get canonical path of `/nosuch'.\n"],
  ["grub-mkrelpath /boot/grub", 0, "/boot/grub\n", ""],
  ["grub-mkrelpath /", 0, "\n", ""],
  ["grub-mkrelpath /nosuch", 1, "", "grub-mkrelpath: error: failed to get canonical path of `/nosuch'.\n"],
  ["grub-mkdevicemap -m -", 0, "", ""],
  ["grub-mkdevicemap -m /nosuch/dm", 1, "", "grub-mkdevicemap: error: cannot open /nosuch/dm.\n"],
  [
    "grub-install --target=x86_64-efi --force-extra-removable --no-nvram",
    1,
    "",
    "Installing for x86_64-efi platform.\ngrub-install: error: cannot find EFI directory.\n",
  ],
  [
    "grub-install",
    1,
    "",
    "grub-install: error: /usr/lib/grub/i386-pc/modinfo.sh doesn't exist. Please specify --target or --directory.\n",
  ],
  ["grub-install --target=x86_64-efi a b", 1, "", "grub-install: error: More than one install device?.\n"],
  ["losetup /dev/loop0", 1, "", "losetup: /dev/loop0: No such file or directory\n"],
  ["losetup -a", 0, "", ""],
  ["lpadmin -x q", 1, "", "lpadmin: Unable to connect to server: Bad file descriptor\n"],
  ["lpinfo -h /run/cups/cups.sock -m", 1, "", "lpinfo: Bad file descriptor\n"],
  ["init u", 1, "", "init: /run/initctl: No such file or directory\n"],
  ["setfont", 1, "", NO_CONSOLE],
  ["loadkeys -q /x", 1, "", NO_CONSOLE],
  ["setfont -C /dev/tty1 /x", 1, "", "Couldn't open /dev/tty1\n"],
  [
    "exim_dumpdb /var/spool/exim4 retry",
    1,
    "",
    "** Failed to open database lock file /var/spool/exim4/db/retry.lockfile: No such file or directory\n",
  ],
  [
    "keytool -keystore /nosuch -storepass changeit -list -rfc",
    1,
    "keytool error: java.lang.Exception: Keystore file does not exist: /nosuch\n",
    "",
  ],
  [
    "dropbearconvert openssh dropbear /nosuch /x",
    1,
    "",
    "Error: Unable to open key file\nError reading key from '/nosuch'\n",
  ],
  ["pg_upgradecluster --check 13 main -v 17", 1, "", "Error: specified cluster does not exist\n"],
  ["pg_dropcluster --stop-server 17 main", 1, "", "Error: specified cluster does not exist\n"],
  ["linux-check-removal 6.1", 0, "", ""],
];

describe("what is not there", () => {
  it.each(ANSWERS)("%s", (line, status, out, err) => {
    expect(runHelper(treeOf(FILES), line.split(" "))).toEqual({ status, out, err });
  });

  it.each([
    "bootctl status",
    "busctl --version",
    "dmsetup version",
    "grub-probe -d /dev/sda",
    "grub-install --target=x86_64-efi --efi-directory=/boot",
    "kernel-install inspect",
    "keytool -genkey",
    "lpadmin",
    "losetup /etc/passwd",
    "exim_dumpdb -x",
    "apt-config dump",
    "apt-config shell X Dir::Etc",
    "pg_upgradecluster 13",
  ])("stops at %s", (line) => {
    expect(() => runHelper(treeOf(FILES), line.split(" "))).toThrow(Unsupported);
  });

  it("grub-mkdevicemap writes a map without devices", () => {
    const tree = treeOf(FILES);
    expect(runHelper(tree, ["grub-mkdevicemap", "--no-floppy"])).toEqual({ status: 0, out: "", err: "" });
    expect(tree.readText("/boot/grub/device.map")).toBe("");
  });
});

describe("kernel-install", () => {
  it("names the entry by the system, runs the plug-ins, and stops where a boot loader's entries are", () => {
    const tree = treeOf({
      "/usr/lib/os-release": "ID=debian\n",
      "/usr/lib/kernel/install.conf": "# layout=bls\n",
      "/usr/lib/kernel/install.d/masked.install": "",
      "/boot/vmlinuz": "",
      "/tmp/": "",
    });
    expect(runHelper(tree, ["kernel-install", "add", "6.1", "/boot/vmlinuz"])).toEqual({ status: 0, out: "", err: "" });
    expect([...tree.directory("/tmp").entries]).toEqual([]);
    expect(runHelper(tree, ["kernel-install", "add", "6.1", "/boot/nothing"]).status).toBe(1);
    tree.mkdirs("/boot/debian");
    expect(() => runHelper(tree, ["kernel-install", "remove", "6.1"])).toThrow(Unsupported);
  });
});

describe("emacs-remove", () => {
  it("forgets a flavor and a package, and stops at an old package", () => {
    const state = "/var/lib/emacsen-common/state";
    const tree = treeOf({
      "/usr/lib/emacsen-common/packages/compat/x": "0",
      "/usr/lib/emacsen-common/packages/install/y": "",
      [`${state}/package/installed/x`]: "",
      [`${state}/flavor/installed/emacs`]: "",
    });
    expect(runHelper(tree, ["emacs-package-remove", "--prerm", "x"]).out).toBe("Remove x for emacs\n");
    expect(tree.lookup(`${state}/package/installed/x`)).toBeUndefined();
    expect(runHelper(tree, ["emacs-remove", "emacs"])).toEqual({ status: 0, out: "", err: "" });
    expect(tree.lookup(`${state}/flavor/installed/emacs`)).toBeUndefined();
    expect(runHelper(tree, ["emacs-remove"]).status).toBe(2);
    expect(() => runHelper(tree, ["emacs-package-remove", "y"])).toThrow(Unsupported);
  });
});
