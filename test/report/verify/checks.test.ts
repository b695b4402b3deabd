/** What `verify` concludes from the files beside an artifact, from signatures, and from a rebuilderd's list. */
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import type { Manifest } from "#dist/index.js";
import { type Check, isVerified, renderChecks } from "#dist/report/verify/check.js";
import { checkChecksums, checkManifest, parseChecksums } from "#dist/report/verify/check-files.js";
import { checkPackages, listUrl, readPackageList } from "#dist/report/verify/check-packages.js";
import { checkSignature, datesOf } from "#dist/report/verify/check-signature.js";
import { makeCertificate } from "#dist/uki/signing/certificate.js";
import { signPe } from "#dist/uki/signing/sign-pe.js";
import { signerOf } from "#dist/uki/signing/signer.js";
import { makeStub } from "../../fixtures/pe/make-pe.js";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

describe("checksums", () => {
  const check = (text: string | undefined, artifact = "x.efi") =>
    checkChecksums(
      { name: "x.sha256sums", text },
      { artifact, hashOf: async (name) => ({ "x.efi": a, "x.manifest.json": b })[name] },
    );
  it("hold where every file has its sha256", async () => {
    expect(await check(`${a}  x.efi\n${b} *x.manifest.json\n`)).toMatchObject({ outcome: "holds" });
  });
  it("fail for another sha256, a missing file, a file that is not named, and what is none", async () => {
    expect((await check(`${b}  x.efi\n`)).details).toEqual([`x.efi: ${a}, not ${b}`]);
    expect((await check(`${a}  x.efi\n${b}  y\n`)).details).toEqual(["y: it is not there"]);
    expect((await check(`${a}  x.efi\n`, "z.efi")).details).toEqual(["it does not name z.efi"]);
    for (const text of ["", "nonsense\n", `${a}  ../x.efi\n`, `${a.toUpperCase()}  x.efi\n`]) {
      expect(parseChecksums(text)).toBeUndefined();
      expect(await check(text)).toMatchObject({ outcome: "fails" });
    }
  });
  it("that are not there are no failure", async () => {
    expect(await check(undefined)).toMatchObject({ outcome: "unchecked" });
  });
});

describe("a manifest", () => {
  const value = {
    packages: [],
    tool: { name: "tdx-assemble", version: "1" },
    outputs: [{ name: "x.efi", format: "uki", bytes: 3, sha256: a }],
  } as unknown as Manifest;
  const check = (name: string, bytes: number, sha256: string) =>
    checkManifest({ name: "x.manifest.json", value }, { name, bytes, sha256 }).outcome;
  it("states the artifact, also one that was renamed", () => {
    expect([check("x.efi", 3, a), check("new.efi", 3, a)]).toEqual(["holds", "holds"]);
  });
  it("does not state other bytes", () => {
    expect([check("x.efi", 3, b), check("x.efi", 4, a), check("new.efi", 3, b)]).toEqual(["fails", "fails", "fails"]);
  });
});

describe("packages", () => {
  const packages = ["one", "two", "three"].map((name) => ({
    ...{ name, version: "1-1", architecture: "amd64", sha256: a },
    role: name === "three" ? ("kernel" as const) : ("root" as const),
  }));
  const known = (name: string, status: string, version = "1-1", architecture = "amd64") => ({
    ...{ name, version, architecture, status, distro: "debian", suite: "trixie", build_id: 7 },
  });
  const list = (...of: unknown[]) => readPackageList(JSON.stringify(of), "list.json");
  it("hold only if each was rebuilt to the same bytes", () => {
    expect(checkPackages(packages, list(...["one", "two", "three"].map((name) => known(name, "GOOD"))))).toMatchObject({
      outcome: "holds",
    });
    const one = checkPackages(packages, list(known("one", "GOOD"), known("two", "BAD"), known("three", "GOOD", "1-2")));
    expect(one.outcome).toBe("fails");
    expect(one.message).toContain("1 of 3 packages were rebuilt to the same bytes by others, 1 to other bytes, 1 are");
    expect(one.details).toEqual([
      "BAD    two    1-1  amd64",
      "UNKWN  three  1-1  amd64  (kernel)",
      "GOOD   one    1-1  amd64",
    ]);
  });
  it("of several answers count the worst, but any is better than none", () => {
    const statuses = (...of: unknown[]) => checkPackages(packages.slice(0, 1), list(...of)).details![0]!.split(" ")[0];
    expect(statuses(known("one", "GOOD"), known("one", "BAD"))).toBe("BAD");
    expect(statuses(known("one", "BAD"), known("one", "GOOD"))).toBe("BAD");
    expect(statuses(known("one", "UNKWN"), known("one", "GOOD"))).toBe("GOOD");
    expect(statuses(known("one", "GOOD", "1-1", "arm64"))).toBe("UNKWN");
  });
  it("refuses what is no such list", () => {
    for (const text of ["", "{}", '[{"name":"one"}]', JSON.stringify([known("one", "MAYBE")])])
      expect(() => readPackageList(text, "x")).toThrow(expect.objectContaining({ code: "verify/packages-invalid" }));
  });
  it("are listed at an instance's API", () => {
    expect(listUrl("https://example.org/amd64/")).toBe("https://example.org/amd64/api/v0/pkgs/list");
    const own = "https://example.org/api/v0/pkgs/list?suite=trixie";
    expect(listUrl(own)).toBe(own);
  });
});

