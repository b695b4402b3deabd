/**
 * `sbom ARTIFACT|recipe`: what an image is made of, as SPDX and CycloneDX, and its provenance. An artifact is described by the manifest
 * beside it with the recipe in `.` (or the one that is named); a recipe alone by its lock.
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describedEntry } from "../../assemble/describe-image.js";
import { openSession } from "../../assemble/session.js";
import { takeInventory } from "../../assemble/take-inventory.js";
import { toByteString } from "../../bytes/content.js";
import { lockPath } from "../../config/lock-entry.js";
import type { Recipe } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { writeFileAtomically } from "../../io/atomic-file.js";
import { OpenFiles } from "../../io/open-files.js";
import { sealStatement } from "../../report/provenance/envelope.js";
import { type ProvenanceFile, writeProvenance } from "../../report/provenance/provenance.js";
import type { Inventory } from "../../report/sbom/inventory.js";
import { writeCyclonedx } from "../../report/sbom/write-cyclonedx.js";
import { writeSpdx } from "../../report/sbom/write-spdx.js";
import { externalSigner } from "../../sandbox/external-signer.js";
import { readCertificate } from "../../uki/signing/certificate.js";
import { readPrivateKey, type Signer, signerOf } from "../../uki/signing/signer.js";
import { type FoundManifest, manifestOf, readIfThere, unsignedOf } from "../beside.js";
import { type CommandContext, libraryOptions } from "../common-options.js";
import { loadCommandRecipe, readLock, recipeOfManifest } from "../load.js";
import { openNamed, readNamed } from "../named-file.js";
import { type SbomFlags, type SbomFormat, SEALED_ENDING, sbomFormatNames, sbomFormats } from "../options/sbom.js";
import { showProgress } from "../progress.js";

/** Writes or prints the documents. */
export async function sbom(context: CommandContext, names: readonly string[], own: SbomFlags): Promise<number> {
  const { terminal } = context;
  const progress = showProgress(terminal, context.now);
  const subject = await subjectOf(context, names);
  const { recipe, artifact, directory } = subject;
  const formats = formatsOf(own, artifact !== undefined);
  const manifest = artifact?.found.manifest;
  const entry = describedEntry(recipe, { lock: readLock(recipe), manifest, artifact: names[0] });
  const session = openSession({ ...libraryOptions(context), onEvent: progress.onEvent });
  try {
    const inventory = await takeInventory(session, { recipe, entry, manifest });
    progress.finish();
    const files: string[] = [];
    for (const format of formats) {
      const { ending, text } = await documentOf(context, { ...subject, ...{ inventory, format, own } });
      if (own.print !== undefined) {
        terminal.out(text.trimEnd());
        return 0;
      }
      const path = join(directory, `${recipe.outputName}${ending}`);
      await writeFileAtomically(path, [new TextEncoder().encode(text)]);
      files.push(relative(process.cwd(), path) || path);
    }
    if (terminal.json) terminal.result({ type: "result", files, packages: inventory.packages.length });
    else for (const file of files) terminal.out(file);
    return 0;
  } finally {
    await session.close();
  }
}

/** A recipe alone has no provenance: nothing was built. @throws AssembleError `sbom/no-artifact` */
function formatsOf({ print, format }: SbomFlags, hasArtifact: boolean): readonly SbomFormat[] {
  const asked = print === undefined ? format : [print];
  if (hasArtifact) return [...new Set(asked ?? sbomFormatNames)];
  if (asked?.includes("provenance") === true)
    throw new AssembleError(
      "sbom/no-artifact",
      "Cannot tell the provenance of a recipe: nothing was built, an artifact was wanted",
    );
  return [...new Set(asked ?? sbomFormatNames.filter((one) => one !== "provenance"))];
}

interface DocumentInput extends Subject {
  readonly inventory: Inventory;
  readonly format: SbomFormat;
  readonly own: SbomFlags;
}

