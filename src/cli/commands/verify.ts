import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { toolVersion } from "../../assemble/tool-version.js";
import { type Verification, verify } from "../../assemble/verify.js";
import type { FileContent } from "../../bytes/content.js";
import { currentEntry } from "../../config/lock-entry.js";
import type { Recipe } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { currentTime } from "../../io/clock.js";
import { openDownloader } from "../../io/download.js";
import { OpenFiles } from "../../io/open-files.js";
import { type Check, isVerified, renderChecks } from "../../report/verify/check.js";
import { checkChecksums, checkManifest } from "../../report/verify/check-files.js";
import { checkPackages, listUrl, type RebuiltPackage, readPackageList } from "../../report/verify/check-packages.js";
import { checkSignature } from "../../report/verify/check-signature.js";
import { readCertificate } from "../../uki/signing/certificate.js";
import { type FoundManifest, manifestOf, readIfThere, stemOf, unsignedOf } from "../beside.js";
import { type CommandContext, libraryOptions } from "../common-options.js";
import { readLock, recipeOfManifest } from "../load.js";
import { openNamed, readNamed } from "../named-file.js";
import { showProgress } from "../progress.js";

const MISSING = "verify/file-missing";

/** The command's own options as they come. */
export interface VerifyFlags {
  readonly certificate?: readonly string[];
  readonly packages?: readonly string[];
}

/** Verifies an artifact. */
export async function verifyArtifact(
  context: CommandContext,
  names: readonly string[],
  own: VerifyFlags,
): Promise<number> {
  const { terminal } = context;
  const progress = showProgress(terminal, context.now);
  const files = new OpenFiles();
  try {
    const artifact = openArtifact(context, files, names[0]!);
    const certificates = (own.certificate ?? []).map((name) => certificateOf(context, name));
    const manifest = manifestOf(artifact.path);
    const checks: Check[] = await checkBeside(artifact, manifest);
    const recipe = await recipeOfManifest(context, names[1], manifest?.manifest);
    let rebuilt: Verification | undefined;
    if (recipe === undefined) checks.push(...(await withoutRecipe(artifact.content, certificates)));
    else {
      const lock = readLock(recipe);
      currentEntry(lock, recipe);
      const trusted = recipe.secureBoot?.certificate;
      if (own.certificate === undefined && trusted !== undefined)
        certificates.push(certificateOf(context, trusted.path));
      warnOfVersion(context, manifest);
      rebuilt = await verify(artifact.content, {
        ...libraryOptions(context),
        ...{ onEvent: progress.onEvent, recipe, lock: lock!, certificates, now: currentTime() },
        manifest: manifest?.manifest,
      });
      checks.push(...rebuilt.checks);
    }
    if (own.packages !== undefined) {
      const packages = (manifest?.manifest ?? rebuilt?.manifest)?.packages;
      if (packages === undefined)
        throw new AssembleError(
          "verify/no-packages",
          "Cannot ask for packages: there is no manifest and no recipe, one that names the image's packages was wanted",
        );
      checks.push(checkPackages(packages, await fetchStatuses(context, own.packages)));
    }
    progress.finish();
    const verified = isVerified(checks);
    if (terminal.json) terminal.result({ type: "result", verified, checks, differences: rebuilt?.differences ?? [] });
    else {
      for (const line of renderChecks(checks)) terminal.out(line);
      terminal.out(verified ? `${names[0]} is verified` : verdict(names[0]!, recipe, checks));
    }
    return verified ? 0 : 1;
  } finally {
    files.close();
  }
}

function verdict(name: string, recipe: Recipe | undefined, checks: readonly Check[]): string {
  if (checks.some(({ outcome }) => outcome === "fails")) return `${name} is NOT what it should be`;
  return recipe === undefined
    ? `${name} is not verified: there is no recipe, nothing was rebuilt`
    : `${name} is not verified`;
}

interface Artifact {
  readonly path: string;
  readonly content: FileContent;
  readonly sha256: string;
}

function openArtifact(context: CommandContext, files: OpenFiles, name: string): Artifact {
  const { path, content } = openNamed(context, name, { files, code: MISSING });
  return { path, content, sha256: files.sha256(path, { offset: 0, size: content.size })! };
}