describe("signatures", async () => {
  const identity = async (commonName: string) => {
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    return { signer: signerOf(key), certificate: new X509Certificate(await makeCertificate({ commonName, key })) };
  };
  const [db, other] = await Promise.all([identity("db"), identity("other")]);
  const stub = contentOfBytes(makeStub());
  const signed = contentOfBytes(await readContent((await signPe(stub, db)).content));
  const check = async (content: typeof stub, ...certificates: X509Certificate[]) =>
    checkSignature(content, { certificates, now: 0 });

  it("hold for their certificate only", async () => {
    expect(await check(signed, db.certificate)).toMatchObject({ outcome: "holds" });
    expect(await check(signed, other.certificate, db.certificate)).toMatchObject({ outcome: "holds" });
    expect(await check(signed, other.certificate)).toMatchObject({ outcome: "fails" });
  });
  it("are told of where nothing is there to hold them against", async () => {
    const found = await check(signed);
    expect(found).toMatchObject({ outcome: "unchecked", message: expect.stringContaining("signed by CN=db") });
    expect(found.message).toContain(db.certificate.fingerprint256.replaceAll(":", "").toLowerCase());
  });
  it("that are missing fail where one is wanted", async () => {
    expect(await check(stub)).toMatchObject({ outcome: "unchecked" });
    expect(await check(stub, db.certificate)).toMatchObject({ outcome: "fails" });
  });
  it("do not hold for other bytes", async () => {
    const bytes = Uint8Array.from(await readContent(signed));
    bytes[0x500]! ^= 1;
    const found = await check(contentOfBytes(bytes), db.certificate);
    expect(found).toMatchObject({ outcome: "fails", message: expect.stringContaining("it is of other bytes") });
  });
  it("warn of a certificate that is out of its dates, and hold all the same", async () => {
    const { certificate } = db;
    expect(datesOf(certificate, Date.parse("2026-01-01"))).toEqual([]);
    expect(datesOf(certificate, Date.parse("2050-01-01"))[0]).toMatch(/^warning: .*CN=db has expired/);
    expect(datesOf(certificate, Date.parse("2019-01-01"))[0]).toMatch(/^warning: .*not valid before/);
    const late = await checkSignature(signed, { certificates: [certificate], now: Date.parse("2050-01-01") });
    expect(late).toMatchObject({ outcome: "holds", details: [expect.stringContaining("expired")] });
  });
});

describe("the verdict", () => {
  const check = (name: Check["name"], outcome: Check["outcome"]): Check => ({ name, outcome, message: "m" });
  it("needs a rebuild that holds, and nothing that fails", () => {
    expect(isVerified([])).toBe(false);
    expect(isVerified([check("rebuild", "unchecked"), check("checksums", "holds")])).toBe(false);
    expect(isVerified([check("rebuild", "holds"), check("checksums", "unchecked")])).toBe(true);
    expect(isVerified([check("rebuild", "holds"), check("signature", "fails")])).toBe(false);
  });
  it("is text that cannot control a terminal", () => {
    const lines = renderChecks([{ ...check("rebuild", "fails"), message: "\x1b[2J", details: ["\x07"] }]);
    expect(lines).toEqual(["FAILED  rebuild       \\x1b[2J", "        \\x07"]);
  });
});
