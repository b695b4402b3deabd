/**
 * Writes an image's outputs, its manifest and its checksums into a directory: each aside, renamed when whole.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { formatEndings, type Image } from "../assemble.js";
import { contentOfText } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { writeFileAtomically } from "../io/atomic-file.js";
import type { OnEvent } from "../io/event.js";
import { formatManifest } from "../report/manifest.js";

/** How to write. */
export interface WriteImageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Writes `<name>.efi` and its like, `<name>.manifest.json` and `<name>.sha256sums`. When one cannot be written, those written
 * before it are removed again.
 *
 * @returns the paths, in the order of writing
 * @throws AssembleError `io/disk-full`, `io/not-permitted`, `io/failed`, `io/cache-damaged`
 */
export async function writeImage(image: Image, directory: string, options: WriteImageOptions = {}): Promise<string[]> {
  const { manifest } = image;
  const written: string[] = [];
  const sums: string[] = [];
  const files = [
    ...[...image.outputs].map(([format, content]) => [formatEndings[format], content] as const),
    ...image.sidecars,
  ];
  const total = files.map(([, content]) => content).reduce((sum, content) => sum + content.size, 0);
  let before = 0;
  options.onEvent?.({ type: "stage", stage: "write", state: "start" });
  try {
    for (const [ending, content] of files) {
      const name = `${image.name}${ending}`;
      const stated = manifest.outputs.find((output) => output.name === name)!;
      const path = join(directory, name);
      await writeFileAtomically(path, content, {
        signal: options.signal,
        onBytes: (bytes) =>
          options.onEvent?.({
            type: "progress",
            stage: "write",
            done: before + bytes,
            total,
            unit: "bytes",
            item: name,
          }),
        check: ({ sha256 }) => {
          if (sha256 !== stated.sha256)
            throw new AssembleError(
              "io/cache-damaged",
              `Cannot write ${name}: its sha256 is ${sha256}, ${stated.sha256} was wanted`,
            );
        },
      });
      written.push(path);
      sums.push(`${stated.sha256}  ${name}\n`);
      before += content.size;
    }
    for (const [name, text] of [
      [`${image.name}.manifest.json`, formatManifest(manifest)],
      [`${image.name}.sha256sums`, ""],
    ] as const) {
      const path = join(directory, name);
      const content = contentOfText(name.endsWith(".sha256sums") ? sums.join("") : text);
      const { sha256 } = await writeFileAtomically(path, content.chunks(), { signal: options.signal });
      written.push(path);
      sums.push(`${sha256}  ${name}\n`);
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw error;
  }
  options.onEvent?.({ type: "stage", stage: "write", state: "end" });
  return written;
}
