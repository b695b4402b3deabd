/**
 * MRTD of real firmware: Debian's OVMF for Intel TDX (of sid: trixie has none) and trixie's OVMF, which has TDX metadata too. Judged by a
 * program written apart from this one, in another language, out of the specifications (test/fixtures/oracle/mrtd.py): both orders.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mrtdOf } from "#dist/measure/mrtd.js";
import { mrtdOrders } from "#dist/measure/profile.js";
import { debianFile, oracleTree } from "../fixtures/oracle/oracle-tree.js";

const directory = mkdtempSync(join(tmpdir(), "mrtd-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ofTrixie = (name: string) => new Uint8Array(readFileSync(join(oracleTree(), "usr/share", name)));
const code = () => ofTrixie("OVMF/OVMF_CODE_4M.secboot.fd");
let firmware: ReadonlyMap<string, Uint8Array>;
beforeAll(() => {
  firmware = new Map([
    ["inteltdx.fd", debianFile("sid", "ovmf-inteltdx", "usr/share/ovmf/OVMF.inteltdx")],
    ["generic.fd", ofTrixie("ovmf/OVMF.fd")],
    ["joined.fd", new Uint8Array(Buffer.concat([ofTrixie("OVMF/OVMF_VARS_4M.fd"), code()]))],
  ]);
  for (const [name, bytes] of firmware) writeFileSync(join(directory, name), bytes);
});

describe("MRTD of Debian's firmware", () => {
  it.each(mrtdOrders)("is that of the specifications, %s", (order) => {
    const oracle = join(process.cwd(), "test/fixtures/oracle/mrtd.py");
    const said = execFileSync("python3", [oracle, order, ...firmware.keys()], { cwd: directory, encoding: "utf8" });
    const values = [...firmware.values()].map((bytes) => mrtdOf(bytes, order).values.sha384);
    expect(values).toEqual(said.trim().split("\n"));
    expect(new Set(values).size).toBe(firmware.size);
  });

  it("is told in words: what is measured, and what is only added", () => {
    const words = mrtdOf(firmware.get("inteltdx.fd")!, "single-pass").events.map(({ what }) => what);
    expect(words.filter((what) => /^BFV: \d+ pages added and measured, from address 0xff/.test(what))).toHaveLength(1);
    expect(words.filter((what) => /^(CFV|TD HOB|temporary memory): \d+ pages added, not/.test(what))).toHaveLength(
      words.length - 1,
    );
  });

  it("needs the whole file: the code alone is refused", () => {
    expect(() => mrtdOf(code(), "single-pass")).toThrow(expect.objectContaining({ code: "measure/firmware-invalid" }));
  });
});
