/**
 * kernel/: base and every fragment keep all their options in the kernel that Debian ships the source of.
 */

import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { debianFile, oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const kernel = resolve(import.meta.dirname, "../../kernel");
const fragments = ["azure", "cmdline-override", "gcp", "lock-down"];
let scratch: ReturnType<typeof oracleScratch>;

beforeAll(() => {
  scratch = oracleScratch();
  cpSync(kernel, join(scratch.outside, "kernel"), { recursive: true });
  writeFileSync(
    join(scratch.outside, "linux.tar.xz"),
    debianFile("trixie", "linux-source-6.12", "usr/src/linux-source-6.12.tar.xz"),
  );
  // What Kconfig reads, and nothing else of 1.5 GB.
  const wanted = ["*/Kconfig*", "*/Makefile*", "*/scripts/*", "*/arch/x86/*.sh", "*/*.include", "*/Kbuild*"];
  runInOracle(scratch.inside, ["tar", "-xf", "linux.tar.xz", "--wildcards", ...wanted]);
});
afterAll(() => scratch.remove());

const configure = (...names: string[]) =>
  runInOracle(scratch.inside, [
    "sh",
    "kernel/configure.sh",
    "linux-source-6.12",
    "out",
    "kernel/base.config",
    ...names.map((name) => `kernel/fragments/${name}.config`),
  ]);

describe("the kernel's configuration", () => {
  it("keeps every option of the base", () => {
    expect(configure()).toMatch(/^\d{3} options survived$/m);
    const final = runInOracle(scratch.inside, ["cat", "out/.config"]);
    expect(final).toContain("CONFIG_INTEL_TDX_GUEST=y\n");
    expect(final).toContain("CONFIG_TSM_REPORTS=y\n");
    expect(final).not.toMatch(/^CONFIG_\w+=m$/m);
  });

  it.each(fragments)("keeps every option of base and %s", (name) => {
    expect(configure(name)).toMatch(/^\d{3} options survived$/m);
  });

  it("keeps every option of all fragments together", () => {
    expect(configure(...fragments)).toMatch(/^\d{3} options survived$/m);
  });

  it("is refused where Kconfig drops an option", () => {
    const extra = "CONFIG_NO_SUCH_THING=y\nCONFIG_USB_STORAGE=y\nCONFIG_EXT4_FS=y\n";
    writeFileSync(join(scratch.outside, "kernel/fragments/extra.config"), extra);
    let output = "";
    try {
      configure("extra");
    } catch (error) {
      output = String((error as { stdout?: string }).stdout);
    }
    expect(output).toContain("extra.config:1: CONFIG_NO_SUCH_THING=y was dropped");
    expect(output).toContain("extra.config:2: CONFIG_USB_STORAGE=y was dropped");
    expect(output).not.toContain("EXT4_FS");
  });
});
