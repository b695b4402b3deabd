/** `measure` and `replay` as processes: every shape, every preset, refusals, and logs that leave what was predicted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { type Measurements, type MeasureOptions, measure } from "#dist/index.js";
import { shapes } from "#dist/measure/shapes.js";
import { makeFirmware } from "../measure/fixtures.js";
import { logOf, makeDisk, makeUki, type UkiSpec } from "../measure/small-images.js";
import { run } from "./run-cli.js";

vi.setConfig({ testTimeout: 300_000 });

const directory = mkdtempSync(join(tmpdir(), "cli-measure-"));
const place = (name: string) => join(directory, name);
const put = async (name: string, content: Content | Uint8Array) => {
  writeFileSync(place(name), content instanceof Uint8Array ? content : await readContent(content));
};
const diskOf = (uki: Content, espMebibytes?: number) =>
  makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: uki }], espMebibytes);

beforeAll(async () => {
  const uki = contentOfBytes(await readContent(await makeUki()));
  await put("image.efi", uki);
  await put("image.raw", diskOf(uki));
  await put("old.efi", await makeUki({ stub: 252, kernel: "6.1.9" }));
  await put("unknown.efi", await makeUki({ stub: 253 }));
  await put("OVMF.fd", makeFirmware());
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("measure", () => {
  it.each(shapes)("writes %s in the form of its JSON Schema", async (shape) => {
    const shaped = await run(["measure", place("image.raw"), "--shape", shape, "--firmware", place("OVMF.fd")]);
    expect([shaped.status, shaped.error]).toEqual([0, ""]);
    const schema = await run(["measure", place("image.raw"), "--shape", shape, "--schema"]);
    const stated = JSON.parse(schema.out);
    expect(stated.$schema).toContain("json-schema.org");
    const validator = z.fromJSONSchema(stated);
    const value = JSON.parse(shaped.out);
    expect(validator.safeParse(value)).toMatchObject({ success: true });
    // A schema that takes anything would be none.
    const broken = JSON.parse(shaped.out.replace(/"[0-9a-f]{96}"|"[0-9a-f]{64}"/, '"xyz"'));
    expect(validator.safeParse(broken).success).toBe(false);
  });

  it.each([
    ["qemu-tdx", "image.raw", ["pcr4", "pcr5", "pcr9", "pcr11", "pcr12", "pcr13", "rtmr1", "rtmr2", "rtmr3"]],
    ["self-hosted", "image.efi", ["pcr4", "pcr5", "pcr9", "pcr11", "pcr12", "pcr13", "rtmr1", "rtmr2", "rtmr3"]],
    ["gcp", "image.raw", ["rtmr1", "rtmr2", "rtmr3"]],
    ["azure", "image.efi", ["pcr4", "pcr9", "pcr11", "pcr12", "pcr13"]],
    ["qemu-tpm", "image.raw", ["pcr4", "pcr5", "pcr9", "pcr11", "pcr12", "pcr13"]],
  ])("knows the preset %s", async (platform, file, names) => {
    const { status, out } = await run(["measure", place(file), "--platform", platform, "--json"]);
    expect(status).toBe(0);
    const measured: Measurements = JSON.parse(out);
    expect(measured.profile.platform).toBe(platform);
    expect(measured.registers.map(({ name }) => name)).toEqual(names);
    expect(measured).toEqual(
      JSON.parse(
        JSON.stringify(
          await measure(contentOfBytes(new Uint8Array(readFileSync(place(file)))), { platform } as MeasureOptions),
        ),
      ),
    );
  });

  it("prints a table, MRTD in both orders, and says what it holds for", async () => {
    const tables = await Promise.all(
      ["single-pass", "two-pass"].map((order) =>
        run(["measure", place("image.efi"), "--firmware", place("OVMF.fd"), "--mrtd", order]),
      ),
    );
    const mrtd = tables.map(({ out }) => /^MRTD {2}sha384 {2}([0-9a-f]{96})$/m.exec(out)?.[1]);
    expect(mrtd[0]).not.toBe(mrtd[1]);
    expect(tables[1]!.out).toContain("built into memory in two passes");
    expect(tables[0]!.out).toMatch(
      /^platform qemu-tdx, boot path kernel, Secure Boot off, stub of systemd 257, Linux /,
    );
    expect(tables[0]!.out).toMatch(/^ {2}[0-9a-f]{16} {2}EV_EVENT_TAG: the command line that the kernel gets/m);
    expect(tables[0]!.out).toContain("no events: stays at zero");
  });

  it("takes load options, and RTMR0 of a log", async () => {
    const measured = await measure(contentOfBytes(new Uint8Array(readFileSync(place("image.efi")))));
    const rtmr0 = { ...measured.registers.find(({ name }) => name === "rtmr1")!, name: "rtmr0" };
    await put("ccel", logOf({ ...measured, registers: [rtmr0] }, "td"));
    const options = ["--append", "a=1", "--event-log", place("ccel"), "--json"];
    const found: Measurements = JSON.parse((await run(["measure", place("image.efi"), ...options])).out);
    expect(found.commandLine).toBe("a=1");
    expect(found.registers.find(({ name }) => name === "rtmr0")).toMatchObject({
      values: rtmr0.values,
      boundTo: expect.stringContaining("environment"),
    });
  });

  it.each([
    ["unknown.efi", [], 1, "measure/profile-unknown"],
    ["old.efi", [], 1, "measure/cmdline-unmeasured"],
    ["image.efi", ["--platform", "gcp"], 2, "measure/disk-needed"],
    ["image.efi", ["--boot", "esp"], 2, "measure/disk-needed"],
    ["image.raw", ["--boot", "kernel"], 1, "measure/profile-unknown"],
    ["image.efi", ["--secure-boot"], 2, "measure/not-signed"],
    ["image.efi", ["--platform", "aws"], 2, "measure/option-unknown"],
    ["image.efi", ["--mrtd", "three-pass"], 2, "measure/option-unknown"],
    ["image.efi", ["--shape", "xml"], 2, "measure/option-unknown"],
    ["image.efi", ["--platform", "azure", "--shape", "dstack-mr"], 1, "measure/shape-impossible"],
    ["image.efi", ["--firmware", "image.efi"], 1, "measure/firmware-invalid"],
    ["image.efi", ["--event-log", "OVMF.fd"], 1, "measure/event-log-invalid"],
    ["image.efi", ["--enrolled", "nowhere"], 2, "measure/file-missing"],
    ["nothing.efi", [], 2, "measure/file-missing"],
    ["OVMF.fd", [], 1, "uki/pe-invalid"],
  ] as const)("refuses %s %j", async (file, options, status, code) => {
    const ended = await run(["measure", file, ...options, "-C", directory]);
    expect([ended.status, ended.out]).toEqual([status, ""]);
    expect(ended.error).toContain(`error[${code}]: Cannot `);
  });

  it("lets a command line that is in no register pass where that is allowed", async () => {
    const { status, out } = await run(["measure", place("old.efi"), "--allow", "cmdline-unmeasured"]);
    expect([status, out]).toEqual([0, expect.stringContaining(`RTMR2  sha384  ${"0".repeat(96)}`)]);
  });
});

describe("replay", () => {
  const predict = async (spec: UkiSpec, options: MeasureOptions = {}, espMebibytes?: number) =>
    measure(diskOf(contentOfBytes(await readContent(await makeUki(spec))), espMebibytes), options);
  const replayed = async (expected: unknown, log: Uint8Array, ...options: string[]) => {
    await put("expected.json", new TextEncoder().encode(JSON.stringify(expected)));
    await put("log", log);
    return run(["replay", place("log"), "--against", place("expected.json"), ...options]);
  };

  it("of what was predicted is 0, in TPM and TD logs, against every shape that states registers", async () => {
    const own = await predict({});
    for (const kind of ["tpm", "td"] as const) {
      const { status, out } = await replayed(own, logOf(own, kind));
      // The registers of the other kind have no events in this log, and are not held against it.
      expect([kind, status, out]).toEqual([kind, 0, expect.not.stringContaining("DIFFERS")]);
    }
    for (const [shape, platform, kind] of [
      ["policy", "gcp", "td"],
      ["policy-any", "qemu-tdx", "td"],
      ["policy", "azure", "tpm"],
      ["measured-boot", "azure", "tpm"],
      ["dstack-mr", "gcp", "td"],
    ] as const) {
      await put("shaped.raw", diskOf(contentOfBytes(await readContent(await makeUki()))));
      const { out } = await run(["measure", place("shaped.raw"), "--platform", platform, "--shape", shape]);
      const { status } = await replayed(JSON.parse(out), logOf(await predict({}, { platform }), kind));
      expect([shape, platform, status]).toEqual([shape, platform, 0]);
    }
  });

  it.each<[string, UkiSpec, MeasureOptions, number | undefined, "tpm" | "td", string, RegExp]>([
    ["another command line", { commandLine: "quiet" }, {}, undefined, "td", "RTMR1", /another UKI/],
    [
      "load options of the host",
      {},
      { loadOptions: "init=/bin/sh" },
      undefined,
      "td",
      "RTMR2",
      /load options of the host|-append/,
    ],
    [
      "load options of the host",
      {},
      { loadOptions: "init=/bin/sh" },
      undefined,
      "tpm",
      "PCR9",
      /load options of the host/,
    ],
    ["another partition table", {}, {}, 41, "tpm", "PCR5", /another partition table: the disk was resized/],
    ["another partition table", {}, {}, 41, "td", "RTMR1", /another partition table/],
    ["another initrd", { initrd: 2 }, {}, undefined, "tpm", "PCR4", /another UKI/],
    ["another stub", { stub: 262 }, {}, undefined, "tpm", "PCR4", /another UKI/],
  ])("names the first event that is another: %s", async (_, spec, options, esp, kind, register, why) => {
    const { status, out } = await replayed(await predict({}), logOf(await predict(spec, options, esp), kind));
    expect(status).toBe(1);
    expect(out).toContain(`of ${register}\n`);
    expect(out.split("First divergence")[1]).toMatch(why);
  });

  it("says what the machine holds beside its log, as one object with --json", async () => {
    const own = await predict({}, { platform: "qemu-tpm" });
    await put("live.json", new TextEncoder().encode(JSON.stringify({ pcr4: "1".repeat(64) })));
    const { status, out } = await replayed(own, logOf(own, "tpm"), "--live", place("live.json"), "--json");
    expect(status).toBe(1);
    const told = JSON.parse(out);
    expect(told).toMatchObject({ kind: "crypto-agile", matches: false });
    expect(told.registers.find(({ name }: { name: string }) => name === "pcr4")).toMatchObject({
      live: "1".repeat(64),
      matches: false,
    });
    expect((await replayed(own, logOf(own, "tpm"), "--live", place("live.json"))).out).toContain(
      "the log does not tell all",
    );
  });

  it("refuses what is no log and no expectation", async () => {
    const own = await predict({});
    const bad = await replayed(own, new Uint8Array(7));
    expect([bad.status, bad.error]).toEqual([1, expect.stringContaining("error[measure/event-log-invalid]")]);
    const none = await replayed({}, logOf(own, "tpm"));
    expect([none.status, none.error]).toEqual([1, expect.stringContaining("error[measure/expected-invalid]")]);
    const missing = await run(["replay", place("log"), "--against", place("nothing.json")]);
    expect([missing.status, missing.error]).toEqual([2, expect.stringContaining("error[measure/file-missing]")]);
    expect((await run(["replay", place("log")])).status).toBe(2);
  });
});
