/**
 * What is left for the first boot, seen from the scripts that would make it.
 */
import { expect, it } from "vitest";
import { contentOfByteString } from "#dist/bytes/content.js";
import { configurePackages } from "#dist/rootfs/configure/configure-packages.js";
import { helperCommands } from "#dist/rootfs/helpers/table.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { makeArchive } from "../package-fixture.js";

const BINARY = { mode: 0o755, content: contentOfByteString("\x7fELF") };

/** Configures one package with this script. */
function configure(script: string): Tree {
  const tree = new Tree({ epoch: 2000 });
  const archive = makeArchive({
    name: "console-setup",
    files: {
      "etc/console-setup/": {},
      "etc/keyboard": "",
      "root/": {},
      "usr/bin/ckbcomp": BINARY,
      "usr/bin/gzip": BINARY,
      bin: "-> usr/bin",
    },
    members: { postinst: `#!/bin/sh\nset -e\n${script}\n` },
  });
  configurePackages({
    tree,
    packages: [{ archive, stage: 1, priority: "optional", archiveId: "a" }],
    architecture: "amd64",
    commands: helperCommands,
  });
  return tree;
}

it("a cache that is newer than its sources while scripts run, and not there afterwards", () => {
  const cache = "/etc/console-setup/cached_UTF-8_del.kmap.gz";
  const tree = configure(`ckbcomp us >/root/keymap
    gzip -9n </root/keymap >${cache}
    [ -f ${cache} -a /etc/keyboard -ot ${cache} ] && echo "loadkeys ${cache}" >/root/commands`);
  expect(tree.readText("/root/commands")).toBe(`loadkeys ${cache}\n`);
  expect(tree.lookup(cache)).toBeUndefined();
});

it("no other file is compressed", () => {
  const refused = expect.objectContaining({ code: "shell/unsupported-command" });
  expect(() => configure("echo x | gzip -9n >/root/x.gz")).toThrow(refused);
  expect(() =>
    configure("gzip -9n </root/none >/etc/console-setup/cached_x.kmap.gz || true; gzip /etc/keyboard"),
  ).toThrow(refused);
});
