/** SPDX documents of a hundred packages against the JSON schema of SPDX 2.3, which test/sbom-oracles.sh fetches; `heavy/verify.test.ts` has the other judges. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeSbom, spdxSchema } from "../fixtures/oracle/judge-sbom.js";

const RECIPE = {
  image: "listed",
  base: "essential",
  packages: ["curl", "kmod", "udev", "sysvinit-core", "openssh-server"],
  kernel: { package: "linux-image-cloud-amd64", modules: [], commandLine: ["console=ttyS0"] },
  outputs: ["uki"],
};

it("are what the schema takes; and the schema sees what is wrong", () => {
  const directory = mkdtempSync(join(tmpdir(), "sbom-"));
  const cli = (...args: string[]) =>
    execFileSync(process.execPath, [join(process.cwd(), "dist/cli/main.js"), ...args], {
      cwd: directory,
      stdio: "pipe",
    });
  const spdx = join(directory, "listed.spdx.json");
  const judge = () => judgeSbom([spdx, join(directory, "listed.cdx.json")], { schema: spdxSchema() });
  try {
    writeFileSync(join(directory, "image.json"), JSON.stringify(RECIPE));
    cli("lock");
    cli("sbom", "-o", ".");
    expect(judge()).toBe("");
    const document = JSON.parse(readFileSync(spdx, "utf8"));
    expect(document.packages.length).toBeGreaterThan(100);
    document.packages[6].checksums[0].algorithm = "SHA-256";
    writeFileSync(spdx, JSON.stringify(document));
    expect(judge()).toMatch(/^SPDX schema: .*SHA-256/m);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 120_000);
