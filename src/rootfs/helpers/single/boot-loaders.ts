/**
 * Installers of boot loaders. While an image is built no EFI system partition is mounted and no disk is there: they say so, as in a
 * chroot, before they have written anything. Checked against Debian's programs in a chroot.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const NO_ESP = `Couldn't find EFI system partition. It is recommended to mount it to /boot or /efi.
Alternatively, use --esp-path= to specify path to mount point.
`;

/** bootctl(1) of systemd 257: no EFI system partition is mounted. */
export const bootctl: Command = defineTool(
  {
    short: "pxq",
    long: {
      "print-esp-path": "p",
      "print-boot-path": "x",
      quiet: "q",
      graceful: "graceful",
      "make-machine-id-directory=": "entry",
      "make-entry-directory=": "entry",
      "entry-token=": "token",
      "no-variables": "no-variables",
      "all-architectures": "architectures",
      "no-pager": "no-pager",
    },
  },
  (tool) => {
    const [verb] = tool.operands;
    const { stderr } = tool.process;
    if (tool.has("p") && tool.has("x")) tool.unsupported(tool.words.join(" "));
    if (tool.operands.length > 1 || (verb === undefined && !tool.has("p") && !tool.has("x")))
      tool.unsupported(tool.words.join(" "));
    switch (verb) {
      case undefined:
        if (!tool.has("q")) stderr.write(NO_ESP);
        if (tool.has("x")) stderr.write("Failed to determine XBOOTLDR location.\n");
        return 1;
      case "update":
        stderr.write(tool.has("graceful") ? "Couldn't find EFI system partition, skipping.\n" : NO_ESP);
        return tool.has("graceful") ? 0 : 1;
      case "random-seed":
        stderr.write(tool.has("graceful") ? "No ESP found, not initializing random seed.\n" : "Unable to find ESP.\n");
        return tool.has("graceful") ? 0 : 1;
      case "install":
      case "is-installed":
      case "list":
      case "remove":
        stderr.write(NO_ESP);
        return 1;
      default:
        return tool.unsupported(tool.words.join(" "));
    }
  },
);

const PLUGINS = ["/etc/kernel/install.d", "/run/kernel/install.d", "/usr/lib/kernel/install.d"];
/** What would choose another layout than that of a system without boot loader entries. */
const SETTINGS = ["/etc/kernel/install.conf", "/run/kernel/install.conf", "/usr/lib/kernel/install.conf"];
const LAYOUTS = [
  "/etc/kernel/install.conf.d",
  "/etc/kernel/entry-token",
  "/etc/machine-info",
  "/usr/lib/kernel/install.conf.d",
  "/boot/loader",
  "/boot/EFI",
  "/efi",
  "/boot/efi",
];

/**
 * kernel-install(8) of systemd 257: runs the plug-ins, for the layout "other". The machine has no identity yet, so the entry's name is the
 * system's; the identity that is made up for one run there is left empty here.
 */
