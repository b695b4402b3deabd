/**
 * Every shell script that the Debian system at hand has installed, parsed by the project and by the real shells.
 */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseScript } from "#dist/rootfs/shell/parse-script.js";

/** Files that start with `#!` and the name of a shell. */
function findScripts(root: string): { path: string; text: string; dialect: "dash" | "bash" }[] {
  return readdirSync(root).flatMap((name) => {
    const path = join(root, name);
    const stats = lstatSync(path);
    if (!stats.isFile() || stats.size > 1 << 20) return [];
    const text = readFileSync(path, "latin1");
    const shell = /^#! ?\/(?:usr\/)?bin\/(?:env )?(sh|dash|bash)\b/.exec(text)?.[1];
    return shell === undefined
      ? []
      : [{ path, text, dialect: shell === "bash" ? ("bash" as const) : ("dash" as const) }];
  });
}

describe("shell scripts of Debian", () => {
  it("parse as the real shells parse them", () => {
    const roots = ["/var/lib/dpkg/info", "/usr/bin", "/usr/sbin", "/etc/init.d", "/usr/lib/init", "/usr/share/debconf"];
    const scripts = roots.filter((root) => existsSync(root)).flatMap(findScripts);
    expect(scripts.length).toBeGreaterThan(100);
    for (const { path, text, dialect } of scripts) {
      const real = spawnSync(dialect, ["-n", path], { encoding: "latin1" });
      const { error } = parseScript(text, { dialect });
      expect({ path, valid: error === undefined }).toEqual({ path, valid: real.status === 0 });
    }
  });
});
