/**
 * The entries of a directory: label or `.` and `..`, then each name, long ones before their short one.
 */

import { type Content, fromByteString } from "../../bytes/content.js";
import {
  Attribute,
  DirectoryEntry,
  fatTime,
  LongNameEntry,
  longNameEntries,
  shortNameChecksum,
} from "./directory-entry.js";
import { DIRECTORY_ENTRY_BYTES } from "./geometry.js";
import { entriesOfName, type FatNode } from "./plan-fat.js";
import { isShortName } from "./short-name.js";

/** What a directory says of itself. */
export interface DirectoryContext {
  /** First cluster of the parent, 0 for the root; absent for the root itself. */
  readonly parent: number | undefined;
  readonly label: string | undefined;
  readonly mtimeSeconds: number;
}

/** The used part of a directory. */
export function directoryContent(node: FatNode, context: DirectoryContext): Content {
  const own = context.parent !== undefined ? 2 : context.label !== undefined ? 1 : 0;
  const count = node.children.reduce((sum, { name }) => sum + entriesOfName(name), own);
  return {
    size: count * DIRECTORY_ENTRY_BYTES,
    async *chunks() {
      yield encodeDirectory(node, { ...context, count });
    },
  };
}

interface Short {
  readonly name: string;
  readonly attributes: number;
  readonly firstCluster: number;
  readonly size: number;
  readonly mtimeSeconds: number;
}

function encodeDirectory(node: FatNode, context: DirectoryContext & { readonly count: number }): Uint8Array {
  const bytes = new Uint8Array(context.count * DIRECTORY_ENTRY_BYTES);
  let at = 0;
  const put = (short: Short): void => {
    const { date, time, tenths } = fatTime(short.mtimeSeconds);
    const isLabel = short.attributes === Attribute.label;
    DirectoryEntry.encodeInto(bytes, at, {
      name: fromByteString(short.name),
      attributes: short.attributes,
      caseFlags: 0,
      createdTenths: isLabel ? 0 : tenths,
      createdTime: time,
      createdDate: date,
      accessedDate: date,
      clusterHigh: short.firstCluster >>> 16,
      modifiedTime: time,
      modifiedDate: date,
      clusterLow: short.firstCluster & 0xffff,
      size: short.size,
    });
    at += DIRECTORY_ENTRY_BYTES;
  };
  const { mtimeSeconds } = node;
  if (context.parent !== undefined) {
    const dot = { attributes: Attribute.directory, size: 0, mtimeSeconds };
    put({ ...dot, name: ".".padEnd(11), firstCluster: node.firstCluster });
    put({ ...dot, name: "..".padEnd(11), firstCluster: context.parent });
  } else if (context.label !== undefined)
    put({
      ...{ name: context.label, attributes: Attribute.label, firstCluster: 0, size: 0 },
      mtimeSeconds: context.mtimeSeconds,
    });
  for (const child of node.children) {
    if (!isShortName(child.name)) {
      for (const entry of longNameEntries(child.name, shortNameChecksum(fromByteString(child.shortName)))) {
        LongNameEntry.encodeInto(bytes, at, entry);
        at += DIRECTORY_ENTRY_BYTES;
      }
    }
    put({
      name: child.shortName,
      attributes: child.content === undefined ? Attribute.directory : Attribute.archive,
      firstCluster: child.firstCluster,
      size: child.content?.size ?? 0,
      mtimeSeconds: child.mtimeSeconds,
    });
  }
  return bytes;
}
