/**
 * `verify` and `sbom` of an image of the real archive, as an auditor uses them: with and without the recipe, a changed byte, another lock,
 * signatures stripped and put back, others' rebuilds of the packages; SBOMs judged by the projects' own tools and the schema of CycloneDX.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { withoutSignatures } from "#dist/uki/signing/read-signature.js";
import { judgeSbom } from "../fixtures/oracle/judge-sbom.js";

const CLI = join(process.cwd(), "dist/cli/main.js");
const directory = mkdtempSync(join(tmpdir(), "verify-"));
const inside = (...names: string[]) => join(directory, ...names);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const RECIPE = {
  image: "audited",
  base: "none",
  packages: ["busybox-static", "media-types", "ncurses-base"],
  kernel: { package: "linux-image-cloud-amd64", modules: [], commandLine: ["console=ttyS0"] },
  initrd: { compression: { type: "zstd", level: 3 } },
  extraTrees: ["extra"],
  secureBoot: { key: "keys/db.key", certificate: "keys/db.crt" },
  outputs: ["uki"],
};

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
  readonly peakMiB: number;
}

/** Runs the command line in the recipe's directory and watches its memory. */
function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, env: { ...process.env, CI: "1" } });
  const said = { out: "", error: "" };
  let peakMiB = 0;
  const watch = setInterval(() => {
    try {
      const high = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))?.[1];
      peakMiB = Math.max(peakMiB, Number(high ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, 50);
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.error += text));
  return new Promise((resolve) =>
    child.on("close", (status) => {
      clearInterval(watch);
      resolve({ status, ...said, peakMiB });
    }),
  );
}

let original: Uint8Array;
const put = (bytes: Uint8Array) => writeFileSync(inside("build/audited.efi"), bytes);

beforeAll(async () => {
  mkdirSync(inside("extra/etc"), { recursive: true });
  writeFileSync(inside("extra/etc/motd"), "audited\n");
  writeFileSync(inside("image.json"), JSON.stringify(RECIPE));
  expect((await run("keys", "generate", "keys")).status).toBe(0);
  const built = await run("build");
  expect([built.status, built.error]).toEqual([0, expect.any(String)]);
  original = new Uint8Array(readFileSync(inside("build/audited.efi")));
});

