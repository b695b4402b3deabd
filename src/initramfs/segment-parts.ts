/**
 * A segment as bytes: newc headers, file contents and padding, in order, and the trailer.
 */
import { createHash } from "node:crypto";
import { type Content, type FileContent, fromByteString } from "../bytes/content.js";
import { modeTypes } from "../bytes/mode-types.js";
import { align4, encodeNewcHeader, encodeNewcTrailer } from "../codec/newc.js";
import type { Segment, SegmentMember } from "./plan-segments.js";

/** A piece of a segment. */
export type SegmentPiece = Uint8Array | FileContent;

/** The pieces of a segment; together they are a whole cpio archive. */
export function segmentPieces(segment: Segment): SegmentPiece[] {
  const pieces: SegmentPiece[] = [];
  const lastOfGroup = new Map<number, SegmentMember>();
  for (const member of segment.members) lastOfGroup.set(member.ino, member);
  for (const member of segment.members) {
    const { node } = member;
    // The kernel links later names to the first and takes the bytes with the name that has them; GNU cpio stores them with the last.
    const data = lastOfGroup.get(member.ino) === member ? dataOf(member) : undefined;
    const size = data === undefined ? 0 : data instanceof Uint8Array ? data.length : data.size;
    const device = node.type === "char" || node.type === "block" ? node : undefined;
    pieces.push(
      encodeNewcHeader({
        name: member.path,
        ino: member.ino,
        mode: modeTypes[node.type] | node.mode,
        uid: node.uid,
        gid: node.gid,
        nlink: node.type === "directory" ? 2 : node.links,
        mtime: Math.max(0, node.mtime),
        size,
        rdevMajor: device?.major ?? 0,
        rdevMinor: device?.minor ?? 0,
      }),
    );
    if (data === undefined || size === 0) continue;
    pieces.push(data);
    if (align4(size) > size) pieces.push(new Uint8Array(align4(size) - size));
  }
  pieces.push(encodeNewcTrailer());
  return mergeSmall(pieces);
}

function dataOf(member: SegmentMember): SegmentPiece | undefined {
  const { node } = member;
  if (node.type === "file") return node.content;
  return node.type === "symlink" ? fromByteString(node.target) : undefined;
}

/** Joins neighbours that are in memory: a worker gets dozens of parts instead of thousands. */
function mergeSmall(pieces: readonly SegmentPiece[]): SegmentPiece[] {
  const merged: SegmentPiece[] = [];
  let open: Uint8Array[] = [];
  const close = (): void => {
    if (open.length > 0) merged.push(open.length === 1 ? open[0]! : new Uint8Array(Buffer.concat(open)));
    open = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) open.push(piece);
    else if (piece.location === undefined) open.push(piece.read());
    else {
      close();
      merged.push(piece);
    }
  }
  close();
  return merged;
}

/** Size of a segment in bytes. */
export function piecesSize(pieces: readonly SegmentPiece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.size), 0);
}

/** A hash of everything that decides the bytes of a segment. Contents with a known sha256 are not read. */
export function piecesKey(pieces: readonly SegmentPiece[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) hash.update(`b${piece.length}:`).update(piece);
    else {
      const digest = piece.digest ?? createHash("sha256").update(piece.read()).digest("hex");
      hash.update(`f${piece.size}:${digest}`);
    }
  }
  return hash.digest("hex");
}

/** The segment's bytes as a content. */
export function piecesContent(pieces: readonly SegmentPiece[]): Content {
  return {
    size: piecesSize(pieces),
    async *chunks() {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) yield piece;
        else yield* piece.chunks();
      }
    },
  };
}
