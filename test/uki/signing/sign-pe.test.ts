import { constants, createPublicKey, generateKeyPairSync, publicDecrypt, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { element, integer, objectIdentifier, sequence, setOf } from "#dist/codec/der/encode-der.js";
import { type DerElement, readElement, readElements } from "#dist/codec/der/read-der.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { authenticodeDigest } from "#dist/uki/pe/authenticode-digest.js";
import { issuerAndSerial, makeCertificate, readCertificate } from "#dist/uki/signing/certificate.js";
import { authenticatedVariable, signatureList } from "#dist/uki/signing/enrolment.js";
import { attachSignature, signPe } from "#dist/uki/signing/sign-pe.js";
import { readPrivateKey, sha256, signerOf } from "#dist/uki/signing/signer.js";
import { makePe, makeStub } from "../../fixtures/pe/make-pe.js";

async function identity(commonName: string) {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const certificate = new X509Certificate(await makeCertificate({ commonName, key }));
  return { key, certificate, signer: signerOf(key) };
}
const [db, other] = await Promise.all([identity("a db"), identity("another")]);
const stub = contentOfBytes(makeStub());
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const children = ({ content }: DerElement): DerElement[] => readElements(content);

describe("certificates", () => {
  it("are self-signed and the same each time", async () => {
    expect(db.certificate.verify(db.certificate.publicKey)).toBe(true);
    expect(db.certificate.verify(other.certificate.publicKey)).toBe(false);
    expect(db.certificate).toMatchObject({ subject: "CN=a db", issuer: "CN=a db", ca: true });
    expect(db.certificate.checkPrivateKey(db.key)).toBe(true);
    expect(hex(await makeCertificate({ commonName: "a db", key: db.key }))).toBe(
      hex(new Uint8Array(db.certificate.raw)),
    );
  });

  it("give issuer and serial number", () => {
    const [issuer, serial] = readElements(readElement(issuerAndSerial(db.certificate)).content);
    expect(Buffer.from(issuer!.whole).toString("latin1")).toContain("a db");
    expect(hex(serial!.content)).toBe(db.certificate.serialNumber.toLowerCase());
  });

  it("that are none, and keys that are none, are refused", () => {
    expect(() => readCertificate(Buffer.from("x"), "x.crt")).toThrow(
      expect.objectContaining({ code: "sign/certificate-invalid" }),
    );
    expect(() => readPrivateKey("x", "x.key")).toThrow(expect.objectContaining({ code: "sign/key-invalid" }));
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
    expect(() => readPrivateKey(ec as string, "ec.key")).toThrow(/of type ec/);
  });
});

describe("signPe", () => {
  it("signs the Authenticode digest, which stays as it was", async () => {
    const signed = await signPe(stub, db);
    const content = contentOfBytes(await readContent(signed.content));
    const digest = await authenticodeDigest(stub);
    expect(await authenticodeDigest(content)).toBe(digest);
    const [, wrapped] = children(readElement(signed.signature));
    const [, algorithms, info, certificates, signers] = children(children(wrapped!)[0]!);
    expect(algorithms!.tag).toBe(0x31);
    expect(hex(certificates!.content)).toBe(hex(new Uint8Array(db.certificate.raw)));
    const indirect = children(children(info!)[1]!)[0]!;
    expect(hex(children(children(indirect)[1]!)[1]!.content)).toBe(digest);
    const [, , , attributes, , signature] = children(children(signers!)[0]!);
    const set = element(0x31, attributes!.content);
    expect(hex(set)).toContain(hex(sha256(indirect.content)));
    expect(hex(set)).not.toContain(hex(objectIdentifier("1.2.840.113549.1.9.5")));
    const opened = publicDecrypt(
      { key: createPublicKey(db.key), padding: constants.RSA_PKCS1_PADDING },
      signature!.content,
    );
    expect(hex(opened)).toContain(hex(sha256(set)));
  });

  it("gives the same bytes each time, and from the signature that was kept", async () => {
    const first = await signPe(stub, db);
    const again = await signPe(stub, db);
    const bytes = hex(await readContent(first.content));
    expect(hex(await readContent(again.content))).toBe(bytes);
    expect(hex(await readContent(await attachSignature(stub, first.signature)))).toBe(bytes);
  });

  it("pads a file to eight bytes", async () => {
    const odd = contentOfBytes(makePe({ sections: [], trailing: Uint8Array.of(1, 2, 3) }));
    expect((await signPe(odd, db)).content.size % 8).toBe(0);
  });

  it("refuses another key's certificate, a signed file, and one without room", async () => {
    await expect(signPe(stub, { signer: other.signer, certificate: db.certificate })).rejects.toMatchObject({
      code: "sign/key-mismatch",
    });
    await expect(signPe(stub, { ...db, signer: () => new Uint8Array(256) })).rejects.toMatchObject({
      code: "sign/key-mismatch",
    });
    const { content } = await signPe(stub, db);
    await expect(signPe(contentOfBytes(await readContent(content)), db)).rejects.toMatchObject({
      code: "sign/already-signed",
    });
    const narrow = contentOfBytes(makePe({ sections: [], directoryCount: 4 }));
    await expect(signPe(narrow, db)).rejects.toMatchObject({ code: "uki/pe-invalid" });
  });

  it("lets an external signer sign the digest", async () => {
    const asked: number[] = [];
    const signer = async (digest: Uint8Array) => {
      asked.push(digest.length);
      return db.signer(digest);
    };
    const signed = await signPe(stub, { ...db, signer });
    expect(asked).toEqual([32]);
    expect(hex(signed.signature)).toBe(hex((await signPe(stub, db)).signature));
  });
});

describe("enrolment files", () => {
  it("hold the certificate, and a time and signature before it", async () => {
    const certificate = new Uint8Array(db.certificate.raw);
    const list = signatureList(certificate, new Uint8Array(16).fill(7));
    expect(hex(list)).toBe(
      `a159c0a5e494a74a87b5ab155c2bf072${Buffer.from(Uint32Array.of(list.length, 0, 16 + certificate.length).buffer).toString("hex")}${"07".repeat(16)}${hex(certificate)}`,
    );
    const auth = Buffer.from(await authenticatedVariable("db", list, other));
    expect(auth.subarray(0, 4).toString("hex")).toBe("e4070101");
    const length = auth.readUInt32LE(16);
    expect(hex(auth.subarray(16 + length))).toBe(hex(list));
    expect(auth.equals(Buffer.from(await authenticatedVariable("db", list, other)))).toBe(true);
    expect(auth.equals(Buffer.from(await authenticatedVariable("KEK", list, other)))).toBe(false);
  });
});

describe("DER", () => {
  it("is written as X.690 says", () => {
    expect(hex(objectIdentifier("1.2.840.113549"))).toBe("06062a864886f70d");
    expect(hex(integer(128))).toBe("02020080");
    expect(hex(integer(Uint8Array.of(0, 0, 1)))).toBe("020101");
    expect(hex(sequence(new Uint8Array(200)).subarray(0, 3))).toBe("3081c8");
    expect(hex(setOf(integer(2), integer(1)))).toBe("3106020101020102");
  });

  it("that is damaged is an error, never a crash", () => {
    const good = new Uint8Array(db.certificate.raw);
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const bytes = Uint8Array.from(good.subarray(0, 1 + ((i * 7919) % good.length)));
      bytes[(i * 104_729) % bytes.length]! ^= 1 + (i % 255);
      try {
        for (const one of readElements(bytes)) readElements(one.content);
      } catch (error) {
        expect(error).toBeInstanceOf(AssembleError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(5000);
  });
});
