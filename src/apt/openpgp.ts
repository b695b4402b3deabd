/**
 * OpenPGP (RFC 4880, RFC 9580) verification of signed Release files: cleartext signatures (RFC 4880 §7) and detached ones.
 *
 * The cryptography is openpgp's. What it leaves open is closed here: text outside the armour (which it ignores) is refused,
 * the clock is never asked (`date: null`: expiry is judged at the time of signing), only document signatures count,
 * and weak digests have their own error. Checked against gpgv in test/heavy.
 */

import type { Key, Signature } from "openpgp";
import { AssembleError } from "../errors/assemble-error.js";

/** An OpenPGP certificate that signatures are checked with. */
export interface Certificate {
  /** Of the primary key: upper-case hex. */
  readonly fingerprint: string;
  /** Key ids of the primary key and its subkeys: lower-case hex. */
  readonly keyIds: readonly string[];
  readonly key: Key;
}

/** What a good signature vouches for. */
export interface VerifiedText {
  /** Exactly what was signed; of a cleartext signature: lines end in LF, without blanks before it. */
  readonly bytes: Uint8Array;
  /** The trusted keys whose signatures are good: at least one. */
  readonly signers: readonly Signer[];
}

/** A trusted key that signed. */
export interface Signer {
  /** Of the primary key. */
  readonly fingerprint: string;
  /** Milliseconds since 1970, as the signature states it. */
  readonly signedAt: number;
}

/** How a signed file is named in messages, and who may have signed it. */
export interface VerifyOptions {
  readonly certificates: readonly Certificate[];
  /** For messages: `trixie-security (InRelease)`. */
  readonly subject: string;
}

/** More signatures than any archive makes: a bound on the work that an unverified file can cause. */
const MAX_SIGNATURES = 16;

/**
 * Reads one or more certificates, armoured or binary.
 *
 * @throws AssembleError `apt/key-invalid`
 */
export async function readCertificates(bytes: Uint8Array, name: string): Promise<readonly Certificate[]> {
  const { readKeys } = await import("openpgp");
  try {
    const armored = bytes[0] === 0x2d || bytes[0] === 0x0a || bytes[0] === 0x43; // "-", LF or "Comment:"
    const keys = armored
      ? await readKeys({ armoredKeys: new TextDecoder().decode(bytes) })
      : await readKeys({ binaryKeys: bytes });
    if (keys.length === 0) throw new Error("it holds no key");
    return keys.map((key) => ({
      fingerprint: key.getFingerprint().toUpperCase(),
      keyIds: key.getKeyIDs().map((id) => id.toHex()),
      key,
    }));
  } catch (cause) {
    throw new AssembleError("apt/key-invalid", `Cannot read the key ${name}: ${reason(cause)}`, {
      cause,
      hint: "give an OpenPGP public key, armoured or binary, as `gpg --export` writes it",
    });
  }
}

/**
 * Verifies a cleartext-signed file (InRelease).
 *
 * @throws AssembleError `apt/signature-missing`, `apt/signature-invalid`, `apt/key-unknown`, `apt/weak-digest`
 */
export async function verifyCleartext(signed: Uint8Array, options: VerifyOptions): Promise<VerifiedText> {
  const { readCleartextMessage, verify } = await import("openpgp");
  const text = decode(signed, options);
  checkFraming(text, options);
  const message = await readCleartextMessage({ cleartextMessage: text }).catch((cause: unknown) => {
    throw invalid(options, `it is not a well-formed cleartext signature (${reason(cause)})`, cause);
  });
  const { data, signatures } = await verify({
    message,
    verificationKeys: options.certificates.map((certificate) => certificate.key),
    date: null,
  });
  const signers = await goodSigners(signatures, options);
  return { bytes: new TextEncoder().encode(`${data}\n`), signers };
}

/**
 * Verifies a file with a detached signature (Release with Release.gpg).
 *
 * @throws AssembleError `apt/signature-missing`, `apt/signature-invalid`, `apt/key-unknown`, `apt/weak-digest`
 */
export async function verifyDetached(
  bytes: Uint8Array,
  signature: Uint8Array,
  options: VerifyOptions,
): Promise<VerifiedText> {
  const { createMessage, readSignature, verify } = await import("openpgp");
  const text = decode(signature, options);
  if (!text.includes("-----BEGIN PGP SIGNATURE-----")) {
    throw new AssembleError("apt/signature-missing", `Cannot trust ${options.subject}: its signature file holds none`);
  }
  const parsed = await readSignature({ armoredSignature: text }).catch((cause: unknown) => {
    throw invalid(options, `its signature file is damaged (${reason(cause)})`, cause);
  });
  const { signatures } = await verify({
    message: await createMessage({ binary: bytes }),
    signature: parsed,
    verificationKeys: options.certificates.map((certificate) => certificate.key),
    date: null,
    format: "binary",
  });
  return { bytes, signers: await goodSigners(signatures, options) };
}

