/**
 * The recipe's signatures: policies over PCR 11 inside the UKI (`pcrSigning`), and the Authenticode signature around it (`secureBoot`).
 * Each is also kept apart.
 */

import { createPublicKey, type KeyObject } from "node:crypto";
import { type Content, contentOfBytes, toByteString } from "../bytes/content.js";
import type { Recipe, RecipeFile, RecipeSigner } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { currentTime } from "../io/clock.js";
import { readHostFile } from "../io/host-file.js";
import { pcr11Events } from "../measure/pcr-11.js";
import { readPublicKey, signPcrPolicies } from "../measure/pcr-signature.js";
import { readUki } from "../measure/read-uki.js";
import { datesOf } from "../report/verify/check-signature.js";
import { externalSigner } from "../sandbox/external-signer.js";
import { readCertificate } from "../uki/signing/certificate.js";
import { attachSignature, signPe } from "../uki/signing/sign-pe.js";
import { readPrivateKey, type Signer, signerOf } from "../uki/signing/signer.js";
import { type UkiParts, writeUki } from "../uki/write-uki.js";
import type { KeptSignatures } from "./kept-signatures.js";
import type { Session } from "./session.js";

/** A UKI as the recipe wants it signed. */
export interface SignedUki {
  readonly content: Content;
  /** Signatures apart, by the ending of their file. */
  readonly apart: ReadonlyMap<string, Content>;
}

/** What is signed. */
export interface SignUkiInput {
  readonly recipe: Recipe;
  readonly parts: UkiParts;
  readonly kept: KeptSignatures | undefined;
}

/**
 * Writes a UKI with the signatures that the recipe asks for.
 *
 * @throws AssembleError `sign/…`, and those of `writeUki`
 */
export async function writeSignedUki(session: Session, input: SignUkiInput): Promise<SignedUki> {
  const apart = new Map<string, Content>();
  const uki = await withPcrSignature(input, apart);
  const { secureBoot } = input.recipe;
  if (secureBoot === undefined) return { content: uki, apart };
  if (input.kept !== undefined) {
    const signature = input.kept.secureBoot;
    if (signature === undefined) return { content: uki, apart };
    apart.set(".efi.p7s", contentOfBytes(signature));
    return { content: await attachSignature(uki, signature), apart };
  }
  if (secureBoot.certificate === undefined)
    throw new AssembleError(
      "sign/certificate-missing",
      "Cannot sign the image: secureBoot has no certificate, that of its key was wanted",
    );
  const certificate = readCertificate(await read(secureBoot.certificate), secureBoot.certificate.name);
  for (const message of datesOf(certificate, currentTime()))
    session.onEvent?.({ type: "warning", code: "sign/certificate-expired", message: message.replace("warning: ", "") });
  const signed = await signPe(uki, { certificate, signer: await signerFor(input.recipe, secureBoot) });
  apart.set(".efi.p7s", contentOfBytes(signed.signature));
  return { content: signed.content, apart };
}

async function withPcrSignature({ recipe, parts, kept }: SignUkiInput, apart: Map<string, Content>): Promise<Content> {
  const { pcrSigning } = recipe;
  if (pcrSigning === undefined || (kept !== undefined && kept.pcr === undefined)) return writeUki(parts);
  let signature = kept?.pcr?.signature;
  let publicKey = kept?.pcr?.publicKey;
  if (signature === undefined || publicKey === undefined) {
    const key = await publicKeyOf(pcrSigning);
    publicKey = Buffer.from(key.export({ type: "spki", format: "pem" }) as string);
    const bare = await writeUki({ ...parts, pcrPublicKey: contentOfBytes(publicKey) });
    const events = await pcr11Events(await readUki(bare));
    const signer = await signerFor(recipe, pcrSigning);
    signature = Buffer.from(await signPcrPolicies(events, { phases: pcrSigning.phases, publicKey: key, signer }));
  }
  apart.set(".pcrsig", contentOfBytes(signature));
  return writeUki({ ...parts, pcrPublicKey: contentOfBytes(publicKey), pcrSignature: contentOfBytes(signature) });
}

/** The public half: stated as a certificate or public key, else that of the private key. */
async function publicKeyOf({ key, certificate }: RecipeSigner): Promise<KeyObject> {
  if (certificate !== undefined) return readPublicKey(toByteString(await read(certificate)), certificate.name);
  if (key !== undefined) return createPublicKey(readPrivateKey(toByteString(await read(key)), key.name));
  throw new AssembleError(
    "sign/certificate-missing",
    "Cannot sign the PCR policies: pcrSigning has a signer and no certificate, the public key of the signer was wanted",
  );
}

async function signerFor({ provenance }: Recipe, { key, signer }: RecipeSigner): Promise<Signer> {
  if (signer !== undefined) return externalSigner(signer, provenance.directory);
  return signerOf(readPrivateKey(toByteString(await read(key!)), key!.name));
}

async function read(file: RecipeFile): Promise<Uint8Array> {
  try {
    return await readHostFile(file.path);
  } catch (cause) {
    throw new AssembleError("sign/file-missing", `Cannot read ${file.name}: ${(cause as Error).message}`, {
      cause,
      hint: "a path is relative to the recipe that states it; tdx-assemble keys generate DIR makes keys",
    });
  }
}
