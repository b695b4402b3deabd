/**
 * `inspect`: reads an artifact once through and says what is inside.
 */

import { parseParagraph } from "../../apt/deb822.js";
import { byteStringToText, type Content, type FileContent, readContent } from "../../bytes/content.js";
import { hashContent } from "../../bytes/hash-content.js";
import { sliceFile } from "../../bytes/slice-file.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { readErofs } from "../../filesystem/erofs/read-erofs.js";
import { readExt4 } from "../../filesystem/ext4/read-ext4.js";
import { diskContainerOf } from "../../gpt/open-disk.js";
import { readBzImage } from "../../uki/bzimage.js";
import { authenticodeDigests } from "../../uki/pe/authenticode-digest.js";
import { DLL_NX_COMPAT, MACHINE_AMD64 } from "../../uki/pe/headers.js";
import { certificateTable, findSection, type PeImage, readPe, sectionContent } from "../../uki/pe/read-pe.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { inspectDisk } from "./inspect-disk.js";
import type { Inspection, InspectionBase, PeInspection } from "./inspection.js";
import { artifactEntries, artifactKindOf } from "./open-artifact.js";
import { summarize } from "./summarize.js";
import { CONTROL_PREFIX, debMembers, walkDeb } from "./walk-deb.js";
import { type Segment, walkInitramfs } from "./walk-initramfs.js";
import { squashfsFacts } from "./walk-squashfs.js";
import { walkTree } from "./walk-tree.js";

/**
 * Says what is inside an artifact.
 *
 * @throws AssembleError `inspect/format-unknown`, and those of the formats
 */
export async function inspectArtifact(content: FileContent): Promise<Inspection> {
  const kind = artifactKindOf(content);
  const base = { size: content.size, sha256: await hashContent(content) };
  if (kind === "pe") return inspectPe(content, base);
  if (kind === "deb") return inspectDeb(content, base);
  if (kind === "disk") return inspectDisk(content, { base, container: diskContainerOf(content)! });
  if (kind === "ext4") {
    const { tree, ...facts } = readExt4(content);
    return { kind, ...base, ...facts, tree: await summarize(walkTree(tree)) };
  }
  if (kind === "erofs") {
    const { tree, ...facts } = readErofs(content);
    return { kind, ...base, ...facts, tree: await summarize(walkTree(tree)) };
  }
  if (kind === "squashfs")
    return { kind, ...base, ...squashfsFacts(content), tree: await summarize(artifactEntries(content)) };
  if (kind === "tar") return { kind, ...base, tree: await summarize(artifactEntries(content)) };
  const segments: Segment[] = [];
  const tree = await summarize(artifactEntries(content, segments));
  return { kind: "cpio", ...base, segments, tree };
}

async function inspectPe(content: FileContent, base: InspectionBase): Promise<PeInspection> {
  const image = await readPe(content);
  const [digest256, digest384] = await authenticodeDigests(content, ["sha256", "sha384"]);
  const sections = [];
  for (const section of image.sections) {
    const body = sectionContent(content, section);
    const { name, virtualAddress, pointerToRawData: fileOffset } = section;
    sections.push({ name, virtualAddress, size: body.size, fileOffset, sha256: await hashContent(body) });
  }
  const linux = findSection(image, ".linux");
  const kernel = await kernelOf(linux === undefined ? content : sectionContent(content, linux));
  const [stub, uname, commandLine, osRelease, sbat] = await Promise.all(
    [".sdmagic", ".uname", ".cmdline", ".osrel", ".sbat"].map((name) => sectionText(content, image, name)),
  );
  const initrd = findSection(image, ".initrd");
  const segments: Segment[] = [];
  const walk = (offset: number, size: number) => walkInitramfs(sliceFile(content, offset, size), segments);
  return {
    kind: linux === undefined ? "pe" : "uki",
    ...base,
    machine: image.coff.machine === MACHINE_AMD64 ? "amd64" : `0x${image.coff.machine.toString(16)}`,
    authenticode: { sha256: digest256!, sha384: digest384! },
    signed: certificateTable(image) !== undefined,
    nxCompat: (image.optional.dllCharacteristics & DLL_NX_COMPAT) !== 0,
    sections,
    ...(stub === undefined ? {} : { stub: stub.replace(/^#### LoaderInfo: | ####$/g, "") }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(uname === undefined ? {} : { uname }),
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(osRelease === undefined ? {} : { osRelease: parseOsRelease(osRelease) }),
    ...(sbat === undefined ? {} : { sbat: sbat.split("\n").filter((line) => line !== "") }),
    ...(initrd === undefined
      ? {}
      : { initrd: { tree: await summarize(walk(initrd.pointerToRawData, initrd.virtualSize)), segments } }),
  };
}

async function inspectDeb(content: FileContent, base: InspectionBase): Promise<Inspection> {
  const controlFiles: string[] = [];
  let control: Record<string, string> = {};
  const files = async function* () {
    for await (const entry of walkDeb(content)) {
      if (!entry.path.startsWith(CONTROL_PREFIX)) {
        yield entry;
        continue;
      }
      const name = entry.path.slice(CONTROL_PREFIX.length);
      controlFiles.push(byteStringToText(name));
      if (name === "control") control = await controlFields(entry);
    }
  };
  const tree = await summarize(files());
  const members = debMembers(content).map(({ name, size }) => ({ name, size }));
  return { kind: "deb", ...base, members, control, controlFiles, tree };
}

async function controlFields(entry: ArtifactEntry): Promise<Record<string, string>> {
  const text = Buffer.from(await readContent(entry)).toString("latin1");
  const fields = parseParagraph(text, "control").entries();
  return Object.fromEntries(fields.map(([name, value]) => [name, byteStringToText(value)]));
}

async function kernelOf(content: Content): Promise<PeInspection["kernel"] | undefined> {
  try {
    const { release, version } = await readBzImage(content);
    return { release, version };
  } catch (error) {
    if (error instanceof AssembleError && error.code === "uki/kernel-invalid") return undefined;
    throw error;
  }
}

/** Text sections of real UKIs have a few KiB. */
const TEXT_BYTES_MAX = 1 << 20;

async function sectionText(content: FileContent, image: PeImage, name: string): Promise<string | undefined> {
  const section = findSection(image, name);
  if (section === undefined) return undefined;
  const bytes = sliceFile(content, section.pointerToRawData, Math.min(section.virtualSize, TEXT_BYTES_MAX)).read();
  return new TextDecoder().decode(bytes).replace(/\0+$/, "");
}

/** os-release(5): shell assignments without expansions. */
function parseOsRelease(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const found = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
    if (found === null) continue;
    const value = found[2]!;
    const quoted = /^"(.*)"$|^'(.*)'$/.exec(value);
    fields[found[1]!] = quoted === null ? value : (quoted[2] ?? quoted[1]!.replace(/\\([\\"$`])/g, "$1"));
  }
  return fields;
}
