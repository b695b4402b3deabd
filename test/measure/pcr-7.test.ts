/** PCR 7 out of enrolled keys. Its whole value is held against booted machines in test/nightly/secure-boot.test.ts. */
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { measure } from "#dist/index.js";
import { pcr7Events, variableData } from "#dist/measure/pcr-7.js";
import { makeCertificate } from "#dist/uki/signing/certificate.js";
import { readSignatureLists, signatureList } from "#dist/uki/signing/enrolment.js";
import { signPe } from "#dist/uki/signing/sign-pe.js";
import { signerOf } from "#dist/uki/signing/signer.js";
import { makeDisk, makeUki } from "./small-images.js";

// On a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

async function identity(commonName: string) {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const der = await makeCertificate({ commonName, key });
  const list = signatureList(der, new Uint8Array(16).fill(7));
  return { signer: signerOf(key), certificate: new X509Certificate(der), list };
}
type Identity = Awaited<ReturnType<typeof identity>>;
const [PK, KEK, db, other] = await Promise.all([identity("PK"), identity("KEK"), identity("db"), identity("other")]);
const signed = async (content: Content, by: Identity) =>
  contentOfBytes(await readContent((await signPe(content, by)).content));
const uki = contentOfBytes(await readContent(await makeUki()));
const enrolled = { PK: PK.list, KEK: KEK.list, db: new Uint8Array([...other.list, ...db.list]) };
const sha384 = (bytes: Uint8Array) => createHash("sha384").update(bytes).digest("hex");

describe("the variables", () => {
  it("are measured with vendor, name and data: Google Cloud's SecureBoot, when it is off", () => {
    // Easy-TEE/attest, crates/measure/src/dcap/secure_boot.rs
    expect(sha384(variableData("SecureBoot", Uint8Array.of(0))).slice(0, 8)).toBe("cfa4e2c6");
  });

  it("are five, then a separator, then the entry of db that vouches for each program, once", async () => {
    const program = await signed(uki, db);
    const events = await pcr7Events([program, program], enrolled);
    expect(events.map(({ what }) => what.replace(/[:,].*/, ""))).toEqual([
      ...["SecureBoot", "PK", "KEK", "db", "dbx"].map((name) => `the variable ${name}`),
      "four zero bytes",
      "the entry of db that vouches for what is started",
    ]);
    expect(events[6]!.what).toContain("CN=db");
    const entry = db.list.subarray(28);
    expect(events[6]!.digests!.sha384).toBe(sha384(variableData("db", entry)));
    const both = await pcr7Events([await signed(uki, other), program], enrolled);
    expect(both.slice(6).map(({ what }) => /CN=\w+/.exec(what)?.[0])).toEqual(["CN=other", "CN=db"]);
  });

  it("vouch for nothing that is signed by somebody else, or not at all", async () => {
    const code = "measure/not-enrolled";
    const stranger = await signed(uki, await identity("db"));
    for (const program of [uki, stranger])
      await expect(pcr7Events([program], enrolled)).rejects.toMatchObject({ code });
  });
});

describe("signature lists", () => {
  it("come out as they went in", () => {
    expect(readSignatureLists(enrolled.db).map(({ certificate }) => certificate.subject)).toEqual([
      "CN=other",
      "CN=db",
    ]);
  });

  it("that are damaged are refused, those of hashes passed over", () => {
    const code = "sign/enrolment-invalid";
    for (const size of [1, 27, 28, 44, db.list.length - 1])
      expect(() => readSignatureLists(db.list.subarray(0, size)), `${size}`).toThrow(expect.objectContaining({ code }));
    const hashes = db.list.slice();
    hashes[0]! ^= 1;
    expect(readSignatureLists(hashes)).toEqual([]);
    const odd = db.list.slice();
    odd[24]! ^= 1;
    expect(() => readSignatureLists(odd)).toThrow(expect.objectContaining({ code }));
  });
});

describe("measure", () => {
  it("predicts PCR 7 where Secure Boot is on and its keys are stated", async () => {
    const disk = makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: await signed(uki, db) }]);
    const options = { platform: "qemu-tpm", secureBoot: true } as const;
    const { registers } = await measure(disk, { ...options, enrolled });
    expect(registers.find(({ name }) => name === "pcr7")).toMatchObject({ boundTo: expect.stringContaining("keys") });
    expect((await measure(disk, options)).registers.map(({ name }) => name)).not.toContain("pcr7");
    const code = "measure/profile-unknown";
    await expect(measure(disk, { platform: "qemu-tpm", enrolled })).rejects.toMatchObject({ code });
    await expect(measure(disk, { platform: "azure", secureBoot: true, enrolled })).rejects.toMatchObject({ code });
  });
});
