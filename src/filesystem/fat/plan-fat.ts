/**
 * Plans a FAT file system: which names, which clusters. Every file and directory is one run of clusters, in the order of a
 * walk that visits names by their bytes, so that the order of the input does not matter.
 */

import type { Content } from "../../bytes/content.js";
import { compareText } from "../../bytes/order.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { SECTOR } from "./boot-sector.js";
import { UNITS_PER_ENTRY } from "./directory-entry.js";
import { DIRECTORY_ENTRY_BYTES, type FatGeometry } from "./geometry.js";
import { checkLongName, isShortName, shortNameFor } from "./short-name.js";

/** A file or directory to put into a FAT file system. */
export interface FatEntry {
  /** Unicode, names separated by `/`. Directories on the way are made. */
  readonly path: string;
  /** Absent for a directory. */
  readonly content?: Content | undefined;
  /** Default: the file system's. */
  readonly mtimeSeconds?: number | undefined;
}

/** A planned file or directory. */
export interface FatNode {
  readonly name: string;
  /** The 11 bytes of the short name. */
  readonly shortName: string;
  readonly mtimeSeconds: number;
  readonly content: Content | undefined;
  /** Of a directory, by the bytes of their names. */
  readonly children: readonly FatNode[];
  /** 0 where there are none. */
  readonly firstCluster: number;
  readonly clusters: number;
}

/** A planned file system. */
export interface FatPlan {
  readonly geometry: FatGeometry;
  readonly root: FatNode;
  /** All nodes that have clusters, in the order of their clusters. */
  readonly nodes: readonly FatNode[];
  readonly usedClusters: number;
}

interface Draft {
  readonly name: string;
  readonly path: string;
  mtimeSeconds: number | undefined;
  content: Content | undefined;
  /** By upper-case name; undefined for files. */
  readonly children: Map<string, Draft> | undefined;
}

export const FIRST_CLUSTER = 2;
const FILE_BYTES_MAX = 0xffffffff;
const DIRECTORY_ENTRIES_MAX = 65_536;

/**
 * Plans a file system for these entries.
 *
 * @throws AssembleError `fat/name-invalid`, `fat/name-clash`, `fat/file-too-large`, `fat/directory-full`, `fat/too-small`
 */
export function planFat(
  entries: readonly FatEntry[],
  options: { readonly geometry: FatGeometry; readonly label: boolean; readonly mtimeSeconds: number },
): FatPlan {
  const { geometry } = options;
  const nodes: FatNode[] = [];
  const clusterBytes = geometry.sectorsPerCluster * SECTOR;
  let next = FIRST_CLUSTER;
  const place = (draft: Draft, shortName: string, isRoot: boolean): FatNode => {
    const drafts = [...(draft.children?.values() ?? [])].sort((a, b) => compareText(a.name, b.name));
    const bytes = draft.children === undefined ? draft.content!.size : directoryBytes(drafts, draft, isRoot, options);
    const clusters = isRoot && geometry.type === 16 ? 0 : Math.ceil(bytes / clusterBytes);
    const firstCluster = clusters === 0 ? 0 : next;
    next += clusters;
    const children: FatNode[] = [];
    const node: FatNode = {
      ...{ name: draft.name, shortName, content: draft.content, children, firstCluster, clusters },
      mtimeSeconds: draft.mtimeSeconds ?? options.mtimeSeconds,
    };
    if (clusters > 0) nodes.push(node);
    // Upper-case names keep theirs; the others get what is left.
    const taken = new Set<string>();
    const names = new Map<Draft, string>();
    for (const plain of [true, false])
      for (const child of drafts)
        if (isShortName(child.name) === plain) names.set(child, shortNameFor(child.name, taken));
    for (const child of drafts) children.push(place(child, names.get(child)!, false));
    return node;
  };
  const root = place(draftTree(entries), "", true);
  const usedClusters = next - FIRST_CLUSTER;
  if (usedClusters > geometry.clusters)
    throw new AssembleError(
      "fat/too-small",
      `Cannot make a FAT file system of ${geometry.totalSectors * SECTOR} bytes: its files need ${usedClusters * clusterBytes} bytes, at most ${geometry.clusters * clusterBytes} were wanted`,
    );
  return { geometry, root, nodes, usedClusters };
}

function draftTree(entries: readonly FatEntry[]): Draft {
  const directory = (name: string, path: string): Draft & { readonly children: Map<string, Draft> } => ({
    ...{ name, path, mtimeSeconds: undefined, content: undefined, children: new Map() },
  });
  const root = directory("", "/");
  for (const { path, content, mtimeSeconds } of entries) {
    const names = path.split("/").filter((name) => name !== "");
    let at: Draft = root;
    for (const [i, name] of names.entries()) {
      checkLongName(name, path);
      const isFile = i === names.length - 1 && content !== undefined;
      const key = name.toUpperCase();
      const known = at.children!.get(key);
      if (known !== undefined) {
        // A directory may be named again; anything else would be a second file of one name.
        if (known.name !== name || isFile || known.children === undefined) throw nameClash(path, known.path);
        at = known;
        continue;
      }
      const where = `${names.slice(0, i + 1).join("/")}`;
      const made: Draft = isFile
        ? { name, path: where, mtimeSeconds: undefined, content, children: undefined }
        : directory(name, where);
      at.children!.set(key, made);
      at = made;
    }
    if (mtimeSeconds !== undefined) at.mtimeSeconds = mtimeSeconds;
    if (content !== undefined && content.size > FILE_BYTES_MAX)
      throw new AssembleError(
        "fat/file-too-large",
        `Cannot put ${path} into a FAT file system: it has ${content.size} bytes, less than 4 GiB were wanted`,
      );
  }
  return root;
}

function nameClash(path: string, other: string): AssembleError {
  return new AssembleError(
    "fat/name-clash",
    `Cannot put ${path} into a FAT file system: ${other} is there already, names that differ in more than case were wanted`,
  );
}

/** How many entries of 32 bytes a name takes. */
export function entriesOfName(name: string): number {
  return isShortName(name) ? 1 : 1 + Math.ceil(name.length / UNITS_PER_ENTRY);
}

function directoryBytes(
  children: readonly Draft[],
  draft: Draft,
  isRoot: boolean,
  options: { readonly geometry: FatGeometry; readonly label: boolean },
): number {
  // `.` and `..`, or the label; FAT32's root has at least one cluster.
  const own = isRoot ? (options.label ? 1 : 0) : 2;
  const count = children.reduce((sum, { name }) => sum + entriesOfName(name), own);
  const most = isRoot && options.geometry.type === 16 ? options.geometry.rootEntries : DIRECTORY_ENTRIES_MAX;
  if (count > most)
    throw new AssembleError(
      "fat/directory-full",
      `Cannot fill the directory ${draft.path} of a FAT file system: its names take ${count} entries, at most ${most} were wanted`,
    );
  return Math.max(count, 1) * DIRECTORY_ENTRY_BYTES;
}
