/**
 * The Authenticode digest of a PE file: what Secure Boot signs, and what firmware extends into PCR 4 and RTMR1.
 *
 * "Windows Authenticode Portable Executable Signature Format", "Calculating the PE Image Hash": the headers without the
 * checksum and without the certificate table's directory entry, the sections in the order of their raw data, then what
 * follows them up to the certificates. Like edk2, the file is not padded to 8 bytes.
 *
 * Checked by: the digest inside the signatures of Debian's kernels, sbverify.
 */

import { createHash } from "node:crypto";
import type { Content } from "../../bytes/content.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { DataDirectory, DIRECTORY_CERTIFICATES, OptionalHeader } from "./headers.js";
import { certificateTable, type PeImage, readPe } from "./read-pe.js";

/** A range of the file: from `start` up to, not including, `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The Authenticode digests of a PE file in lower-case hex, in the order of `algorithms`; the file is read once.
 *
 * @throws AssembleError `uki/pe-invalid`
 */
export async function authenticodeDigests(
  content: Content,
  algorithms: readonly ("sha256" | "sha384")[],
): Promise<string[]> {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  for (const { start, end } of hashedRanges(await readPe(content)))
    for await (const chunk of sliceContent(content, start, end - start).chunks())
      for (const hash of hashes) hash.update(chunk);
  return hashes.map((hash) => hash.digest("hex"));
}

/**
 * The Authenticode digest of a PE file, in lower-case hex.
 *
 * @throws AssembleError `uki/pe-invalid`
 */
export async function authenticodeDigest(content: Content, algorithm: "sha256" | "sha384" = "sha256"): Promise<string> {
  const [digest] = await authenticodeDigests(content, [algorithm]);
  return digest!;
}

function hashedRanges(image: PeImage): Range[] {
  const checkSum = image.optionalOffset + OptionalHeader.offsetOf("checkSum");
  const { sizeOfHeaders } = image.optional;
  const ranges: Range[] = [{ start: 0, end: checkSum }];
  if (image.dataDirectories.length > DIRECTORY_CERTIFICATES) {
    const entry = image.optionalOffset + OptionalHeader.size + DIRECTORY_CERTIFICATES * DataDirectory.size;
    ranges.push({ start: checkSum + 4, end: entry }, { start: entry + DataDirectory.size, end: sizeOfHeaders });
  } else {
    ranges.push({ start: checkSum + 4, end: sizeOfHeaders });
  }
  const sections = image.sections
    .filter((section) => section.sizeOfRawData > 0)
    .sort((a, b) => a.pointerToRawData - b.pointerToRawData);
  // The format counts hashed bytes, not offsets: with a gap between sections the tail starts before the last one ends.
  let hashed = sizeOfHeaders;
  for (const { pointerToRawData: start, sizeOfRawData } of sections) {
    ranges.push({ start, end: start + sizeOfRawData });
    hashed += sizeOfRawData;
  }
  const tailEnd = image.fileSize - (certificateTable(image)?.size ?? 0);
  if (hashed > image.fileSize)
    throw new AssembleError(
      "uki/pe-invalid",
      `Cannot compute the Authenticode digest: its sections overlap (${hashed} bytes to hash), at most the file's ${image.fileSize} were wanted`,
    );
  if (hashed < tailEnd) ranges.push({ start: hashed, end: tailEnd });
  return mergeAdjacent(ranges);
}

/** Joins ranges that follow one another, so that a content that can only be streamed is not read once per section. */
function mergeAdjacent(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && last.end === range.start) merged[merged.length - 1] = { ...last, end: range.end };
    else merged.push(range);
  }
  return merged;
}
