/**
 * The shipped overrides: artefacts that are left for the first boot, since they are of a format that only their program writes, or
 * differ from copy to copy. The program succeeds and says so; nothing but the paths named here is missing then. A build's manifest
 * lists those of its packages, and docs/fidelity.md all of them.
 */
import { type Command, NotEmulated } from "../../shell/process.js";
import type { Tree } from "../../tree/tree.js";

/** A program that is not run, and the artefact that is missing for it. */
export interface ShippedOverride {
  readonly program: string;
  /** The package that brings the program. */
  readonly package: string;
  readonly artefact: string;
  /** Where the artefact would be; `*` is one name, and `**` all that is below. */
  readonly paths: readonly string[];
  readonly reason: string;
  /** The artefact is what the program prints, compressed with gzip. */
  readonly isOutput?: true;
  /** One of these has to be among its words: other uses of the program are not left out, but interpreted or refused. */
  readonly words?: readonly string[];
}

/** All of them. */
export const shippedOverrides: readonly ShippedOverride[] = [
  {
    program: "appstreamcli",
    package: "appstream",
    words: ["refresh-cache"],
    artefact: "the index of software",
    paths: ["/var/cache/swcatalog"],
    reason: "of a format that only libxmlb writes: without it the descriptions are read one by one",
  },
  {
    program: "ckbcomp",
    package: "console-setup",
    artefact: "the console's keymap",
    paths: ["/etc/console-setup/cached_*.kmap.gz"],
    isOutput: true,
    reason: "a cache: keyboard-setup.service does without, and console-setup.service makes it at the first boot",
  },
  {
    program: "dracut",
    package: "dracut-core",
    words: ["--force"],
    artefact: "the initrd",
    paths: ["/boot/initrd.img-*"],
    reason: "an image has one of its own making: dracut --force makes Debian's",
  },
  {
    program: "emacs-nox",
    package: "emacs-nox",
    words: ["/usr/share/emacs/site-lisp/debian-startup.el"],
    artefact: "the byte code of Debian's start-up file",
    paths: ["/usr/share/emacs/site-lisp/debian-startup.elc"],
    reason: "of Emacs' own compiler; without it Emacs reads the source",
  },
  {
    program: "fc-cache",
    package: "fontconfig",
    artefact: "the index of fonts",
    paths: ["/var/cache/fontconfig/**"],
    reason: "holds the times of directories: made when a program first looks for fonts",
  },
  {
    program: "gtk4-update-icon-cache",
    package: "gtk-update-icon-cache",
    artefact: "the index of icons",
    paths: ["/usr/share/icons/*/icon-theme.cache"],
    reason: "in the order in which the building file system lists directories; without it GTK reads the directories",
  },
  {
    program: "install-info",
    package: "install-info",
    artefact: "the menu of manuals",
    paths: ["/usr/share/info/dir"],
    reason:
      "in the order in which the building file system lists directories; manuals are found by name, and update-info-dir makes it",
  },
  {
    program: "java",
    package: "ca-certificates-java",
    words: ["/usr/share/ca-certificates-java/ca-certificates-java.jar", "-version"],
    artefact: "Java's store of certificates",
    paths: ["/etc/ssl/certs/java/cacerts"],
    reason: "of a format with times in it: its package's script makes it when it is configured again",
  },
  {
    program: "mandb",
    package: "man-db",
    artefact: "the index of manual pages",
    paths: ["/var/cache/man/**"],
    reason: "of a format that only mandb writes: made when man-db's timer runs",
  },
  {
    program: "mariadbd",
    package: "mariadb-server-core",
    artefact: "the database",
    paths: [
      "/var/lib/mysql/aria_log*",
      "/var/lib/mysql/ib*",
      "/var/lib/mysql/undo*",
      "/var/lib/mysql/mysql",
      "/var/lib/mysql/performance_schema",
      "/var/lib/mysql/sys",
    ],
    reason: "a database of one machine: mariadb-install-db makes it",
  },
  {
    program: "pg_createcluster",
    package: "postgresql-common",
    artefact: "the database cluster",
    paths: ["/etc/postgresql/*/main", "/var/lib/postgresql/*/main", "/var/log/postgresql/postgresql-*-main.log"],
    reason: "has an identity of its own: pg_createcluster makes it",
  },
  {
    program: "sendmail",
    package: "postfix",
    words: ["newaliases"],
    artefact: "the index of mail aliases",
    paths: ["/etc/aliases.db"],
    reason: "Berkeley DB puts an identity made of inode and time into it: newaliases makes it",
  },
  {
    program: "update-dictcommon-hunspell",
    package: "dictionaries-common",
    artefact: "lists of spelling dictionaries",
    paths: ["/var/cache/dictionaries-common/**", "/etc/dictionaries-common/ispell-default"],
    reason: "for Emacs, jed and SquirrelMail alone, which choose among dictionaries by them",
  },
  {
    program: "update-initramfs",
    package: "initramfs-tools",
    words: ["-c"],
    artefact: "the initrd",
    paths: ["/boot/initrd.img-*"],
    reason: "an image has one of its own making: update-initramfs -c makes Debian's",
  },
];

/** The programs by name. */
export const leftOut: readonly (readonly [name: string, command: Command])[] = shippedOverrides.map(
  ({ program, artefact, words }) => [
    program,
    (process, args) => {
      if (words !== undefined && !words.some((word) => args.includes(word))) throw new NotEmulated();
      // A program that reads its work from a pipe would read all of it.
      while (process.stdin.read(1 << 16) !== "");
      process.stderr.write(`${program}: ${artefact} is not made while an image is built\n`);
      return 0;
    },
  ],
);

/** gzip of what a program did not print: its file stays empty until all is configured, since scripts look whether it is there. */
export const gzip: Command = (process) => {
  const { path, node } = process.stdout;
  if (path === undefined || !isLeftOutput(path) || process.stdin.read(1) !== "") throw new NotEmulated();
  // Scripts ask whether a cache is newer than its sources, which have the one time that there is here.
  if (node !== undefined) node.mtime = process.system.epoch + 1;
  return 0;
};

/** Removes the files of what programs did not print. */
export function removeLeftOutputs(tree: Tree): void {
  for (const { isOutput, paths } of shippedOverrides) {
    for (const pattern of isOutput ? paths : []) {
      const directory = pattern.slice(0, pattern.lastIndexOf("/"));
      const node = tree.lookup(directory);
      for (const [name, child] of node?.type === "directory" ? [...node.entries] : [])
        if (child.type === "file" && child.content.size === 0 && isLeftOutput(`${directory}/${name}`))
          tree.unlink(`${directory}/${name}`);
    }
  }
}

function isLeftOutput(path: string): boolean {
  return shippedOverrides.some(({ isOutput, paths }) => isOutput && paths.some((pattern) => matches(pattern, path)));
}

/** Whether a path is one that a pattern without `**` names. */
function matches(pattern: string, path: string): boolean {
  const literals = pattern.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]*")}$`).test(path);
}
