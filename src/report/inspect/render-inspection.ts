/**
 * `inspect` as text.
 */

import { byteStringToText } from "../../bytes/content.js";
import type { ArtifactEntry, EntryType } from "./artifact-entry.js";
import type { InitramfsSummary, Inspection, PeInspection } from "./inspection.js";
import { diskLines } from "./render-disk.js";
import { number, printable, row, treeText } from "./render-text.js";

/** What `inspect` prints without `--json`: lines without a trailing newline. */
export function renderInspection(inspection: Inspection): string {
  const lines = [row("size", `${number(inspection.size)} bytes`), row("sha256", inspection.sha256)];
  if (inspection.kind === "cpio") lines.unshift("cpio archive");
  if (inspection.kind === "cpio") lines.push(...initramfsLines(inspection));
  else if (inspection.kind === "ext4") {
    const { blockSize, blocksCount, features, label, tree, uuid } = inspection;
    lines.unshift("ext4 file system");
    lines.push(row("uuid", uuid), row("blocks", `${number(blocksCount)} of ${number(blockSize)} bytes`));
    if (label !== "") lines.push(row("label", printable(label)));
    lines.push(row("features", features.join(" ")), row("contents", treeText(tree)));
  } else if (inspection.kind === "erofs") {
    const { blocksCount, compression, inodes, label, timeSeconds, tree, uuid } = inspection;
    lines.unshift("EROFS image");
    lines.push(row("uuid", uuid), row("blocks", `${number(blocksCount)} of 4,096 bytes, compression ${compression}`));
    if (label !== "") lines.push(row("label", printable(label)));
    lines.push(row("inodes", `${number(inodes)}, time ${timeSeconds}`), row("contents", treeText(tree)));
  } else if (inspection.kind === "squashfs") {
    lines.unshift("squashfs image");
    const { compression, blockSize, inodes, fragments, mtimeSeconds, tree } = inspection;
    lines.push(row("compression", `${compression}, blocks of ${number(blockSize)} bytes`));
    lines.push(row("inodes", `${number(inodes)}, ${number(fragments)} fragments, time ${mtimeSeconds}`));
    lines.push(row("contents", treeText(tree)));
  } else if (inspection.kind === "deb") {
    lines.unshift(
      `Debian package ${inspection.control["Package"] ?? ""} ${inspection.control["Version"] ?? ""}`.trim(),
    );
    for (const { name, size } of inspection.members) lines.push(row("member", `${name}, ${number(size)} bytes`));
    lines.push(row("control files", inspection.controlFiles.join(" ")), row("contents", treeText(inspection.tree)), "");
    for (const [name, value] of Object.entries(inspection.control)) lines.push(`${name}: ${value}`);
  } else if (inspection.kind === "tar") {
    lines.unshift("tar archive");
    lines.push(row("contents", treeText(inspection.tree)));
  } else if (inspection.kind === "disk") {
    lines.unshift(inspection.gpt === undefined && inspection.fileSystem !== undefined ? "file system" : "disk");
    lines.push(...diskLines(inspection));
  } else lines.push(...peLines(inspection));
  if (inspection.kind === "uki") lines.unshift("unified kernel image");
  if (inspection.kind === "pe") lines.unshift(inspection.kernel === undefined ? "PE file" : "Linux kernel");
  return lines.join("\n");
}

/** One line of `inspect --ls`, in the form of `ls -l`. */
export function renderEntry(entry: ArtifactEntry): string {
  const what = entry.device === undefined ? String(entry.size) : entry.device.join(",");
  const to =
    entry.target !== undefined
      ? ` -> ${shown(entry.target)}`
      : entry.hardLinkTo !== undefined
        ? ` link to ${shown(entry.hardLinkTo)}`
        : "";
  const owner = `${entry.uid}/${entry.gid}`;
  return `${modeText(entry)} ${owner.padEnd(7)} ${what.padStart(10)} ${shown(entry.path) || "."}${to}`;
}

function peLines(inspection: PeInspection): string[] {
  const { kernel, osRelease, initrd } = inspection;
  const lines = [
    row("authenticode", `sha256 ${inspection.authenticode.sha256}`),
    row("", `sha384 ${inspection.authenticode.sha384}`),
    row("machine", `${inspection.machine}${inspection.nxCompat ? ", NX compatible" : ""}`),
    row("signed", inspection.signed ? "yes" : "no"),
  ];
  if (inspection.stub !== undefined) lines.push(row("stub", inspection.stub));
  if (kernel !== undefined) lines.push(row("kernel", kernel.version));
  if (inspection.uname !== undefined) lines.push(row("uname", inspection.uname));
  if (osRelease !== undefined) lines.push(row("os-release", osRelease["PRETTY_NAME"] ?? osRelease["ID"] ?? ""));
  if (inspection.commandLine !== undefined) lines.push(row("command line", printable(inspection.commandLine)));
  for (const [i, line] of (inspection.sbat ?? []).entries()) lines.push(row(i === 0 ? "sbat" : "", printable(line)));
  lines.push(
    "",
    `${"section".padEnd(10)} ${"size".padStart(12)} ${"file".padStart(10)} ${"memory".padStart(10)}  sha256`,
  );
  for (const { name, size, fileOffset, virtualAddress, sha256 } of inspection.sections)
    lines.push(`${name.padEnd(10)} ${number(size).padStart(12)} ${hex(fileOffset)} ${hex(virtualAddress)}  ${sha256}`);
  if (initrd !== undefined) lines.push("", "initrd", ...initramfsLines(initrd));
  return lines;
}

const SEGMENTS_SHOWN = 20;

function initramfsLines({ segments, tree }: InitramfsSummary): string[] {
  const lines = [row("contents", treeText(tree))];
  for (const { format, size, unpackedSize, entries } of segments.slice(0, SEGMENTS_SHOWN)) {
    const stored = format === "newc" ? "plain" : `${format}, ${number(size)} bytes stored`;
    lines.push(row("segment", `${number(entries)} entries, ${number(unpackedSize)} bytes, ${stored}`));
  }
  if (segments.length > SEGMENTS_SHOWN) lines.push(row("", `and ${segments.length - SEGMENTS_SHOWN} more segments`));
  return lines;
}

const TYPE_LETTERS: Readonly<Record<EntryType, string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  char: "c",
  block: "b",
  fifo: "p",
  socket: "s",
};

function modeText({ type, mode }: ArtifactEntry): string {
  const letters = [..."rwxrwxrwx"].map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : "-"));
  const special = (bit: number, at: number, letter: string) => {
    if (mode & bit) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, "s");
  special(0o2000, 5, "s");
  special(0o1000, 8, "t");
  return TYPE_LETTERS[type] + letters.join("");
}

function hex(value: number): string {
  return `0x${value.toString(16)}`.padStart(10);
}

function shown(path: string): string {
  return printable(byteStringToText(path));
}
