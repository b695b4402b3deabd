/** Recipes that sign and measure: what comes out, that it comes out again, and that who lacks the keys can verify it. */
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { verify } from "#dist/assemble/verify.js";
import { contentOfBytes } from "#dist/bytes/content.js";
import { defineImage } from "#dist/index.js";
import { readExpected } from "#dist/measure/expected.js";
import { findSection, readPe } from "#dist/uki/pe/read-pe.js";
import { makeCertificate } from "#dist/uki/signing/certificate.js";
import { signaturesOf } from "#dist/uki/signing/read-signature.js";
import { errorOf, inputOf, openScene, type Scene, scratchDirectory, sha256 } from "./image-fixture.js";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let scene: Scene;
const inScene = (name: string) => join(scene.directory, name);
const pem = (name: string, key: ReturnType<typeof generateKeyPairSync>["privateKey"]) =>
  writeFileSync(inScene(name), key.export({ type: "pkcs8", format: "pem" }) as string);

/** A signer as a program: what `openssl pkeyutl -sign -inkey db.key -pkeyopt digest:sha256` does. */
const SIGNER = `
import { constants, privateEncrypt } from "node:crypto";
import { readFileSync } from "node:fs";
const info = Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), readFileSync(0)]);
process.stdout.write(privateEncrypt({ key: readFileSync("db.key"), padding: constants.RSA_PKCS1_PADDING }, info));
`;

const signing = {
  outputs: ["uki" as const],
  measure: true,
  secureBoot: { key: "db.key", certificate: "db.crt" },
  pcrSigning: { key: "pcr.key", certificate: "pcr.pub", phases: ["enter-initrd"] },
};

beforeEach(async () => {
  scene = await openScene();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  pem("db.key", privateKey);
  const certificate = new X509Certificate(await makeCertificate({ commonName: "db", key: privateKey }));
  writeFileSync(inScene("db.crt"), certificate.toString());
  const pcr = generateKeyPairSync("rsa", { modulusLength: 2048 });
  pem("pcr.key", pcr.privateKey);
  writeFileSync(inScene("pcr.pub"), pcr.publicKey.export({ type: "spki", format: "pem" }));
});

