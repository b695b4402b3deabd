import * as openpgp from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import { type Certificate, readCertificates, verifyCleartext, verifyDetached } from "#dist/apt/openpgp.js";
import type { AssembleError } from "#dist/errors/assemble-error.js";
import { signCleartext } from "../fixtures/archive/build-archive.js";
import { archiveFingerprint, archiveKey, expiredCertificate, strangerKey } from "../fixtures/archive/signing-keys.js";

/** Made by gpg 2.2.40 with --digest-algo SHA1 and the fixture's archive key. */
const signedWithSha1 = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA1

Codename: trixie
Date: Sat, 01 Aug 2026 00:00:00 UTC
SHA256:
-----BEGIN PGP SIGNATURE-----

iHUEARYCAB0WIQTbDkOrcI50/snyQ06/26qN/og2OgUCam03AAAKCRC/26qN/og2
OuoLAP9SvebfoyEu1tf8v+z7ZUAvfVfHTYibmx3WhZFe57kOngD/VuTKaosXriX+
GQnToEJ3u3l/19WMmrCKYe3KElY64gA=
=yuSq
-----END PGP SIGNATURE-----
`;
const sha1Text = "Codename: trixie\nDate: Sat, 01 Aug 2026 00:00:00 UTC\nSHA256:\n";
const sha1Signature = `-----BEGIN PGP SIGNATURE-----