export const kernelInstall: Command = defineTool({ short: "v", long: { verbose: "v" } }, (tool) => {
  const [verb, version, ...files] = tool.operands;
  const { tree } = tool.process;
  if ((verb !== "add" && verb !== "remove") || version === undefined || (verb === "add" && files.length === 0))
    tool.unsupported(tool.words.join(" "));
  const saysMore = (path: string): boolean =>
    tool.find(path) !== undefined &&
    tree
      .readText(path)
      .split("\n")
      .some((line) => !/^\s*(?:#.*)?$/.test(line));
  const other = LAYOUTS.find((path) => tool.find(path) !== undefined) ?? SETTINGS.find(saysMore);
  if (other !== undefined) tool.unsupported(`with ${other}`);
  const release = ["/etc/os-release", "/usr/lib/os-release"].find((path) => tool.find(path)?.type === "file");
  const token = release === undefined ? undefined : /^ID="?([\w.-]+)"?$/m.exec(tree.readText(release))?.[1];
  if (token === undefined || tool.find(`/boot/${token}`) !== undefined)
    tool.unsupported("with entries of a boot loader");
  if (verb === "add") for (const file of files) tool.stat(file);
  const plugins = new Map<string, string>();
  for (const directory of PLUGINS) {
    const node = tool.find(directory);
    for (const name of node?.type === "directory" ? node.entries.keys() : [])
      if (name.endsWith(".install") && !plugins.has(name)) plugins.set(name, `${directory}/${name}`);
  }
  const staging = "/tmp/kernel-install.staging.XXXXXX";
  tree.mkdirs(staging);
  const environment = {
    LC_COLLATE: "C.UTF-8",
    KERNEL_INSTALL_VERBOSE: tool.has("v") ? "1" : "0",
    KERNEL_INSTALL_IMAGE_TYPE: verb === "add" ? "unknown" : "",
    KERNEL_INSTALL_MACHINE_ID: "",
    KERNEL_INSTALL_ENTRY_TOKEN: token,
    KERNEL_INSTALL_BOOT_ROOT: "/boot",
    KERNEL_INSTALL_LAYOUT: "other",
    KERNEL_INSTALL_INITRD_GENERATOR: "",
    KERNEL_INSTALL_UKI_GENERATOR: "",
    KERNEL_INSTALL_STAGING_AREA: staging,
  };
  let status = 0;
  for (const [, plugin] of [...plugins].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const node = tool.find(plugin);
    // A plug-in is masked by an empty file or a link to /dev/null.
    if (node?.type !== "file" || (node.mode & 0o111) === 0) continue;
    const words = [plugin, verb!, version!, `/boot/${token}/${version}`, ...(verb === "add" ? files : [])];
    status = tool.process.run(words, { environment });
    // 77: nothing more is to be done.
    if (status !== 0) break;
  }
  tree.removeAll(staging);
  return status === 77 ? 0 : status;
});

/** grub-probe(8) of GRUB 2.12: no disk is there. */
export const grubProbe: Command = defineTool(
  { short: "dt:m:v", long: { device: "d", "target=": "t", "device-map=": "m", verbose: "v" } },
  (tool) => {
    const [path] = tool.operands;
    if (path === undefined || tool.operands.length > 1 || tool.has("d")) tool.unsupported(tool.words.join(" "));
    if (tool.find(path!) === undefined) return grubError(tool, `failed to get canonical path of \`${path}'.`);
    return grubError(tool, `cannot find a device for ${path} (is /dev mounted?).`);
  },
);

/** grub-mkrelpath(1): all of the tree is one file system, whose root has an empty name. */
export const grubMkrelpath: Command = defineTool({}, (tool) => {
  const [path] = tool.operands;
  if (path === undefined || tool.operands.length > 1) tool.unsupported(tool.words.join(" "));
  if (tool.find(path!) === undefined) return grubError(tool, `failed to get canonical path of \`${path}'.`);
  const real = tool.process.tree.realpath(tool.absolute(path!));
  tool.out(`${real === "/" ? "" : real}\n`);
  return 0;
});

/** grub-mkdevicemap(8): a map without devices. */
export const grubMkdevicemap: Command = defineTool(
  { short: "nsm:v", long: { "no-floppy": "n", "probe-second-floppy": "s", "device-map=": "m", verbose: "v" } },
  (tool) => {
    const file = tool.value("m") ?? "/boot/grub/device.map";
    if (tool.operands.length > 0) tool.unsupported(tool.words.join(" "));
    if (file === "-") return 0;
    const path = tool.absolute(file);
    if (tool.find(path.slice(0, path.lastIndexOf("/")) || "/")?.type !== "directory")
      return grubError(tool, `cannot open ${file}.`);
    tool.process.tree.write(path, "", { mode: 0o644 });
    return 0;
  },
);

/** grub-install(8) for EFI: ends where it looks for the EFI system partition, before anything is written. */
export const grubInstall: Command = defineTool(
  {
    long: {
      "target=": "target",
      "bootloader-id=": "id",
      "no-nvram": "no-nvram",
      "force-extra-removable": "extra",
      removable: "removable",
      recheck: "recheck",
      "no-floppy": "no-floppy",
      force: "force",
      "grub-setup=": "setup",
      "no-uefi-secure-boot": "secure",
      "uefi-secure-boot": "secure",
    },
  },
  (tool) => {
    if (tool.operands.length > 1) return grubError(tool, "More than one install device?.");
    const target = tool.value("target") ?? "i386-pc";
    const information = `/usr/lib/grub/${target}/modinfo.sh`;
    if (tool.find(information) === undefined)
      return grubError(tool, `${information} doesn't exist. Please specify --target or --directory.`);
    if (!target.endsWith("-efi")) tool.unsupported(tool.words.join(" "));
    tool.process.stderr.write(`Installing for ${target} platform.\n`);
    return grubError(tool, "cannot find EFI directory.");
  },
);

function grubError(tool: Tool, message: string): number {
  tool.process.stderr.write(`${tool.name}: error: ${message}\n`);
  return 1;
}