describe("a recipe that signs and measures", () => {
  it("gives signatures and measurements, the same each time, and an image that is verified without its keys", async () => {
    const output = scratchDirectory();
    const first = await scene.build({ input: signing, output });
    const names = ["test.efi", "test.pcrsig", "test.efi.p7s", "test.measurements.json", "test.manifest.json"];
    expect(first.files.map((path) => path.slice(output.length + 1))).toEqual([...names, "test.sha256sums"]);
    const uki = new Uint8Array(readFileSync(join(output, "test.efi")));
    const content = contentOfBytes(uki);
    expect(await signaturesOf(content)).toEqual([new Uint8Array(readFileSync(join(output, "test.efi.p7s")))]);
    const image = await readPe(content);
    expect(image.sections.at(-1)!.name).toBe(".pcrsig");
    expect(findSection(image, ".pcrpkey")).toBeDefined();
    const signed = JSON.parse(readFileSync(join(output, "test.pcrsig"), "utf8"));
    expect(Object.keys(signed)).toEqual(["sha256"]);
    expect(signed.sha256).toHaveLength(1);
    const measured = readFileSync(join(output, "test.measurements.json"), "utf8");
    expect(JSON.parse(measured).profile).toMatchObject({ secureBoot: true, platform: "qemu-tdx" });
    expect(readExpected(measured)).toBeDefined();
    const sums = readFileSync(join(output, "test.sha256sums"), "utf8");
    for (const name of names) expect(sums).toContain(`${sha256(readFileSync(join(output, name)))}  ${name}\n`);

    const again = await scene.build({ input: signing, lock: first.lock });
    expect(again.sums).toEqual(first.sums);
    expect(again.manifest).toBe(first.manifest);

    // An auditor has the certificate and the public key, not the private ones.
    for (const name of ["db.key", "pcr.key"]) rmSync(inScene(name));
    const recipe = defineImage(inputOf(signing), { directory: scene.directory });
    const certificates = [new X509Certificate(readFileSync(inScene("db.crt")))];
    const manifest = JSON.parse(first.manifest);
    const options = { ...scene.options, recipe, lock: first.lock, certificates, manifest };
    const verification = await verify(content, options);
    expect(verification).toMatchObject({ equal: true, verified: true, differences: [] });
    expect(verification.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "rebuild holds",
      "manifest holds",
      "signature holds",
      "pcr-signature holds",
    ]);

    // Policies of another image, or of another key, do not pass.
    const altered = Buffer.from(uki);
    const at = altered.indexOf('"sig": "');
    altered[at + 20]! ^= 1;
    const bad = await verify(contentOfBytes(new Uint8Array(altered)), options);
    expect(bad.verified).toBe(false);
    expect(bad.checks.filter(({ outcome }) => outcome === "fails").map(({ name }) => name)).toContain("pcr-signature");
  });

  it("takes an external signer's word, and says what goes wrong with it", async () => {
    writeFileSync(inScene("sign.mjs"), SIGNER);
    const command = `"${process.execPath}" sign.mjs`;
    const own = { outputs: ["uki" as const], secureBoot: signing.secureBoot };
    const { lock, sums } = await scene.build({ input: own });
    const outside = { ...own, secureBoot: { signer: command, certificate: "db.crt" } };
    expect((await scene.build({ input: outside, lock })).sums).toEqual(sums);
    const failing = (signer: string) =>
      errorOf(scene.build({ input: { ...own, secureBoot: { signer, certificate: "db.crt" } }, lock }));
    expect(await failing("echo no token >&2; exit 3")).toMatchObject({
      code: "sign/signer-failed",
      text: expect.stringContaining("it said: no token"),
    });
    expect(await failing("cat")).toMatchObject({ code: "sign/key-mismatch" });
    const bare = await errorOf(scene.build({ input: { ...own, secureBoot: { key: "db.key" } }, lock }));
    expect(bare).toMatchObject({ code: "sign/certificate-missing", exit: 2 });
  });

  it("signs with a certificate that has expired, and warns of it: firmware knows no clock", async () => {
    const der = Buffer.from(new X509Certificate(readFileSync(inScene("db.crt"))).raw);
    der.write("200102000000Z", der.indexOf("491231235959Z"), "latin1");
    writeFileSync(inScene("db.crt"), der);
    const own = { outputs: ["uki" as const], secureBoot: signing.secureBoot };
    const { events, files } = await scene.build({ input: own, output: scratchDirectory() });
    const warned = events.filter((event) => event.type === "warning");
    expect(warned).toEqual([
      expect.objectContaining({
        code: "sign/certificate-expired",
        message: expect.stringMatching(/^the certificate of CN=db has expired/),
      }),
    ]);
    expect(await signaturesOf(contentOfBytes(new Uint8Array(readFileSync(files[0]!))))).toHaveLength(1);
  });

  it("refuses keys and certificates that do not belong together, or are none", async () => {
    const { lock } = await scene.build({ input: { outputs: ["uki" as const] } });
    const code = async (input: Partial<typeof signing>) =>
      (await errorOf(scene.build({ input: { outputs: ["uki" as const], ...input }, lock }))) as {
        code: string;
        exit: number;
      };
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
    pem("other.key", other.privateKey);
    const { secureBoot, pcrSigning } = signing;
    expect(await code({ secureBoot: { ...secureBoot, key: "other.key" } })).toMatchObject({
      code: "sign/key-mismatch",
      exit: 2,
    });
    expect(await code({ pcrSigning: { ...pcrSigning, key: "other.key" } })).toMatchObject({
      code: "sign/key-mismatch",
      exit: 2,
    });
    expect(await code({ secureBoot: { ...secureBoot, key: "db.crt" } })).toMatchObject({
      code: "sign/key-invalid",
      exit: 2,
    });
    expect(await code({ secureBoot: { ...secureBoot, certificate: "db.key" } })).toMatchObject({
      code: "sign/certificate-invalid",
      exit: 2,
    });
  });

  it("refuses to measure what leaves the command line in no register, unless that is let pass", async () => {
    const stub = Buffer.from((await import("../fixtures/pe/make-pe.js")).makeStub());
    stub.write("systemd-stub 252", stub.indexOf("systemd-stub 257"));
    writeFileSync(inScene("old.stub"), stub);
    const kernel = (await import("../fixtures/pe/make-pe.js")).makeKernel({ version: "6.1.9 (x@y) #1" });
    writeFileSync(inScene("bzImage"), kernel);
    const old = { outputs: ["uki" as const], stub: "./old.stub", kernel: { image: "bzImage", modules: [] } };
    const { lock } = await scene.build({ input: old });
    expect(await errorOf(scene.build({ input: { ...old, measure: true }, lock }))).toMatchObject({
      code: "measure/cmdline-unmeasured",
    });
    const allowed = { ...old, measure: { allow: ["cmdline-unmeasured"] } };
    expect(JSON.parse((await scene.build({ input: allowed, lock })).manifest).outputs).toHaveLength(2);
  });
});
