/**
 * A disk as text.
 */

import type { DiskInspection, FileSystemSummary } from "./inspection.js";
import { number, printable, row, treeText } from "./render-text.js";

/** The lines that only disks have. */
export function diskLines({ container, diskBytes, gpt, fileSystem }: DiskInspection): string[] {
  const lines: string[] = [];
  if (container !== "raw") lines.push(row("container", container), row("disk", `${number(diskBytes)} bytes`));
  if (fileSystem !== undefined) lines.push(...fileSystemLines(fileSystem));
  if (gpt === undefined) return lines;
  lines.push(row("GPT", gpt.uuid), row("usable", `sectors ${gpt.firstUsableLba} to ${gpt.lastUsableLba}`));
  for (const problem of gpt.problems) lines.push(row("problem", problem));
  for (const { number: place, type, uuid, label, startLba, bytes, attributes, fileSystem: inside } of gpt.partitions) {
    lines.push("", `partition ${place}: ${type}${label === "" || label === type ? "" : `, "${printable(label)}"`}`);
    lines.push(row("uuid", uuid), row("place", `sector ${startLba}, ${number(bytes)} bytes`));
    if (attributes !== "0x0") lines.push(row("attributes", attributes));
    if (inside !== undefined) lines.push(...fileSystemLines(inside));
  }
  return lines;
}

function fileSystemLines(summary: FileSystemSummary): string[] {
  if ("problem" in summary) return [row("file system", `damaged: ${printable(summary.problem)}`)];
  const { format, id, label, tree } = summary;
  return [
    row("file system", `${format}, id ${id}${label === undefined ? "" : `, label ${printable(label)}`}`),
    row("contents", treeText(tree)),
  ];
}
