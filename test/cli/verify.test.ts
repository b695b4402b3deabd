/** `verify` as a process: artifacts of the fixture's archive, rebuilt from their locks. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineImage, formatLock, lock as makeLock } from "#dist/index.js";
import { inputOf, openScene, type Scene, scratchDirectory, sha256, writeFiles } from "../assemble/image-fixture.js";
import { run } from "./run-cli.js";

vi.setConfig({ testTimeout: 600_000 });

let scene: Scene;
let input: Parameters<typeof inputOf>[0];
const inScene = (...names: string[]) => join(scene.directory, ...names);

async function writeLocked(profiles: readonly string[] = []): Promise<void> {
  writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf(input)) });
  const environment = { GREETING: "hi" };
  const recipe = defineImage(inputOf(input), { directory: scene.directory, profiles, environment });
  writeFileSync(inScene("image.lock"), formatLock(await makeLock(recipe, scene.options)));
}

beforeEach(async () => {
  scene = await openScene();
  input = { outputs: ["uki"] };
});

describe("verify", () => {
  it("rebuilds with the profiles and host values of the manifest, out of an empty cache but for the downloads", async () => {
    input = {
      outputs: ["uki", "tar"],
      environment: { GREETING: { fromHost: true, default: "hello" } },
      scripts: { postinst: ["greet"] },
      profiles: { loud: { kernel: { commandLine: ["debug"] } } },
    };
    writeFiles(scene.directory, { greet: '#!/bin/sh\necho "$GREETING" > "$BUILDROOT/etc/greeting"\n' });
    await writeLocked(["loud"]);
    await scene.build({
      input: input!,
      profiles: ["loud"],
      environment: { GREETING: "hi" },
      output: inScene("build"),
    });
    const blobs = readdirSync(join(scene.cacheDir, "v1/blob")).sort();
    const requests = scene.server.requests.length;
    const { status, out } = await run(["verify", "build/test+loud.efi"], scene);
    expect([status, out]).toEqual([0, expect.stringContaining("is verified")]);
    expect(out).toMatch(/^ok {6}checksums .*3 files/m);
    expect(out).toMatch(/^ok {6}manifest .*it is the same when it is rebuilt/m);
    expect(out).toMatch(/^ok {6}rebuild /m);
    expect(out).toMatch(/^- {7}signature /m);
    // Nothing was fetched again, and nothing was left.
    expect(scene.server.requests.length).toBe(requests);
    expect(readdirSync(join(scene.cacheDir, "v1/blob")).sort()).toEqual(blobs);
    expect(readdirSync(join(scene.cacheDir, "v1/tmp"))).toEqual([]);
    const json = await run(["verify", "build/test+loud.tar", "--json"], scene);
    expect(json.status).toBe(0);
    const events = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ type: "result", verified: true, differences: [] });
    expect(events).toContainEqual(expect.objectContaining({ stage: "configure", state: "end" }));
  });

  it("explains what differs: a file of another recipe, bytes that were changed", async () => {
    await writeLocked();
    await scene.build({ input: input!, output: inScene("build") });
    writeFiles(scene.directory, { "extra/etc/motd": "changed\n" });
    input = { ...input, extraTrees: ["extra"] };
    await writeLocked();
    const other = await run(["verify", "build/test.efi"], scene);
    expect(other.status).toBe(1);
    expect(other.out).toMatch(/FAILED {2}rebuild .*other bytes/);
    expect(other.out).toMatch(/\.initrd › .*etc\/motd.*/);
    expect(other.out).toMatch(/FAILED {2}manifest .*another one[\s\S]*\n {8}rootEntries: 93 ≠ 94/);
    expect(other.out).toContain("build/test.efi is NOT what it should be");
  });

  it("tells of checksums and manifests that do not hold", async () => {
    await writeLocked();
    await scene.build({ input: input!, output: inScene("build") });
    const bytes = readFileSync(inScene("build/test.efi"));
    bytes[bytes.length - 600]! ^= 1;
    writeFileSync(inScene("build/test.efi"), bytes);
    const { status, out } = await run(["verify", "build/test.efi"], scene);
    expect(status).toBe(1);
    expect(out).toMatch(/FAILED {2}checksums .*\n.*test\.efi: [0-9a-f]{64}, not/);
    expect(out).toMatch(/FAILED {2}manifest .*test\.efi is not the output/);
    expect(out).toMatch(/FAILED {2}rebuild /);
  });

  it("without a recipe says that nothing was rebuilt, and is 1", async () => {
    await writeLocked();
    await scene.build({ input: input!, output: inScene("build") });
    const elsewhere = scratchDirectory();
    const { status, out } = await run(["verify", inScene("build/test.efi"), "-C", elsewhere]);
    expect(status).toBe(1);
    expect(out).toMatch(/^ok {6}checksums /m);
    expect(out).toMatch(/^- {7}rebuild .*nothing was rebuilt/m);
    expect(out).toContain("is not verified: there is no recipe, nothing was rebuilt");
  });

  it("checks a signature that was made later, and compares with it in place", async () => {
    await writeLocked();
    await scene.build({ input: input!, output: inScene("build") });
    await run(["keys", "generate", inScene("keys")]);
    const key = ["--key", inScene("keys/db.key"), "--certificate", inScene("keys/db.crt")];
    expect((await run(["sign", inScene("build/test.efi"), ...key])).status).toBe(0);
    const good = await run(["verify", "build/test.signed.efi", "--certificate", "keys/db.crt"], scene);
    expect([good.status, good.out]).toEqual([0, expect.stringMatching(/^ok {6}signature .*CN=tdx-assemble db/m)]);
    const bad = await run(["verify", "build/test.signed.efi", "--certificate", "keys/KEK.crt"], scene);
    expect([bad.status, bad.out]).toEqual([1, expect.stringMatching(/^FAILED {2}signature /m)]);
    expect(bad.out).toMatch(/^ok {6}rebuild /m);
    const none = await run(["verify", "build/test.efi", "--certificate", "keys/db.crt"], scene);
    expect([none.status, none.out]).toEqual([1, expect.stringContaining("the UKI is not signed, a signature was")]);
  });

  it("asks for the packages: a file, and a server", async () => {
    await writeLocked();
    const built = await scene.build({ input: input!, output: inScene("build") });
    const { packages } = JSON.parse(built.manifest);
    // The whole form of rebuilderd's API v0, as reproduce.debian.net serves it: an instance an architecture.
    const list = (status: string, isOf = (_: string): boolean => true) =>
      JSON.stringify(
        packages
          .map(({ name, version, architecture }: Record<string, string>, i: number) => ({
            ...{ name, version, status: i === 0 ? status : "GOOD", distro: "debian", suite: "main", architecture },
            ...{
              artifact_url: `http://127.0.0.1/${name}_${version}_${architecture}.deb`,
              build_id: i === 0 ? null : i,
            },
            ...{ built_at: i === 0 ? null : "2026-01-02T03:04:05", has_diffoscope: false, has_attestation: i > 0 },
          }))
          .filter(({ architecture }: Record<string, string>) => isOf(architecture!)),
      );
    writeFileSync(inScene("list.json"), list("BAD"));
    const bad = await run(["verify", "build/test.efi", "--packages", "list.json"], scene);
    expect([bad.status, bad.out]).toEqual([1, expect.stringMatching(/FAILED {2}packages .*\n {8}BAD {4}/)]);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const [, instance] = /^\/(amd64|all)\/api\/v0\/pkgs\/list$/.exec(request.url!) ?? [];
      response.setHeader("content-type", "application/json");
      if (instance === undefined) response.writeHead(404);
      response.end(list("GOOD", (architecture) => (architecture === "all") === (instance === "all")));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const instance = (name: string) => [
        "--packages",
        `http://127.0.0.1:${(server.address() as { readonly port: number }).port}/${name}`,
      ];
      const good = await run(["verify", "build/test.efi", ...instance("amd64"), ...instance("all")], scene);
      expect([good.status, good.out]).toEqual([0, expect.stringMatching(/^ok {6}packages /m)]);
      expect(asked).toEqual(["/amd64/api/v0/pkgs/list", "/all/api/v0/pkgs/list"]);
      const none = await run(["verify", "build/test.efi", ...instance("arm64")], scene);
      expect([none.status, none.error]).toEqual([3, expect.stringContaining("error[io/download-failed]")]);
    } finally {
      server.close();
    }
  });

  it("works from nothing but the artifact, and refuses a lock that is missing or stale", async () => {
    await writeLocked();
    await scene.build({ input: input!, output: inScene("build") });
    mkdirSync(inScene("alone"));
    copyFileSync(inScene("build/test.efi"), inScene("alone/renamed.efi"));
    const alone = await run(["verify", "alone/renamed.efi"], scene);
    expect([alone.status, alone.out]).toEqual([0, expect.stringMatching(/^- {7}manifest {6}there is no/m)]);
    const before = sha256(readFileSync(inScene("image.lock")));
    writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf({ ...input, packages: ["libhello0"] })) });
    const stale = await run(["verify", "build/test.efi"], scene);
    expect([stale.status, stale.error]).toEqual([1, expect.stringContaining("error[lock/stale]")]);
    expect(sha256(readFileSync(inScene("image.lock")))).toBe(before);
    rmSync(inScene("image.lock"));
    const missing = await run(["verify", "build/test.efi"], scene);
    expect([missing.status, missing.error]).toEqual([1, expect.stringContaining("error[lock/missing]")]);
    expect((await run(["verify", "nowhere.efi"], scene)).status).toBe(2);
  });
});
