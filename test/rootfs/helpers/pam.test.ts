/**
 * pam-auth-update's files, as trixie's own made them (pam 1.7, noninteractive, an empty debconf) of the same profiles: `golden/` has the
 * profiles, the templates, and for each run its words and the files that it changed. The profiles are made for what Debian's few do not
 * show: `-Final` blocks, alone, beside a block of the old name, and after the first of a stack.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { emulatedCommands } from "#dist/assemble/commands.js";
import { contentOfByteString } from "#dist/bytes/content.js";
import { configurePackages } from "#dist/rootfs/configure/configure-packages.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { makeArchive } from "../package-fixture.js";

interface Golden {
  readonly profiles: Readonly<Record<string, string>>;
  /** The text of a profile that is there from the run on that adds it. */
  readonly literal: string;
  readonly templates: Readonly<Record<string, string>>;
  readonly runs: readonly {
    readonly args: readonly string[];
    readonly adds?: "literal";
    readonly files: Readonly<Record<string, string>>;
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL("golden/pam-auth-update.json", import.meta.url), "latin1"));

const QUESTIONS = [
  "Template: libpam-runtime/title\nType: title\nDescription: x\n",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: debconf's own substitutions
  "Template: libpam-runtime/profiles\nType: multiselect\nChoices: ${profiles}\nChoices-C: ${profile_names}\nDescription: x\n",
  "Template: libpam-runtime/override\nType: boolean\nDefault: false\nDescription: x\n",
].join("\n");
/** What a script gets from debconf's confmodule. */
const CONFMODULE = `[ "$DEBIAN_HAS_FRONTEND" ] || exec /usr/share/debconf/frontend "$0" "$@"
exec 3>&1 1>&2
export DEBCONF_REDIR=1
`;
const BINARY = { mode: 0o755, content: contentOfByteString("\x7fELF") };
const MANAGED = ["/etc/pam.d", "/var/lib/pam"];

/** The tree after the first `count` runs, each in a postinst of its own words. */
function treeAfter(count: number): Tree {
  const tree = new Tree({ epoch: 0 });
  const runs = golden.runs.slice(0, count).map(({ args, adds }) => {
    const added = adds === undefined ? "" : `mv /root/${adds} /usr/share/pam-configs/${adds}\n`;
    return `${added}pam-auth-update ${args.join(" ")}\n`;
  });
  const under = (directory: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}${name}`, text]));
  const archive = makeArchive({
    name: "libpam-runtime",
    files: {
      ...under("usr/share/pam-configs/", golden.profiles),
      ...under("usr/share/pam/common-", golden.templates),
      "root/literal": golden.literal,
      "etc/pam.d/": {},
      "usr/bin/mv": BINARY,
      "usr/sbin/pam-auth-update": BINARY,
      "usr/share/debconf/frontend": BINARY,
    },
    members: { postinst: `#!/bin/sh\nset -e\n${CONFMODULE}${runs.join("")}`, templates: QUESTIONS },
  });
  configurePackages({
    tree,
    packages: [{ archive, stage: 1, priority: "required", archiveId: "a", automatic: false }],
    architecture: "amd64",
    commands: emulatedCommands,
  });
  return tree;
}

it.each(golden.runs.map(({ args }, at) => [at + 1, args.join(" ")] as const))("run %i: %s", (count) => {
  const tree = treeAfter(count);
  const made = MANAGED.flatMap((directory) =>
    [...tree.directory(directory).entries.keys()].map((name) => `${directory}/${name}`),
  );
  const wanted = Object.assign({}, ...golden.runs.slice(0, count).map(({ files }) => files));
  expect(Object.fromEntries(made.map((path) => [path, tree.readText(path)]))).toEqual(wanted);
});
