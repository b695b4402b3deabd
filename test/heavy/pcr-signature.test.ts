/** Signed PCR policies against trixie's systemd-measure: the same JSON for the same sections, phases and key. */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfText } from "#dist/bytes/content.js";
import { pcr11Events } from "#dist/measure/pcr-11.js";
import { pcrSignatureFlaw, signPcrPolicies } from "#dist/measure/pcr-signature.js";
import { signerOf } from "#dist/uki/signing/signer.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

let scratch: ReturnType<typeof oracleScratch>;
beforeAll(() => {
  scratch = oracleScratch();
});
afterAll(() => scratch.remove());

const SECTIONS = [".linux", ".osrel", ".cmdline", ".initrd", ".uname", ".sbat", ".pcrpkey"];

describe("signed PCR policies", () => {
  it.each([
    ["systemd's own phases", []],
    ["one phase", ["enter-initrd"]],
    ["two phases, not in their order", ["leave-initrd:sysinit", "enter-initrd"]],
  ])("are those of systemd-measure: %s", async (_, phases) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const put = (name: string, text: string) => writeFileSync(join(scratch.outside, name), text);
    put("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }) as string);
    const contents = new Map(SECTIONS.map((name) => [name, `the content of ${name}\n`]));
    for (const [name, text] of contents) put(name.slice(1), text);
    const said = runInOracle(scratch.inside, [
      "/usr/lib/systemd/systemd-measure",
      "sign",
      "--json=short",
      "--private-key=key.pem",
      "--bank=sha256",
      ...SECTIONS.map((name) => `--${name.slice(1)}=${name.slice(1)}`),
      ...phases.map((phase) => `--phase=${phase}`),
    ]);
    const sections = new Map([...contents].map(([name, text]) => [name, contentOfText(text)]));
    const events = await pcr11Events({ sections, stubVersion: 257 });
    const publicKey = createPublicKey(privateKey);
    const ours = await signPcrPolicies(events, { phases, publicKey, signer: signerOf(privateKey) });
    expect(JSON.parse(ours)).toEqual(JSON.parse(said));
    expect(pcrSignatureFlaw(said, { events, phases, publicKey })).toBeUndefined();
  });
});