async function documentOf(
  context: CommandContext,
  input: DocumentInput,
): Promise<{ readonly ending: string; readonly text: string }> {
  const { inventory, format, own } = input;
  const ending = sbomFormats[format];
  if (format === "spdx") return { ending, text: writeSpdx(inventory) };
  if (format === "cyclonedx") return { ending, text: writeCyclonedx(inventory) };
  const { found, ...artifact } = input.artifact!;
  const { manifest } = found;
  const lock = lockPath(input.recipe);
  const statement = writeProvenance({
    inventory,
    manifest,
    manifestFile: { name: basename(found.path), sha256: sha256Of(found.text) },
    lockFile: { name: basename(lock), sha256: sha256Of(readIfThere(lock)!) },
    recipe: basename(input.recipe.provenance.file ?? "image.yaml"),
    artifact: manifest.outputs.some(({ sha256 }) => sha256 === artifact.sha256) ? undefined : artifact,
    builderId: own.builder,
  });
  const key = sealingKey(context, own);
  if (key === undefined) return { ending, text: `${statement}\n` };
  return { ending: SEALED_ENDING, text: `${await sealStatement(statement, key)}\n` };
}

/** @throws AssembleError `sbom/signer-options`, `sign/…` */
function sealingKey(
  context: CommandContext,
  { key, signer, certificate }: SbomFlags,
): { readonly signer: Signer; readonly publicKey: KeyObject } | undefined {
  const read = (name: string): Uint8Array => readNamed(context, name, "sign/file-missing");
  const stated = certificate === undefined ? undefined : readCertificate(read(certificate), certificate).publicKey;
  if (key !== undefined) {
    const privateKey = readPrivateKey(toByteString(read(key)), key);
    return { signer: signerOf(privateKey), publicKey: stated ?? createPublicKey(privateKey) };
  }
  if (signer === undefined && stated === undefined) return undefined;
  if (signer === undefined || stated === undefined)
    throw new AssembleError(
      "sbom/signer-options",
      "Cannot sign the provenance: --key, or --signer with --certificate, was wanted",
    );
  return { signer: externalSigner(signer, context.path(".")), publicKey: stated };
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

interface Subject {
  readonly recipe: Recipe;
  /** Absent where a recipe alone is described. */
  readonly artifact: (ProvenanceFile & { readonly found: FoundManifest }) | undefined;
  /** Where the documents go. */
  readonly directory: string;
}

async function subjectOf(context: CommandContext, [name, recipeName]: readonly string[]): Promise<Subject> {
  const output = context.options.output;
  if (name === undefined || isRecipe(context.path(name)))
    return {
      recipe: await loadCommandRecipe(context, name),
      artifact: undefined,
      directory: context.path(output ?? "build"),
    };
  const files = new OpenFiles();
  try {
    const { path, content } = openNamed(context, name, { files, code: "sbom/file-missing" });
    const found = manifestOf(path);
    const sum = files.sha256(path, { offset: 0, size: content.size })!;
    const sums = [sum, (await unsignedOf(content))?.sha256];
    if (found === undefined || !found.manifest.outputs.some(({ sha256 }) => sums.includes(sha256)))
      throw new AssembleError(
        "sbom/no-manifest",
        `Cannot describe ${name}: ${found === undefined ? "there is no manifest beside it" : `${basename(found.path)} is not of these bytes`}, the one that the build wrote was wanted`,
        { hint: "name the recipe to describe what a build of it is made of" },
      );
    const recipe = await recipeOfManifest(context, recipeName, found.manifest);
    if (recipe !== undefined)
      return {
        recipe,
        artifact: { name: basename(path), sha256: sum, found },
        directory: output === undefined ? dirname(path) : context.path(output),
      };
  } finally {
    files.close();
  }
  throw new AssembleError(
    "sbom/no-recipe",
    `Cannot describe ${name}: there is no recipe in ., the one it was built from was wanted`,
    {
      hint: `tdx-assemble sbom ${name} RECIPE`,
    },
  );
}

/** A directory, or a file with the ending of a recipe. */
function isRecipe(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
