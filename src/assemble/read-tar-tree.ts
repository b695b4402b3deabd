/**
 * A tree of the recipe that is a tar archive, plain or compressed.
 */
import { createHash } from "node:crypto";
import { contentOfBytes } from "../bytes/content.js";
import { compressionOfName, decompressWhole } from "../codec/decompress.js";
import { randomAccessOf } from "../codec/random-access.js";
import { readTar } from "../codec/tar/read-tar.js";
import type { RecipeTree } from "../config/recipe.js";
import { readHostFile } from "../io/host-file.js";
import type { ReadTree } from "./read-trees.js";

const MAX_TAR_BYTES = 4 * 2 ** 30;

/** Reads the archive, whose entries keep modes, owners and times. @throws AssembleError `codec/…`, `tar/…` */
export async function readTarTree(tree: RecipeTree): Promise<ReadTree> {
  const { name, path } = tree.source;
  const file = await readHostFile(path);
  const compression = name.endsWith(".tgz") ? "gzip" : (compressionOfName(name) ?? "none");
  const bytes = await decompressWhole(compression, [file], MAX_TAR_BYTES);
  const list = [...readTar(randomAccessOf(bytes))].map(({ offset, size, ...entry }) => ({
    ...entry,
    ...(entry.type === "file" ? { content: contentOfBytes(bytes.subarray(offset, offset + size)) } : {}),
  }));
  return {
    tree,
    entries: { kind: "tar", list },
    digest: createHash("sha256").update(JSON.stringify(tree.target)).update(bytes).digest("hex"),
  };
}
