/**
 * The recipe's trees (`skeletonTrees`, `extraTrees`): directories, files and tar archives of the host, templates rendered.
 */
import { createHash } from "node:crypto";
import { contentOfText, utf8ToByteString } from "../bytes/content.js";
import type { Recipe, RecipeTree } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { type HostEntry, readHostDirectory, readHostEntry } from "../io/host-directory.js";
import { readHostFile } from "../io/host-file.js";
import { resolveOwner } from "../rootfs/overlay/permissions.js";
import { renderTemplate, TEMPLATE_SUFFIX } from "../rootfs/overlay/templates.js";
import { importHostEntries, importTarEntries, type TarImportEntry } from "../rootfs/tree/import-entries.js";
import type { Tree } from "../rootfs/tree/tree.js";

/** One tree as it was read: what it holds, and a hash of all of it. */
export interface ReadTree {
  readonly tree: RecipeTree;
  readonly entries:
    | { readonly kind: "host"; readonly list: readonly HostEntry[] }
    | { readonly kind: "tar"; readonly list: readonly TarImportEntry[] };
  /** Lower-case hex sha256 of names, types, modes and contents. */
  readonly digest: string;
}

/**
 * Reads trees. Values that templates render to enter the digest; secret values of the recipe's environment never leave the process.
 *
 * @throws AssembleError `rootfs/tree-missing`, `template/…`, `io/unsupported-file`
 */
export async function readTrees(trees: readonly RecipeTree[], data: unknown): Promise<ReadTree[]> {
  const read: ReadTree[] = [];
  for (const tree of trees) read.push(await readTree(tree, data));
  return read;
}

/** The data of templates: the file that `templates.data` names with the recipe's environment beside it; undefined without one. */
export async function readTemplateData(recipe: Recipe): Promise<unknown> {
  if (recipe.templates === undefined) return undefined;
  const { name, path } = recipe.templates.data;
  try {
    return JSON.parse(Buffer.from(await readHostFile(path)).toString("utf8"));
  } catch (cause) {
    throw new AssembleError(
      "template/data-invalid",
      `Cannot read the template data ${name}: ${(cause as Error).message}, JSON was wanted`,
      { cause },
    );
  }
}

/** Lays read trees over a tree. Owners by name are looked up in the tree as it is now. */
export function applyTrees(tree: Tree, trees: readonly ReadTree[]): void {
  for (const { tree: stated, entries } of trees) {
    const options = {
      source: stated.source.name,
      target: utf8ToByteString(stated.target),
      mode: stated.mode,
      uid: stated.owner === undefined ? undefined : resolveOwner(tree, "passwd", stated.owner),
      gid: stated.group === undefined ? undefined : resolveOwner(tree, "group", stated.group),
    };
    if (entries.kind === "host") importHostEntries(tree, entries.list, options);
    else importTarEntries(tree, entries.list, options);
  }
}

async function readTree(tree: RecipeTree, data: unknown): Promise<ReadTree> {
  const { name, path } = tree.source;
  try {
    if (/\.tar(\.(gz|xz|zst))?$|\.tgz$/.test(name)) return await (await import("./read-tar-tree.js")).readTarTree(tree);
    const own = await readHostEntry(path, "");
    const list =
      own.type === "directory"
        ? await readHostDirectory(path)
        : [{ ...own, path: name.slice(name.lastIndexOf("/") + 1) }];
    const rendered = list.map((entry) => renderEntry(entry, data, `${name}/${entry.path}`));
    return { tree, entries: { kind: "host", list: rendered }, digest: digestOf(tree, rendered) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new AssembleError(
      "rootfs/tree-missing",
      `Cannot lay ${name} over the tree: there is no such file or directory`,
      { cause },
    );
  }
}

function renderEntry(entry: HostEntry, data: unknown, shown: string): HostEntry {
  if (entry.type !== "file" || !entry.path.endsWith(TEMPLATE_SUFFIX)) return entry;
  if (data === undefined)
    throw new AssembleError(
      "template/data-missing",
      `Cannot render ${shown}: the recipe names no templates.data, a file was wanted`,
    );
  const text = Buffer.from(entry.content!.read()).toString("utf8");
  const content = contentOfText(renderTemplate(text, data, shown));
  return { ...entry, path: entry.path.slice(0, -TEMPLATE_SUFFIX.length), content };
}

function digestOf(tree: RecipeTree, entries: readonly HostEntry[]): string {
  const { target, mode, owner, group } = tree;
  const hash = createHash("sha256").update(JSON.stringify([target, mode, owner, group]));
  for (const entry of entries) {
    const content = entry.content;
    const digest =
      content?.digest ?? (content === undefined ? "" : createHash("sha256").update(content.read()).digest("hex"));
    hash.update(JSON.stringify([entry.path, entry.type, entry.executable, entry.target ?? "", digest]));
  }
  return hash.digest("hex");
}
