/**
 * Codes of errors about the tree, the kernel, and what is packed: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const imageCodes: Readonly<Record<string, ErrorCode>> = {
  "rootfs/account-exists": { exit: 2, meaning: "A recipe user or group has a name that a package has already made." },
  "rootfs/group-unknown": { exit: 2, meaning: "A recipe user is to be in a group that is not in the tree." },
  "rootfs/id-taken": { exit: 2, meaning: "A recipe user or group wants an id that a package has already taken." },
  "rootfs/import-conflict": {
    exit: 2,
    meaning: "A skeleton or extra tree has a file where the tree has a directory, or the reverse.",
  },
  "rootfs/import-unsafe": { exit: 2, meaning: "A tar of the recipe has a path that is absolute or has `..`." },
  "rootfs/no-root-account": { exit: 2, meaning: "`rootPassword` is set, but the tree has no root account." },
  "rootfs/owner-unknown": { exit: 2, meaning: "`permissions` or a tree names an owner that is not in the tree." },
  "rootfs/package-missing": { exit: 2, meaning: "`removePackages` names a package that is not in the tree." },
  "rootfs/path-missing": { exit: 2, meaning: "`permissions` names a path that is not in the tree." },
  "rootfs/service-failed": { exit: 1, meaning: "Enabling, disabling or masking a service failed." },
  "rootfs/service-unknown": { exit: 2, meaning: "`services` names a service that is not in the tree." },
  "rootfs/timezone-unknown": { exit: 2, meaning: "`timezone` names a zone that no package of the tree ships." },
  "rootfs/tree-missing": { exit: 2, meaning: "A skeleton or extra tree of the recipe is not there." },
  "kernel/image-missing": {
    exit: 2,
    meaning: "There is no kernel image where the recipe or its package should have one.",
  },
  "kernel/insmod-missing": { exit: 2, meaning: "`kernel.load` is set, but the tree has nothing that loads modules." },
  "kernel/module-invalid": { exit: 1, meaning: "A kernel module is not an ELF file." },
  "kernel/module-unknown": {
    exit: 2,
    meaning: "`kernel.modules` or `kernel.load` names a module that the kernel does not have.",
  },
  "kernel/modules-missing": { exit: 2, meaning: "`kernel.modulesFrom` has no modules in it." },
  "kernel/root-unreadable": { exit: 2, meaning: "The kernel is too old for a root of this compression." },
  "kernel/version-mismatch": {
    exit: 2,
    meaning: "The kernel image is of another version than its modules or the recipe state.",
  },
  "initramfs/compression": { exit: 2, meaning: "The initramfs cannot be compressed in the way the recipe asks for." },
  "initramfs/file-too-large": { exit: 1, meaning: "A file has 4 GiB or more, which a cpio archive cannot hold." },
  "initramfs/program-missing": {
    exit: 1,
    meaning: "A program or library for mounting a file-system root is in none of the packages that should have it.",
  },
  "initramfs/socket": { exit: 1, meaning: "The tree has a socket, which a cpio archive cannot hold." },
  "initramfs/xattr": {
    exit: 1,
    meaning: "A file has a capability or another extended attribute, which a cpio archive cannot hold.",
  },
  "uki/command-line-invalid": { exit: 2, meaning: "The kernel command line has control characters." },
  "uki/command-line-too-long": { exit: 2, meaning: "The kernel command line is over 2,047 bytes." },
  "uki/kernel-invalid": { exit: 2, meaning: "The kernel is no bzImage for amd64 with an EFI stub." },
  "uki/pe-invalid": { exit: 1, meaning: "A file that should be a PE image (stub, kernel, UKI) is damaged or none." },
  "uki/sbat-too-large": { exit: 1, meaning: "The merged SBAT does not fit into the stub's own section." },
  "uki/section-name": { exit: 2, meaning: "A section's name is no PE section name, or is used twice." },
  "uki/section-table-full": { exit: 1, meaning: "The stub's headers have no room for a further section." },
  "uki/stub-invalid": { exit: 2, meaning: "The stub is a PE image, but none that a UKI can be built on." },
  "uki/stub-missing": { exit: 2, meaning: "The stub's file or package does not have a stub in it." },
  "uki/stub-signed": { exit: 2, meaning: "The stub is signed; adding sections would break its signature." },
  "uki/too-large": { exit: 1, meaning: "The UKI would exceed 4 GiB." },
};