describe("verify", () => {
  it("holds with the recipe and without its key, in little memory", async () => {
    rmSync(inside("keys/db.key"));
    const { status, out, peakMiB } = await run("verify", "build/audited.efi");
    expect([status, out]).toEqual([0, expect.stringContaining("build/audited.efi is verified")]);
    for (const name of ["checksums", "manifest", "rebuild", "signature"])
      expect(out).toMatch(new RegExp(`^ok +${name} `, "m"));
    expect(peakMiB).toBeGreaterThan(50);
    expect(peakMiB).toBeLessThan(500);
  });

  it("without the recipe says that nothing was rebuilt, and is 1", async () => {
    mkdirSync(inside("elsewhere"));
    const { status, out } = await run("verify", inside("build/audited.efi"), "-C", "elsewhere");
    expect([status, out]).toEqual([
      1,
      expect.stringMatching(/^ok +checksums [\s\S]*^- +rebuild .*nothing was rebuilt/m),
    ]);
  });

  it("finds a changed byte, and says where it is", async () => {
    const at = Buffer.from(original).indexOf("console=ttyS0");
    put(original.map((byte, i) => (i === at + 12 ? byte ^ 1 : byte)));
    const { status, out } = await run("verify", "build/audited.efi");
    put(original);
    expect(status).toBe(1);
    expect(out).toMatch(/^FAILED +checksums /m);
    expect(out).toMatch(/^FAILED +rebuild [\s\S]*\.cmdline.*ttyS/m);
    expect(out).toMatch(/^FAILED +signature /m);
  });

  it("finds that the lock has another package, by its name", async () => {
    const text = readFileSync(inside("image.lock"), "utf8");
    const lock = JSON.parse(text);
    const named = ({ package: one }: { readonly package: string }) => one.startsWith("ncurses-base:");
    expect(lock.entries[0].packages.some(named)).toBe(true);
    lock.entries[0].packages = lock.entries[0].packages.filter((use: { readonly package: string }) => !named(use));
    lock.packages = lock.packages.filter((row: { readonly name: string }) => row.name !== "ncurses-base");
    writeFileSync(inside("image.lock"), JSON.stringify(lock));
    const { status, out } = await run("verify", "build/audited.efi");
    writeFileSync(inside("image.lock"), text);
    expect([status, out]).toEqual([1, expect.stringMatching(/^FAILED +rebuild /m)]);
    expect(out).toMatch(/ncurses-base/);
  });

  it("knows a stripped signature, and the artifact whose signature is put back", async () => {
    const bare = await readContent(await withoutSignatures(contentOfBytes(original)));
    put(bare);
    const stripped = await run("verify", "build/audited.efi");
    expect([stripped.status, stripped.out]).toEqual([1, expect.stringMatching(/^FAILED +signature .*not signed/m)]);
    expect(stripped.out).toMatch(/^ok +rebuild /m);
    const attached = await run("sign", "build/audited.efi", "--attach", "build/audited.efi.p7s", "--to", "back.efi");
    expect([attached.status, attached.error]).toEqual([0, ""]);
    expect(Buffer.compare(readFileSync(inside("back.efi")), original)).toBe(0);
    put(original);
  });

  it("prints what others could rebuild: a file, and a rebuilderd-style API", async () => {
    const { packages } = JSON.parse(readFileSync(inside("build/audited.manifest.json"), "utf8"));
    const list = (status: string) =>
      JSON.stringify(
        packages.map(({ name, version, architecture }: Record<string, string>, i: number) => ({
          ...{ name, version, architecture, distro: "debian", suite: "trixie" },
          status: i === 0 ? status : "GOOD",
        })),
      );
    writeFileSync(inside("list.json"), list("BAD"));
    const bad = await run("verify", "build/audited.efi", "--packages", "list.json");
    expect([bad.status, bad.out]).toEqual([1, expect.stringMatching(/^FAILED +packages .*1 to other bytes/m)]);
    const server = createServer((_, response) => response.end(list("GOOD")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { readonly port: number };
    const good = await run("verify", "build/audited.efi", "--packages", `http://127.0.0.1:${port}`);
    server.close();
    expect([good.status, good.out]).toEqual([0, expect.stringMatching(/^ok +packages /m)]);
  });
});

describe("sbom", () => {
  const judge = (...files: string[]) => judgeSbom(files.map((one) => inside(one)));

  it("is what the reference tools take: an artifact with its provenance", async () => {
    const { status, error } = await run("sbom", "build/audited.efi");
    expect([status, error]).toEqual([0, expect.any(String)]);
    expect(judge("build/audited.spdx.json", "build/audited.cdx.json", "build/audited.provenance.json")).toBe("");
  });

  it("is so of a hundred packages; and the judges see what is wrong", async () => {
    const recipe = {
      ...RECIPE,
      base: "essential",
      packages: ["curl", "kmod", "udev", "sysvinit-core", "openssh-server"],
    };
    mkdirSync(inside("many"));
    cpSync(inside("extra"), inside("many/extra"), { recursive: true });
    writeFileSync(inside("many/image.json"), JSON.stringify({ ...recipe, secureBoot: undefined }));
    expect((await run("lock", "many")).status).toBe(0);
    expect((await run("sbom", "many", "-o", "many")).status).toBe(0);
    const spdx = JSON.parse(readFileSync(inside("many/audited.spdx.json"), "utf8"));
    const declared = spdx.packages.filter((one: Record<string, string>) => /\.deb$/.test(one["packageFileName"] ?? ""));
    expect(declared.length).toBeGreaterThan(100);
    const known = declared.filter((one: Record<string, string>) => one["licenseDeclared"] !== "NOASSERTION");
    expect(known.length / declared.length).toBeGreaterThan(0.8);
    expect(judge("many/audited.spdx.json", "many/audited.cdx.json")).toBe("");
    spdx.packages[5].licenseDeclared = "GPL-2+";
    spdx.relationships[3].relatedSpdxElement = "SPDXRef-Nothing";
    writeFileSync(inside("many/wrong.json"), JSON.stringify(spdx));
    writeFileSync(
      inside("many/wrong.cdx.json"),
      readFileSync(inside("many/audited.cdx.json"), "utf8").replace('"SHA-256"', '"SHA256"'),
    );
    const problems = judge("many/wrong.json", "many/wrong.cdx.json");
    expect(problems).toMatch(/SPDX tools: .*GPL-2\+/);
    expect(problems).toMatch(/SPDX tools: .*SPDXRef-Nothing/);
    expect(problems).toMatch(/CycloneDX schema: /);
  });
});
