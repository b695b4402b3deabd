/**
 * What the files beside an artifact say of it: its checksums and its manifest.
 */

import type { Manifest } from "../manifest.js";
import type { Check } from "./check.js";

/** One line of a file of checksums. */
export interface Checksum {
  readonly sha256: string;
  readonly name: string;
}

/** What is known of a file. */
export interface KnownFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The lines of a `.sha256sums`, as sha256sum writes them; undefined where one is none. */
export function parseChecksums(text: string): Checksum[] | undefined {
  const sums: Checksum[] = [];
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, sha256, name] = /^([0-9a-f]{64}) [ *]([^/]+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined) return undefined;
    sums.push({ sha256, name });
  }
  return sums.length === 0 ? undefined : sums;
}

/**
 * Checks every file that the checksums name.
 *
 * @param found What is there, by name: `hashOf` gives undefined for a file that is not.
 */
export async function checkChecksums(
  file: { readonly name: string; readonly text: string | undefined },
  found: { readonly artifact: string; hashOf(name: string): Promise<string | undefined> },
): Promise<Check> {
  const name = "checksums";
  if (file.text === undefined) return { name, outcome: "unchecked", message: `there is no ${file.name}` };
  const sums = parseChecksums(file.text);
  if (sums === undefined) return { name, outcome: "fails", message: `${file.name} is no file of checksums` };
  const details: string[] = [];
  for (const { sha256, name: stated } of sums) {
    const has = await found.hashOf(stated);
    if (has !== sha256) details.push(`${stated}: ${has === undefined ? "it is not there" : `${has}, not ${sha256}`}`);
  }
  if (!sums.some((sum) => sum.name === found.artifact)) details.push(`it does not name ${found.artifact}`);
  if (details.length > 0) return { name, outcome: "fails", message: `${file.name} does not hold`, details };
  return { name, outcome: "holds", message: `${sums.length} files are those of ${file.name}` };
}

/** Checks that an artifact is an output of its manifest. An artifact that was renamed is known by its bytes. */
export function checkManifest(manifest: { readonly name: string; readonly value: Manifest }, file: KnownFile): Check {
  const name = "manifest";
  const { outputs } = manifest.value;
  const output = outputs.find((one) => one.name === file.name) ?? outputs.find((one) => one.sha256 === file.sha256);
  if (output === undefined)
    return { name, outcome: "fails", message: `${manifest.name} has no output ${file.name}, nor one of its sha256` };
  if (output.sha256 !== file.sha256 || output.bytes !== file.bytes)
    return {
      name,
      outcome: "fails",
      message: `${file.name} is not the output of ${manifest.name}: ${file.bytes} bytes with sha256 ${file.sha256}, ${output.bytes} with ${output.sha256} are stated`,
    };
  const { packages, tool } = manifest.value;
  return {
    name,
    outcome: "holds",
    message: `${file.name} is the output ${output.format} of ${manifest.name} (${packages.length} packages, tdx-assemble ${tool.version})`,
  };
}
