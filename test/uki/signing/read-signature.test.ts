/** Signatures that are read: what was signed comes out again, and nothing hostile gets through or ends in a crash. */
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { authenticodeDigest } from "#dist/uki/pe/authenticode-digest.js";
import { makeCertificate } from "#dist/uki/signing/certificate.js";
import { flawOf, readSignature, signaturesOf, trustedBy, withoutSignatures } from "#dist/uki/signing/read-signature.js";
import { signPe } from "#dist/uki/signing/sign-pe.js";
import { signerOf } from "#dist/uki/signing/signer.js";
import { makeStub } from "../../fixtures/pe/make-pe.js";

async function identity(commonName: string) {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return { signer: signerOf(key), certificate: new X509Certificate(await makeCertificate({ commonName, key })) };
}
const db = await identity("db");
const stub = contentOfBytes(makeStub());
const { content, signature } = await signPe(stub, db);
const signed = contentOfBytes(await readContent(content));

describe("a signature", () => {
  it("is found in the file, and taken off it", async () => {
    const found = await signaturesOf(signed);
    expect(found).toEqual([signature]);
    expect(await readContent(await withoutSignatures(signed))).toEqual(await readContent(stub));
    expect(await signaturesOf(stub)).toEqual([]);
    expect(await withoutSignatures(stub)).toBe(stub);
  });

  it("says what was signed, and by whom", async () => {
    const read = readSignature(signature);
    expect(read.digest).toEqual({ algorithm: "sha256", hex: await authenticodeDigest(stub) });
    expect(read.signer.subject).toBe("CN=db");
    expect(flawOf(read)).toBeUndefined();
    expect(trustedBy(read, [db.certificate])).toBe(db.certificate);
    expect(trustedBy(read, [(await identity("db")).certificate])).toBeUndefined();
    expect(trustedBy(read, [])).toBeUndefined();
  });

  it("has a flaw wherever a byte of what counts was changed", () => {
    const marks: [string, Uint8Array][] = [
      ["digest", Buffer.from(readSignature(signature).digest.hex, "hex")],
      ["message digest", readSignature(signature).messageDigest],
      ["signature", readSignature(signature).signature],
    ];
    for (const [name, part] of marks) {
      const bytes = Uint8Array.from(signature);
      bytes[Buffer.from(bytes).indexOf(part) + 5]! ^= 1;
      expect(flawOf(readSignature(bytes)), name).toBeDefined();
    }
  });

  it("that is damaged is refused or has a flaw, never accepted as another's, never a crash", () => {
    let refused = 0;
    const wanted = readSignature(signature);
    for (let i = 0; i < 2000; i++) {
      const cut = i % 3 === 0 ? 1 + ((i * 7919) % signature.length) : signature.length;
      const bytes = Uint8Array.from(signature.subarray(0, cut));
      bytes[(i * 104_729) % bytes.length]! ^= 1 + (i % 255);
      try {
        const read = readSignature(bytes);
        if (flawOf(read) !== undefined || trustedBy(read, [db.certificate]) === undefined) refused++;
        // What holds says the same as before: the change was in a part that nobody relies on.
        else expect(read.digest).toEqual(wanted.digest);
      } catch (error) {
        expect(error).toBeInstanceOf(AssembleError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1500);
  });

  it("in a damaged file is refused", async () => {
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from(await readContent(signed));
      bytes[(i * 31) % 0x200]! ^= 1 + (i % 255);
      try {
        await signaturesOf(contentOfBytes(bytes));
        await withoutSignatures(contentOfBytes(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(AssembleError);
      }
    }
  });
});