async function checkBeside(artifact: Artifact, manifest: FoundManifest | undefined): Promise<Check[]> {
  const { path, content, sha256 } = artifact;
  const stem = manifest?.path.replace(/\.manifest\.json$/, "") ?? stemOf(path) ?? path;
  const sums = `${stem}.sha256sums`;
  const name = basename(path);
  const unsigned = await unsignedOf(content);
  const known = { name, bytes: content.size, sha256 };
  const isSignedLater = name.endsWith(".signed.efi") && unsigned !== undefined;
  const checked = isSignedLater ? `${name.slice(0, -".signed.efi".length)}.efi` : name;
  const checks = [
    await checkChecksums(
      { name: basename(sums), text: readIfThere(sums) },
      {
        artifact: checked,
        hashOf: async (one) => (one === name ? sha256 : sumOf(join(dirname(path), one))),
      },
    ),
  ];
  if (manifest === undefined)
    checks.push({ name: "manifest", outcome: "unchecked", message: `there is no ${basename(stem)}.manifest.json` });
  else {
    const value = { name: basename(manifest.path), value: manifest.manifest };
    checks.push(checkManifest(value, isSignedLater ? { ...unsigned, name: checked } : known));
  }
  return checks;
}

function sumOf(path: string): string | undefined {
  const files = new OpenFiles();
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? files.sha256(path, { offset: 0, size: stats.size }) : undefined;
  } finally {
    files.close();
  }
}

/** Nothing can be rebuilt; the signature can be looked at. */
async function withoutRecipe(
  content: FileContent,
  certificates: Parameters<typeof checkSignature>[1]["certificates"],
): Promise<Check[]> {
  const checks: Check[] = [
    { name: "rebuild", outcome: "unchecked", message: "there is no recipe: nothing was rebuilt" },
  ];
  const magic = content.read(0, 2);
  if (magic[0] === 0x4d && magic[1] === 0x5a)
    checks.push(await checkSignature(content, { certificates, now: currentTime() }));
  else if (certificates.length > 0)
    checks.push({
      name: "signature",
      outcome: "fails",
      message: "the artifact is no UKI: its signature is looked at with the recipe",
    });
  return checks;
}

function warnOfVersion({ terminal }: CommandContext, manifest: FoundManifest | undefined): void {
  const made = manifest?.manifest.tool.version;
  if (made === undefined || made === toolVersion) return;
  const text = `the image was made by tdx-assemble ${made}, this is ${toolVersion}: other bytes may come of that alone`;
  if (terminal.json) terminal.result({ type: "warning", code: "verify/tool-version", message: text });
  else terminal.error(`${terminal.bold("warning")}[verify/tool-version]: ${text}`);
}

function certificateOf(context: CommandContext, name: string): ReturnType<typeof readCertificate> {
  return readCertificate(readNamed(context, name, MISSING), name);
}

const LIST_BYTES_MAX = 1 << 28;

async function fetchStatuses(context: CommandContext, places: readonly string[]): Promise<RebuiltPackage[]> {
  const known: RebuiltPackage[] = [];
  for (const place of places) {
    const bytes = /^https?:/.test(place)
      ? await fetchList(context, listUrl(place))
      : readNamed(context, place, MISSING);
    known.push(...readPackageList(new TextDecoder().decode(bytes), place));
  }
  return known;
}

async function fetchList(context: CommandContext, url: string): Promise<Uint8Array> {
  const none = { readBlob: async () => undefined, writeBlob: () => Promise.reject(new TypeError("nothing is kept")) };
  const { offline, signal } = libraryOptions(context);
  const downloader = openDownloader({ cache: none, offline, signal });
  try {
    const found = await downloader.fetchSmall({
      what: "the packages' status",
      sources: [url],
      maxBytes: LIST_BYTES_MAX,
    });
    if (found !== undefined) return found.bytes;
    throw new AssembleError(
      "io/download-failed",
      `Cannot download ${url}: the server has no such list, one of rebuilderd's was wanted`,
    );
  } finally {
    await downloader.close();
  }
}
