/**
 * `keys generate DIR`: keys, certificates and enrolment files for Secure Boot. The only command whose result is random.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssembleError } from "../../errors/assemble-error.js";
import { makeCertificate } from "../../uki/signing/certificate.js";
import { authenticatedVariable, type SecureBootVariable, signatureList } from "../../uki/signing/enrolment.js";
import { sha256, signerOf } from "../../uki/signing/signer.js";
import type { CommandContext } from "../common-options.js";

const VARIABLES: readonly SecureBootVariable[] = ["PK", "KEK", "db"];

/** Makes PK, KEK and db, each as .key, .crt (PEM), .esl and .auth. */
export async function generateKeys(
  context: CommandContext,
  directory: string,
  own: { readonly bits: string; readonly name: string },
): Promise<number> {
  const base = context.path(directory);
  const taken = VARIABLES.map((name) => join(base, `${name}.key`)).find((path) => existsSync(path));
  if (taken !== undefined)
    throw new AssembleError(
      "sign/key-exists",
      `Cannot make keys: there is ${taken}, a directory without keys was wanted`,
      { hint: "keys are never written over: name another directory, or move these away" },
    );
  mkdirSync(base, { recursive: true });
  const made = new Map<SecureBootVariable, { readonly key: KeyObject; readonly certificate: Uint8Array }>();
  for (const name of VARIABLES) {
    const key = generateKeyPairSync("rsa", { modulusLength: Number(own.bits) }).privateKey;
    made.set(name, { key, certificate: await makeCertificate({ commonName: `${own.name} ${name}`, key }) });
  }
  const owner = sha256(new Uint8Array(createPublicKey(made.get("PK")!.key).export({ type: "spki", format: "der" })));
  const files: string[] = [];
  const write = (name: string, data: string | Uint8Array, mode = 0o644): void => {
    writeFileSync(join(base, name), data, { mode, flag: "wx" });
    files.push(join(directory, name));
  };
  for (const [name, { key, certificate }] of made) {
    const by = made.get(name === "db" ? "KEK" : "PK")!;
    const signing = { signer: signerOf(by.key), certificate: new X509Certificate(by.certificate) };
    const list = signatureList(certificate, owner.subarray(0, 16));
    write(`${name}.key`, key.export({ type: "pkcs8", format: "pem" }) as string, 0o600);
    write(`${name}.crt`, new X509Certificate(certificate).toString());
    write(`${name}.esl`, list);
    write(`${name}.auth`, await authenticatedVariable(name, list, signing));
  }
  if (context.terminal.json) context.terminal.result({ files });
  else for (const file of files) context.terminal.out(file);
  return 0;
}