iHUEABYCAB0WIQTbDkOrcI50/snyQ06/26qN/og2OgUCam03AAAKCRC/26qN/og2
OoGLAPwK/qwdKufw489H7J0PPehyfAPlF1jHL7qnv7AXuCLGQAEAqWHeGvAYLj5o
ZowdOJK0M5H7HvHy7sGCrlAn8cv3pQQ=
=auC3
-----END PGP SIGNATURE-----
`;

const text = "Codename: trixie\n\n- dashes\n-----BEGIN PGP SIGNATURE-----\nFrom here\ntrailing  \n";
const date = new Date("2026-08-01T00:00:00Z");
let certificates: readonly Certificate[];
let signed: string;

beforeAll(async () => {
  certificates = await certificatesOf(archiveKey);
  signed = await signCleartext(text, { date });
});

async function certificatesOf(key: string): Promise<readonly Certificate[]> {
  const parsed = await openpgp.readKey({ armoredKey: key });
  return readCertificates(Buffer.from(parsed.toPublic().armor()), "test key");
}

function check(file: string, trusted: readonly Certificate[] = certificates) {
  return verifyCleartext(Buffer.from(file), { certificates: trusted, subject: "trixie" });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail("it succeeded"),
    (reason: AssembleError) => reason,
  );
  expect(error.message).toMatch(/^Cannot /);
  return error.code;
}

describe("readCertificates", () => {
  it("reads armoured and binary keys, with all key ids", async () => {
    const key = (await openpgp.readKey({ armoredKey: archiveKey })).toPublic();
    const [armored] = await readCertificates(Buffer.from(key.armor()), "a");
    const [binary] = await readCertificates(key.write(), "b");
    expect(armored?.fingerprint).toBe(archiveFingerprint);
    expect(binary?.fingerprint).toBe(archiveFingerprint);
    expect(binary?.keyIds).toEqual([archiveFingerprint.slice(-16).toLowerCase()]);
  });

  it.each(["", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "no key", "\x99\x01"])("refuses %j", async (bytes) => {
    expect(await codeOf(readCertificates(Buffer.from(bytes, "latin1"), "x.asc"))).toBe("apt/key-invalid");
  });
});

describe("verifyCleartext", () => {
  it("gives exactly what was signed, and who signed it when", async () => {
    const { bytes, signers } = await check(signed);
    // RFC 4880 §7.1: trailing blanks are not signed.
    expect(Buffer.from(bytes).toString()).toBe(text.replace("trailing  \n", "trailing\n"));
    expect(signers).toEqual([{ fingerprint: archiveFingerprint, signedAt: date.getTime() }]);
  });

  it("does not ask the clock: neither a future date nor an expired key matters, if the key was good at signing", async () => {
    await check(await signCleartext(text, { date: new Date("2090-01-01T00:00:00Z") }));
    const expired = await readCertificates(Buffer.from(expiredCertificate), "expired");
    await check(await signCleartext(text, { date: new Date("2020-06-01T00:00:00Z") }), expired);
  });

  it("refuses a signature made after its key expired", async () => {
    const expired = await readCertificates(Buffer.from(expiredCertificate), "expired");
    expect(await codeOf(check(signed, expired))).toBe("apt/signature-invalid");
  });

  it("refuses every change of the text", async () => {
    expect(signed).toContain("Codename: trixie");
    expect(await codeOf(check(signed.replace("Codename: trixie", "Codename: forky")))).toBe("apt/signature-invalid");
    expect(await codeOf(check(signed.replace("From here", "From  here")))).toBe("apt/signature-invalid");
  });

  it("refuses text outside the armour, however it gets there", async () => {
    const extra = "SHA256:\n 00 1 main/binary-amd64/Packages.xz\n";
    for (const file of [
      extra + signed,
      signed + extra,
      `\n${signed}`,
      signed + signed,
      signed.replace("-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----\n-----BEGIN PGP SIGNATURE-----"),
      signed.slice(0, -30),
      signed.replace("\n\n", "\nVersion: 1\n\n"),
    ]) {
      expect(await codeOf(check(file))).toBe("apt/signature-invalid");
    }
    await check(`${signed}\n \n`);
    await check(signed.replaceAll("\n", "\r\n"));
  });

  it.each(["", text, "<html>Log in to the network</html>", "-----BEGIN PGP SIGNATURE-----\n"])(
    "says that %j is not signed",
    async (file) => {
      expect(await codeOf(check(file))).toBe("apt/signature-missing");
    },
  );

  it("refuses bytes that are no text", async () => {
    const bytes = Buffer.concat([Buffer.from(signed), Uint8Array.of(0xff)]);
    expect(await codeOf(verifyCleartext(bytes, { certificates, subject: "x" }))).toBe("apt/signature-invalid");
  });

  it("refuses keys that are not trusted, and names them", async () => {
    const byStranger = await signCleartext(text, { key: strangerKey, date });
    expect(await codeOf(check(byStranger))).toBe("apt/key-unknown");
    const stranger = (await certificatesOf(strangerKey))[0]!;
    const id = stranger.keyIds[0]!.toUpperCase();
    await expect(check(byStranger)).rejects.toThrow(`signed with ${id}, wanted one of ${archiveFingerprint}`);
    await check(byStranger, [...certificates, stranger]);
  });

  it("is content with one good signature among others", async () => {
    const config = { nonDeterministicSignaturesViaNotation: false };
    const keys = await Promise.all(
      [strangerKey, archiveKey].map((armoredKey) => openpgp.readPrivateKey({ armoredKey })),
    );
    const message = await openpgp.createCleartextMessage({ text: "Codename: trixie" });
    const both = await openpgp.sign({ message, signingKeys: keys, date, config });
    const { signers } = await check(both);
    expect(signers.map((one) => one.fingerprint)).toEqual([archiveFingerprint]);
  });

  it("refuses weak digests", async () => {
    expect(await codeOf(check(signedWithSha1))).toBe("apt/weak-digest");
  });

  it("bounds the number of signatures", async () => {
    const config = { nonDeterministicSignaturesViaNotation: false };
    const key = await openpgp.readPrivateKey({ armoredKey: archiveKey });
    const message = await openpgp.createCleartextMessage({ text: "Codename: trixie" });
    const many = await openpgp.sign({ message, signingKeys: Array.from({ length: 17 }, () => key), date, config });
    expect(await codeOf(check(many))).toBe("apt/signature-invalid");
  });
});

describe("verifyDetached", () => {
  async function detach(key: string = archiveKey): Promise<Uint8Array> {
    const signature = await openpgp.sign({
      message: await openpgp.createMessage({ binary: Buffer.from(text) as Uint8Array }),
      signingKeys: await openpgp.readPrivateKey({ armoredKey: key }),
      detached: true,
      date,
      config: { nonDeterministicSignaturesViaNotation: false },
    });
    return Buffer.from(signature);
  }
  const options = () => ({ certificates, subject: "trixie" });

  it("vouches for the very bytes", async () => {
    const { bytes, signers } = await verifyDetached(Buffer.from(text), await detach(), options());
    expect(Buffer.from(bytes).toString()).toBe(text);
    expect(signers).toHaveLength(1);
  });

  it("refuses other bytes, other keys, weak digests and no signature", async () => {
    const signature = await detach();
    expect(await codeOf(verifyDetached(Buffer.from(`${text} `), signature, options()))).toBe("apt/signature-invalid");
    const stranger = await detach(strangerKey);
    expect(await codeOf(verifyDetached(Buffer.from(text), stranger, options()))).toBe("apt/key-unknown");
    expect(await codeOf(verifyDetached(Buffer.from(text), Buffer.from("none"), options()))).toBe(
      "apt/signature-missing",
    );
    const damaged = Buffer.from(
      Buffer.from(signature)
        .toString()
        .replace(/\n\n..../, "\n\nAAAA"),
    );
    expect(await codeOf(verifyDetached(Buffer.from(text), damaged, options()))).toBe("apt/signature-invalid");
    const weak = verifyDetached(Buffer.from(sha1Text), Buffer.from(sha1Signature), options());
    expect(await codeOf(weak)).toBe("apt/weak-digest");
  });

  it("counts only signatures of documents", async () => {
    // A standalone signature (RFC 4880 §5.2.1, type 2) covers nothing but itself.
    const key = await openpgp.readPrivateKey({ armoredKey: archiveKey });
    const packet = new openpgp.SignaturePacket() as openpgp.SignaturePacket & {
      sign(key: unknown, data: unknown, date: Date, detached: boolean, config: unknown): Promise<void>;
    };
    packet.signatureType = openpgp.enums.signature.standalone;
    packet.publicKeyAlgorithm = openpgp.enums.publicKey.eddsaLegacy;
    packet.hashAlgorithm = openpgp.enums.hash.sha512;
    packet.issuerKeyID = key.getKeyID();
    await packet.sign(key.keyPacket, {}, date, false, openpgp.config);
    const list = new openpgp.PacketList<openpgp.SignaturePacket>();
    list.push(packet);
    const armored = new openpgp.Signature(list).armor();
    expect(await codeOf(verifyDetached(Buffer.from(text), Buffer.from(armored), options()))).toMatch(
      /^apt\/signature-(missing|invalid)$/,
    );
  });
});
