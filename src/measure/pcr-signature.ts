/**
 * Signed policies over PCR 11, one a phase of the boot: what the section `.pcrsig` holds, so that a TPM gives a secret to any image whose
 * policy was signed with a key (systemd-measure(1), "sign"; TPM 2.0 Library Part 3, TPM2_PolicyPCR and TPM2_PolicyAuthorize).
 *
 * Subset: the bank sha256, which is the one that systemd prefers. Checked by: systemd-measure.
 */

import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import { AssembleError } from "../errors/assemble-error.js";
import { type Signer, sha256 } from "../uki/signing/signer.js";
import type { MeasuredEvent } from "./event.js";
import { pcr11AtPhase } from "./pcr-11.js";

/** The phases that systemd-measure takes where none is stated. */
const DEFAULT_PHASES: readonly string[] = [
  "enter-initrd",
  "enter-initrd:leave-initrd",
  "enter-initrd:leave-initrd:sysinit",
  "enter-initrd:leave-initrd:sysinit:ready",
];
const BANK = "sha256";
/** TPM_ALG_SHA256. */
const BANK_ALGORITHM = 0x000b;
const COMMAND_POLICY_PCR = 0x0000017f;
/** Three bytes of which bit 11 is set. */
const SELECT_PCR_11 = Uint8Array.of(3, 0, 0x08, 0);

const entrySchema = z.object({
  pcrs: z.array(z.int()),
  pkfp: z.string(),
  pol: z.string(),
  sig: z.string(),
});
const schema = z.record(z.string(), z.array(entrySchema));

/** The policy digest that a TPM computes where PCR 11 of its bank sha256 has this value (lower-case hex). */
function pcrPolicy(value: string): Uint8Array {
  const head = new Uint8Array(32 + 4 + 4 + 2);
  const view = new DataView(head.buffer);
  view.setUint32(32, COMMAND_POLICY_PCR);
  view.setUint32(36, 1);
  view.setUint16(40, BANK_ALGORITHM);
  return sha256(new Uint8Array(Buffer.concat([head, SELECT_PCR_11, sha256(Buffer.from(value, "hex"))])));
}

/** What is to be signed: a policy a phase. Phases in byte order, each once; none: all of systemd's. */
function policiesOf(events: readonly MeasuredEvent[], phases: readonly string[]): Uint8Array[] {
  const wanted = phases.length === 0 ? DEFAULT_PHASES : [...new Set(phases)].sort();
  return wanted.map((phase) => pcrPolicy(pcr11AtPhase(events, phase)[BANK]));
}

/** sha256 of the public key as RSAPublicKey in DER (RFC 8017, A.1.1): not of the SubjectPublicKeyInfo. */
function fingerprintOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "pkcs1", format: "der" }))
    .digest("hex");
}

/**
 * The text of `.pcrsig`, as ukify writes it.
 *
 * @throws AssembleError `sign/key-mismatch`
 */
export async function signPcrPolicies(
  events: readonly MeasuredEvent[],
  options: { readonly phases: readonly string[]; readonly publicKey: KeyObject; readonly signer: Signer },
): Promise<string> {
  const { publicKey, signer } = options;
  const pkfp = fingerprintOf(publicKey);
  const entries: string[] = [];
  for (const policy of policiesOf(events, options.phases)) {
    const signature = await signer(sha256(policy));
    if (!isSigned(policy, signature, publicKey))
      throw new AssembleError(
        "sign/key-mismatch",
        "Cannot sign the PCR policies: the signature is not of the public key that goes into the image, its own key was wanted",
      );
    const [pol, sig] = [Buffer.from(policy).toString("hex"), Buffer.from(signature).toString("base64")];
    entries.push(`{"pcrs": [11], "pkfp": "${pkfp}", "pol": "${pol}", "sig": "${sig}"}`);
  }
  return `{"${BANK}": [${entries.join(", ")}]}`;
}

function isSigned(policy: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return key.asymmetricKeyType === "rsa" && verify("sha256", policy, key, signature);
}

/** Why signed policies are not those of these events with this key; undefined where they are. */
export function pcrSignatureFlaw(
  text: string,
  options: {
    readonly events: readonly MeasuredEvent[];
    readonly phases: readonly string[];
    readonly publicKey: KeyObject;
  },
): string | undefined {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  const parsed = schema.safeParse(plain);
  if (!parsed.success) return "it is none of systemd's";
  const pkfp = fingerprintOf(options.publicKey);
  const policies = policiesOf(options.events, options.phases);
  const { [BANK]: entries = [], ...further } = parsed.data;
  if (Object.keys(further).length > 0) return `it has policies of ${Object.keys(further).join(", ")}`;
  if (entries.length !== policies.length) return `it has ${entries.length} policies, ${policies.length} were wanted`;
  for (const [i, policy] of policies.entries()) {
    const { pcrs, pol, sig, ...entry } = entries[i]!;
    if (pcrs.length !== 1 || pcrs[0] !== 11) return "it is about other PCRs";
    if (entry.pkfp !== pkfp) return "it is of another public key";
    if (pol !== Buffer.from(policy).toString("hex")) return `policy ${i + 1} is that of another image`;
    if (!isSigned(policy, Buffer.from(sig, "base64"), options.publicKey))
      return `policy ${i + 1} is not signed with the key`;
  }
  return undefined;
}

/** A public key: PEM, or that of a certificate in PEM. @throws AssembleError `sign/key-invalid` */
export function readPublicKey(pem: string, name: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch (cause) {
    throw invalid(name, cause);
  }
  throw invalid(name);
}

function invalid(name: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "sign/key-invalid",
    `Cannot read the public key ${name}: it is none, a public RSA key or a certificate in PEM was wanted`,
    { cause },
  );
}
