/**
 * The files of the host that a recipe names, with their hashes: for the SBOM and the provenance. Private keys are never among them.
 */
import { dirname, join, relative, sep } from "node:path";
import { byteStringToText, type FileContent } from "../bytes/content.js";
import { hashContent } from "../bytes/hash-content.js";
import { compareText } from "../bytes/order.js";
import type { Recipe, RecipeFile } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readHostDirectory, readHostEntry } from "../io/host-directory.js";
import type { FileUse, InventoryFile } from "../report/sbom/inventory.js";
import { TEMPLATE_SUFFIX } from "../rootfs/overlay/templates.js";

/**
 * Hashes every file that the recipe names, in byte order of the names. What lies in `skeletonTrees` and `extraTrees`, a kernel's image and
 * a stub are contained in the image; recipes, templates and their data, scripts, keys of archives and modules to choose from are inputs.
 *
 * @throws AssembleError `sbom/file-missing`, `io/unsupported-file`
 */
export async function readRecipeFiles(recipe: Recipe): Promise<readonly InventoryFile[]> {
  const files = new Map<string, InventoryFile>();
  for (const [file, use] of namedFiles(recipe)) {
    for await (const { name, content } of contentsOf(file)) {
      const actual = name.endsWith(TEMPLATE_SUFFIX) ? "input" : use;
      if (files.get(name)?.use !== "contained") files.set(name, await hashed(name, actual, content));
    }
  }
  return [...files.values()].sort((a, b) => compareText(a.name, b.name));
}

function* namedFiles(recipe: Recipe): Generator<readonly [RecipeFile, FileUse]> {
  for (const file of layers(recipe)) yield [file, "input"];
  for (const { source } of [...recipe.skeletonTrees, ...recipe.extraTrees]) yield [source, "contained"];
  if (recipe.templates !== undefined) yield [recipe.templates.data, "input"];
  for (const list of Object.values(recipe.scripts)) for (const { file } of list) yield [file, "input"];
  const { source } = recipe.kernel;
  if (source.kind === "image") {
    yield [source.image, "contained"];
    if (source.modulesFrom !== undefined) yield [source.modulesFrom, "input"];
  } else if (source.kind === "build")
    for (const file of [source.config, ...source.fragments, ...source.patches]) yield [file, "input"];
  if ("file" in recipe.stub) yield [recipe.stub.file, "contained"];
  const keys = [recipe.archive.signedBy, ...recipe.archive.extra.map(({ signedBy }) => signedBy)];
  const certificates = [recipe.secureBoot?.certificate, recipe.pcrSigning?.certificate];
  for (const file of [...keys, ...certificates]) if (file !== undefined) yield [file, "input"];
}

/** The recipe's own file, and those included that state something of it. */
function layers({ provenance }: Recipe): RecipeFile[] {
  const { file, directory, origins } = provenance;
  if (file === undefined) return [];
  const stated = new Set([file, ...Object.values(origins).map((origin) => origin.file)]);
  return [...stated].map((one) => {
    const name = relative(dirname(file), one).split(sep).join("/");
    return { name, path: join(directory, name) };
  });
}

async function* contentsOf({ name, path }: RecipeFile): AsyncGenerator<{ name: string; content: FileContent }> {
  try {
    const own = await readHostEntry(path, "");
    if (own.content !== undefined) yield { name, content: own.content };
    if (own.type !== "directory") return;
    for (const entry of await readHostDirectory(path))
      if (entry.content !== undefined)
        yield { name: `${name}/${byteStringToText(entry.path)}`, content: entry.content };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new AssembleError(
      "sbom/file-missing",
      `Cannot describe ${name}: there is no such file or directory, one that the recipe names was wanted`,
      { cause },
    );
  }
}

async function hashed(name: string, use: FileUse, content: FileContent): Promise<InventoryFile> {
  return { name, use, bytes: content.size, sha256: await hashContent(content) };
}
