/**
 * `sbom ARTIFACT|recipe`: what an image is made of, as SPDX and CycloneDX. An artifact is described by the manifest beside it with the recipe
 * in `.` (or the one that is named); a recipe alone by its lock.
 */
import { statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { openSession } from "../../assemble/session.js";
import { takeInventory } from "../../assemble/take-inventory.js";
import { currentEntry } from "../../config/lock-entry.js";
import type { Recipe } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { writeFileAtomically } from "../../io/atomic-file.js";
import { OpenFiles } from "../../io/open-files.js";
import type { Manifest } from "../../report/manifest.js";
import type { Inventory } from "../../report/sbom/inventory.js";
import { writeCyclonedx } from "../../report/sbom/write-cyclonedx.js";
import { writeSpdx } from "../../report/sbom/write-spdx.js";
import { manifestOf, unsignedOf } from "../beside.js";
import { type CommandContext, libraryOptions } from "../common-options.js";
import { loadCommandRecipe, readLock, recipeOfManifest } from "../load.js";
import { openNamed } from "../named-file.js";
import { type SbomFlags, type SbomFormat, sbomFormatNames, sbomFormats } from "../options/sbom.js";
import { showProgress } from "../progress.js";

const writers: Readonly<Record<SbomFormat, (inventory: Inventory) => string>> = {
  spdx: writeSpdx,
  cyclonedx: writeCyclonedx,
};

/** Writes or prints the documents. */
export async function sbom(context: CommandContext, names: readonly string[], own: SbomFlags): Promise<number> {
  const { terminal } = context;
  const progress = showProgress(terminal, context.now);
  const { recipe, manifest, directory } = await subjectOf(context, names);
  const entry = currentEntry(readLock(recipe), recipe);
  if (manifest !== undefined && manifest.lockDigest !== entry.digest)
    throw new AssembleError(
      "sbom/other-lock",
      `Cannot describe ${names[0]}: it was built from a lock with the digest ${manifest.lockDigest}, that of the recipe has ${entry.digest}`,
      { hint: "name the recipe that it was built from" },
    );
  const session = openSession({ ...libraryOptions(context), onEvent: progress.onEvent });
  try {
    const inventory = await takeInventory(session, { recipe, entry, manifest });
    progress.finish();
    if (own.print !== undefined) {
      terminal.out(writers[own.print](inventory).trimEnd());
      return 0;
    }
    const files: string[] = [];
    for (const format of new Set(own.format ?? sbomFormatNames)) {
      const path = join(directory, `${recipe.outputName}${sbomFormats[format]}`);
      await writeFileAtomically(path, [new TextEncoder().encode(writers[format](inventory))]);
      files.push(relative(process.cwd(), path) || path);
    }
    if (terminal.json) terminal.result({ type: "result", files, packages: inventory.packages.length });
    else for (const file of files) terminal.out(file);
    return 0;
  } finally {
    await session.close();
  }
}

interface Subject {
  readonly recipe: Recipe;
  /** Of the artifact; absent where a recipe alone is described. */
  readonly manifest: Manifest | undefined;
  /** Where the documents go. */
  readonly directory: string;
}

async function subjectOf(context: CommandContext, [name, recipeName]: readonly string[]): Promise<Subject> {
  const output = context.options.output;
  if (name === undefined || isRecipe(context.path(name)))
    return {
      recipe: await loadCommandRecipe(context, name),
      manifest: undefined,
      directory: context.path(output ?? "build"),
    };
  const files = new OpenFiles();
  try {
    const { path, content } = openNamed(context, name, { files, code: "sbom/file-missing" });
    const found = manifestOf(path);
    const sums = [files.sha256(path, { offset: 0, size: content.size }), (await unsignedOf(content))?.sha256];
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
        manifest: found.manifest,
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
