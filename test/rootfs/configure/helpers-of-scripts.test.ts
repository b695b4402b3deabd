/**
 * Helpers that work together with scripts: what is left for the first boot, seen from the scripts that would make it, and the scripts that
 * emacsen-common runs.
 */
import { expect, it } from "vitest";
import { emulatedCommands } from "#dist/assemble/commands.js";
import { contentOfByteString } from "#dist/bytes/content.js";
import { configurePackages } from "#dist/rootfs/configure/configure-packages.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { makeArchive, type PackageSpec } from "../package-fixture.js";

const BINARY = { mode: 0o755, content: contentOfByteString("\x7fELF") };

/** Configures one package with this script. */
function configure(script: string, files: PackageSpec["files"] = {}): Tree {
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
      ...files,
    },
    fields: { Depends: "base-files (>= 1) | zeta, alpha" },
    members: { postinst: `#!/bin/sh\nset -e\n${script}\n` },
  });
  configurePackages({
    tree,
    packages: [{ archive, stage: 1, priority: "optional", archiveId: "a", automatic: false }],
    architecture: "amd64",
    commands: emulatedCommands,
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

const EMACSEN = "/usr/lib/emacsen-common";
const STATE = "/var/lib/emacsen-common/state";

/** Scripts that note that they ran; those of the package and of two others. */
function emacsen(): PackageSpec["files"] {
  const script = (name: string) => ({
    mode: 0o755,
    content: contentOfByteString(`#!/bin/sh\n[ $1 != broken ] || exit 3\necho ${name} $1 >>/root/log\n`),
  });
  return {
    "usr/bin/dpkg": BINARY,
    "usr/bin/emacs-nox": BINARY,
    "usr/lib/emacsen-common/emacs-install": BINARY,
    "usr/lib/emacsen-common/emacs-package-install": BINARY,
    "usr/lib/emacsen-common/packages/compat/console-setup": "0",
    "usr/lib/emacsen-common/packages/compat/later": "0",
    "usr/lib/emacsen-common/packages/install/console-setup": script("own"),
    "usr/lib/emacsen-common/packages/install/later": script("later"),
    "var/lib/emacsen-common/state/flavor/installed/": {},
    "var/lib/emacsen-common/state/package/installed/": {},
  };
}

it("add-on packages are set up for every Emacs, when both are there", () => {
  const tree = configure(
    `${EMACSEN}/emacs-package-install --postinst console-setup; echo then >>/root/log
    ${EMACSEN}/emacs-install emacs
    ${EMACSEN}/emacs-install --postinst xemacs
    ${EMACSEN}/emacs-package-install --postinst console-setup`,
    emacsen(),
  );
  expect(tree.readText("/root/log")).toBe("then\nown emacs\nown xemacs\nown emacs\nown xemacs\n");
  expect(tree.read(`${STATE}/flavor/installed/emacs`)).toHaveLength(0);
  expect(tree.read(`${STATE}/package/installed/console-setup`)).toHaveLength(0);
  expect(tree.lookup(`${STATE}/package/installed/later`)).toBeUndefined();
});

it("a script that fails, and words that are not known, end them", () => {
  const tree = configure(
    `: >${STATE}/package/installed/console-setup; : >${STATE}/flavor/installed/old
    set +e
    ${EMACSEN}/emacs-install broken; echo $? >>/root/log
    ${EMACSEN}/emacs-install; echo $? >>/root/log
    ${EMACSEN}/emacs-install --preinst old; echo $? >>/root/log
    ${EMACSEN}/emacs-package-install --preinst console-setup; echo $? >>/root/log
    emacs-nox -batch -f batch-byte-compile /usr/share/emacs/site-lisp/debian-startup.el; echo $? >>/root/log`,
    emacsen(),
  );
  expect(tree.readText("/root/log")).toBe("2\n2\n0\n0\n0\n");
  expect(tree.lookup(`${STATE}/flavor/installed/old`)).toBeUndefined();
  const refused = expect.objectContaining({ code: "shell/unsupported-command" });
  expect(() => configure(`${EMACSEN}/emacs-install --reinstall emacs`, emacsen())).toThrow(refused);
  expect(() => configure("emacs-nox -batch -f batch-byte-compile /root/x.el", emacsen())).toThrow(refused);
  const compat = "usr/lib/emacsen-common/packages/compat/console-setup";
  const old = Object.fromEntries(Object.entries(emacsen() ?? {}).filter(([path]) => path !== compat));
  expect(() => configure(`${EMACSEN}/emacs-install emacs`, old)).toThrow(refused);
});
