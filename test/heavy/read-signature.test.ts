/** Signatures that others made: Debian's own on its signed binaries, and sbsign's. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { checkSignature } from "#dist/report/verify/check-signature.js";
import { authenticodeDigest } from "#dist/uki/pe/authenticode-digest.js";
import { readCertificate } from "#dist/uki/signing/certificate.js";
import { flawOf, readSignature, signaturesOf } from "#dist/uki/signing/read-signature.js";
import {
  debianDependency,
  debianFile,
  oracleScratch,
  oracleTree,
  runInOracle,
} from "../fixtures/oracle/oracle-tree.js";

let scratch: ReturnType<typeof oracleScratch>;
beforeAll(() => {
  scratch = oracleScratch();
});
afterAll(() => scratch.remove());

describe("signatures of others", () => {
  it.each([
    [
      "the kernel",
      (): string => debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-"),
      "boot/vmlinuz-",
    ],
    [
      "systemd-boot",
      (): string => "systemd-boot-efi-amd64-signed",
      "usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed",
    ],
    ["MokManager", (): string => "shim-helpers-amd64-signed", "usr/lib/shim/mmx64.efi.signed"],
    ["GRUB", (): string => "grub-efi-amd64-signed", "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"],
  ] as const)("Debian's on %s states our digest, and is whole", async (_, packageOf, path) => {
    const content = contentOfBytes(debianFile("trixie", packageOf(), path));
    const signatures = (await signaturesOf(content)).map(readSignature);
    expect(signatures.length).toBeGreaterThan(0);
    for (const read of signatures) {
      expect(read.digest).toEqual({ algorithm: "sha256", hex: await authenticodeDigest(content) });
      expect(flawOf(read)).toBeUndefined();
    }
    // The signer's own certificate vouches for it.
    const certificates = [signatures[0]!.signer];
    expect(await checkSignature(content, { certificates, now: 0 })).toMatchObject({ outcome: "holds" });
  });

  it("Microsoft's on shim states our digest, and is whole", async () => {
    const content = contentOfBytes(debianFile("trixie", "shim-signed", "usr/lib/shim/shimx64.efi.signed"));
    const [read] = (await signaturesOf(content)).map(readSignature);
    expect(read!.digest.hex).toBe(await authenticodeDigest(content));
    expect(flawOf(read!)).toBeUndefined();
  });

  it("sbsign's holds for its certificate", async () => {
    const tool = (...command: string[]) => runInOracle(scratch.inside, command);
    const subject = ["-subj", "/CN=test", "-days", "30"];
    tool(
      ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem"],
      ...subject,
    );
    copyFileSync(join(oracleTree(), "usr/lib/systemd/boot/efi/linuxx64.efi.stub"), join(scratch.outside, "stub"));
    tool("sbsign", "--key", "k.pem", "--cert", "c.pem", "--output", "signed", "stub");
    const content = contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "signed"))));
    const certificates = [readCertificate(new Uint8Array(readFileSync(join(scratch.outside, "c.pem"))), "c.pem")];
    expect(await checkSignature(content, { certificates, now: 0 })).toMatchObject({ outcome: "holds" });
  });
});