/** Structural lines begin with five hyphens; in the signed text such a line would be escaped to `- -----`. */
function checkFraming(text: string, options: VerifyOptions): void {
  const lines = text.split(/\r?\n/);
  const structure = lines.filter((line) => line.startsWith("-----"));
  if (!structure.includes("-----BEGIN PGP SIGNED MESSAGE-----")) {
    throw new AssembleError(
      "apt/signature-missing",
      `Cannot trust ${options.subject}: it carries no signature, wanted a cleartext-signed file`,
      { hint: "a proxy or a captive portal may have answered in the mirror's place" },
    );
  }
  const wanted = ["-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"];
  const end = lines.indexOf("-----END PGP SIGNATURE-----");
  const whole =
    structure.length === wanted.length &&
    structure.every((line, index) => line === wanted[index]) &&
    lines[0] === wanted[0] &&
    lines.slice(end + 1).every((line) => line.trim() === "");
  if (!whole) {
    throw invalid(options, "there is text outside the signature's armour, or the armour is incomplete");
  }
}

interface Verification {
  readonly keyID: { toHex(): string };
  readonly verified: Promise<true>;
  readonly signature: Promise<Signature>;
}

/** The trusted signers; an error that says what is wrong with the signatures if there is none. */
async function goodSigners(verifications: readonly Verification[], options: VerifyOptions): Promise<readonly Signer[]> {
  // Every promise gets a handler at once: openpgp makes them reject on their own.
  const outcomes = verifications.map((one) =>
    one.verified.then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    ),
  );
  if (verifications.length > MAX_SIGNATURES) {
    throw invalid(options, `it has ${verifications.length} signatures, at most ${MAX_SIGNATURES} are looked at`);
  }
  const good: Signer[] = [];
  const unknown: string[] = [];
  let weak: string | undefined;
  let bad: { readonly text: string; readonly cause: unknown } | undefined;
  for (const [index, verification] of verifications.entries()) {
    const id = verification.keyID.toHex();
    const certificate = options.certificates.find((one) => one.keyIds.includes(id));
    if (certificate === undefined) {
      unknown.push(id.toUpperCase());
      continue;
    }
    const packet = (await verification.signature).packets[0];
    const weakness = weakDigests[packet?.hashAlgorithm ?? -1];
    const failure = await outcomes[index];
    // 0: of a binary document, 1: of a canonical text document (RFC 4880 §5.2.1); all others sign something else.
    const ofDocument = packet?.signatureType === 0 || packet?.signatureType === 1;
    if (weakness !== undefined) weak ??= `the signature of ${certificate.fingerprint} uses ${weakness}`;
    else if (failure !== undefined) {
      bad ??= { text: `the signature of ${certificate.fingerprint} fails (${reason(failure.cause)})`, ...failure };
    } else if (ofDocument && packet.created !== null) {
      good.push({ fingerprint: certificate.fingerprint, signedAt: packet.created.getTime() });
    }
  }
  if (good.length > 0) return good;
  if (bad !== undefined) throw invalid(options, `${bad.text}, wanted a good one`, bad.cause);
  if (weak !== undefined) {
    throw new AssembleError("apt/weak-digest", `Cannot trust ${options.subject}: ${weak}, wanted SHA-256 or stronger`);
  }
  if (unknown.length > 0) {
    const trusted = options.certificates.map((one) => one.fingerprint).join(", ");
    throw new AssembleError(
      "apt/key-unknown",
      `Cannot trust ${options.subject}: it is signed with ${unknown.join(", ")}, wanted one of ${trusted}`,
    );
  }
  throw new AssembleError(
    "apt/signature-missing",
    `Cannot trust ${options.subject}: it carries no signature of a document`,
  );
}

/** RFC 4880 §9.4. */
const weakDigests: Readonly<Record<number, string>> = { 1: "MD5", 2: "SHA-1", 3: "RIPE-MD/160" };

function decode(bytes: Uint8Array, options: VerifyOptions): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(options, "it is not UTF-8 text", cause);
  }
}

function invalid(options: VerifyOptions, what: string, cause?: unknown): AssembleError {
  return new AssembleError("apt/signature-invalid", `Cannot trust ${options.subject}: ${what}`, { cause });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message.split("\n", 1)[0]! : String(cause);
}
