/**
 * `verify`: an artifact is rebuilt from recipe and lock and compared bit for bit. Signatures are taken from the artifact and put into
 * the rebuilt image, so that who lacks the keys can compare; whether they hold is a check of its own.
 */

import type { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { assemble } from "../assemble.js";
import { type Content, type FileContent, readContent, toByteString } from "../bytes/content.js";
import { hashContent } from "../bytes/hash-content.js";
import { isFileContent } from "../bytes/slice-content.js";
import { canonicalJson } from "../config/canonical-json.js";
import type { Lock } from "../config/lock.js";
import { type Format, formats, type Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { diskContainerOf } from "../gpt/open-disk.js";
import { writeFileAtomically } from "../io/atomic-file.js";
import { contentOfFile } from "../io/file-content.js";
import { withFreshCache } from "../io/fresh-cache.js";
import { readHostFile } from "../io/host-file.js";
import { OpenFiles } from "../io/open-files.js";
import { readPublicKey } from "../measure/pcr-signature.js";
import { readDisk } from "../measure/read-disk.js";
import { diffArtifacts } from "../report/diff/diff-artifacts.js";
import { type Difference, formatDifference } from "../report/diff/difference.js";
import { artifactKindOf } from "../report/inspect/open-artifact.js";
import { segmentFormatOf } from "../report/inspect/walk-initramfs.js";
import { formatManifest, type Manifest } from "../report/manifest.js";
import { type Check, isVerified } from "../report/verify/check.js";
import { checkPcrSignature } from "../report/verify/check-pcr-signature.js";
import { checkSignature } from "../report/verify/check-signature.js";
import { findSection, readPe, sectionContent } from "../uki/pe/read-pe.js";
import { signaturesOf } from "../uki/signing/read-signature.js";
import { attachSignature } from "../uki/signing/sign-pe.js";
import type { KeptSignatures } from "./kept-signatures.js";
import type { Options } from "./session.js";

/** What an artifact is verified against. */
export interface VerifyOptions extends Options {
  readonly recipe: Recipe;
  /** The lock of the build: it is never made anew. */
  readonly lock: Lock;
  /** What the artifact is; default: what its first bytes say. */
  readonly format?: Format | undefined;
  /** The manifest beside the artifact: it is rebuilt and compared too. */
  readonly manifest?: Manifest | undefined;
  /** Certificates that the artifact's signature is to lead to. */
  readonly certificates?: readonly X509Certificate[] | undefined;
  /** Milliseconds since 1970, to tell of certificates that have expired; default: none has. */
  readonly now?: number | undefined;
  /** Differences at most; default 200. */
  readonly differencesMax?: number | undefined;
}

/** What came of it. */
export interface Verification {
  /** Whether the artifact is bit for bit what recipe and lock give. */
  readonly equal: boolean;
  /** Why not; empty where it is. */
  readonly differences: readonly Difference[];
  readonly checks: readonly Check[];
  /** Whether it was rebuilt and nothing fails. */
  readonly verified: boolean;
  /** Of the rebuilt image. */
  readonly manifest: Manifest;
}

/**
 * Rebuilds an artifact from its recipe and lock and compares the two. Nothing but downloads is taken from the cache.
 *
 * @throws AssembleError `verify/format-unknown`, `lock/stale`, and those of `assemble`
 * @example
 * ```ts
 * const { equal, differences } = await verify(contentOfBytes(uki), { recipe, lock });
 * ```
 */
export async function verify(artifact: Content, options: VerifyOptions): Promise<Verification> {
  const { recipe, lock, manifest, certificates = [], now = 0, differencesMax = 200, ...library } = options;
  return withFreshCache(options.cacheDir, async ({ cacheDir, directory }) => {
    const files = new OpenFiles();
    const keep = async (name: string, content: Content): Promise<FileContent> => {
      const path = join(directory, name);
      await writeFileAtomically(path, content, { signal: options.signal, hash: false });
      return contentOfFile(files, { path, size: content.size });
    };
    try {
      const file = isFileContent(artifact) ? artifact : await keep("artifact", artifact);
      const format = options.format ?? (await formatOf(file));
      const uki = await ukiOf(file, format);
      const kept = uki === undefined ? undefined : await signaturesIn(uki);
      const wanted = formatsOf(manifest, format);
      const image = await assemble(recipe, { ...library, cacheDir, lock, formats: wanted, kept });
      try {
        const output = image.outputs.get(format)!;
        // A UKI that was signed after the build: the signature is put onto the rebuilt one.
        const signedLater = format === "uki" && recipe.secureBoot === undefined ? kept?.secureBoot : undefined;
        const rebuilt = signedLater === undefined ? output : await attachSignature(output, signedLater);
        const sum = signedLater === undefined ? outputOf(image.manifest, format).sha256 : await hashContent(rebuilt);
        const equal = (await hashContent(file)) === sum;
        const differences: Difference[] = [];
        if (!equal) {
          const content = await keep("rebuilt", rebuilt);
          const found = diffArtifacts(
            { name: "artifact", source: { content: file }, manifest },
            { name: "rebuilt", source: { content }, manifest: image.manifest },
          );
          for await (const difference of found) {
            options.signal?.throwIfAborted();
            differences.push(difference);
            if (differences.length >= differencesMax) break;
          }
        }
        const checks = [
          rebuildCheck({ size: rebuilt.size, sum, equal, differences, full: differences.length >= differencesMax }),
          ...(manifest === undefined ? [] : [manifestCheck(manifest, image.manifest)]),
          ...(uki === undefined ? [] : await signatureChecks(uki, { recipe, kept, certificates, now })),
        ];
        return { equal, differences, checks, verified: isVerified(checks), manifest: image.manifest };
      } finally {
        await image.close();
      }
    } finally {
      files.close();
    }
  });
}

interface Compared {
  readonly size: number;
  readonly sum: string;
  readonly equal: boolean;
  readonly differences: readonly Difference[];
  readonly full: boolean;
}

function rebuildCheck({ size, sum, equal, differences, full }: Compared): Check {
  const name = "rebuild";
  if (equal) return { name, outcome: "holds", message: `recipe and lock give the same ${size} bytes, sha256 ${sum}` };
  const details = differences.map(formatDifference);
  if (full) details.push("and more: tdx-assemble diff tells all of them");
  return { name, outcome: "fails", message: `recipe and lock give other bytes, ${size} with sha256 ${sum}`, details };
}

function manifestCheck(found: Manifest, rebuilt: Manifest): Check {
  const name = "manifest";
  if (formatManifest(found) === formatManifest(rebuilt))
    return { name, outcome: "holds", message: "it is the same when it is rebuilt" };
  const keys = [...new Set([...Object.keys(found), ...Object.keys(rebuilt)])].sort();
  const text = (value: unknown): string => (value === undefined ? "nothing" : canonicalJson(value));
  const details = keys.flatMap((key) => {
    const [a, b] = [found, rebuilt].map((one) => text((one as unknown as Record<string, unknown>)[key]));
    return a === b ? [] : [`${key}: ${shorten(a!)} ≠ ${shorten(b!)}`];
  });
  return { name, outcome: "fails", message: "it is another one when it is rebuilt", details };
}

const SHOWN_MAX = 120;
const SIGNATURE_BYTES_MAX = 1 << 20;

function shorten(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

/** The formats of a manifest, so that all of it can be compared, and that of the artifact. */
function formatsOf(manifest: Manifest | undefined, format: Format): Format[] {
  const stated = (manifest?.outputs ?? []).flatMap((output) => formats.filter((one) => one === output.format));
  return stated.includes(format) ? stated : [...stated, format];
}

function outputOf(manifest: Manifest, format: Format): Manifest["outputs"][number] {
  return manifest.outputs.find((output) => output.format === format)!;
}

/** What an artifact is, as far as a build makes such. @throws AssembleError `verify/format-unknown`, `inspect/format-unknown` */
async function formatOf(content: FileContent): Promise<Format> {
  const kind = artifactKindOf(content);
  if (kind === "pe") return findSection(await readPe(content), ".linux") === undefined ? "kernel" : "uki";
  if (kind === "cpio")
    return segmentFormatOf(content.read(0, Math.min(16, content.size))) === "newc" ? "cpio" : "initrd";
  if (kind === "disk") {
    const container = diskContainerOf(content)!;
    return container === "vhd-fixed" || container === "vhd-dynamic" ? "vhd" : container;
  }
  if (kind !== "deb") return kind;
  throw new AssembleError(
    "verify/format-unknown",
    "Cannot verify the artifact: it is a .deb, an output of a build was wanted",
  );
}

/** The UKI that an artifact is, or boots; undefined where there is none. */
async function ukiOf(content: FileContent, format: Format): Promise<Content | undefined> {
  if (format === "uki") return content;
  if (diskContainerOf(content) === undefined) return undefined;
  try {
    return (await readDisk(content)).uki;
  } catch (error) {
    // A disk that boots otherwise is compared all the same.
    if (error instanceof AssembleError) return undefined;
    throw error;
  }
}

interface SignatureInput {
  readonly recipe: Recipe;
  readonly kept: KeptSignatures | undefined;
  readonly certificates: readonly X509Certificate[];
  readonly now: number;
}

async function signatureChecks(uki: Content, { recipe, kept, ...options }: SignatureInput): Promise<Check[]> {
  const checks = [await checkSignature(uki, options)];
  const { pcrSigning } = recipe;
  if (pcrSigning === undefined) return checks;
  const { phases, certificate } = pcrSigning;
  const pem = certificate === undefined ? undefined : toByteString(await readHostFile(certificate.path));
  const trusted = pem === undefined ? undefined : readPublicKey(pem, certificate!.name);
  return [...checks, await checkPcrSignature({ uki, found: kept?.pcr, phases, trusted })];
}

async function signaturesIn(uki: Content): Promise<KeptSignatures> {
  try {
    const [secureBoot] = await signaturesOf(uki);
    const image = await readPe(uki);
    const [signature, publicKey] = await Promise.all(
      [".pcrsig", ".pcrpkey"].map(async (name) => {
        const section = findSection(image, name);
        const content = section === undefined ? undefined : sectionContent(uki, section);
        return content === undefined || content.size > SIGNATURE_BYTES_MAX ? undefined : readContent(content);
      }),
    );
    const pcr = signature === undefined || publicKey === undefined ? undefined : { signature, publicKey };
    return { secureBoot, pcr };
  } catch (error) {
    // That it is damaged is told by the check of signatures.
    if (error instanceof AssembleError) return {};
    throw error;
  }
}
