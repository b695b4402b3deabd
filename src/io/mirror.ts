/**
 * What the host says about mirrors: the variable TDX_ASSEMBLE_MIRROR and the files of its apt. Read here, understood in
 * apt/mirrors.ts.
 */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { compareText } from "../bytes/order.js";

/** One file of apt's sources. */
export interface HostSourcesFile {
  readonly path: string;
  readonly text: string;
}

/** The host's settings. */
export interface HostMirrorSettings {
  /** TDX_ASSEMBLE_MIRROR, if it is set and not empty. */
  readonly variable: string | undefined;
  /** sources.list, then sources.list.d in byte order. Empty where there is no apt. */
  readonly aptSources: readonly HostSourcesFile[];
}

/** Where to look: for tests. */
export interface HostMirrorOptions {
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `/etc/apt` */
  readonly aptDirectory?: string | undefined;
}

/** Reads the host's settings. What cannot be read is as if it were not there. */
export async function readHostMirrorSettings(options: HostMirrorOptions = {}): Promise<HostMirrorSettings> {
  const { environment = process.env, aptDirectory = "/etc/apt" } = options;
  const variable = environment["TDX_ASSEMBLE_MIRROR"]?.trim();
  const parts = path.join(aptDirectory, "sources.list.d");
  const names = (await readdir(parts).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name));
  names.sort(compareText);
  const files: HostSourcesFile[] = [];
  for (const file of [path.join(aptDirectory, "sources.list"), ...names.map((name) => path.join(parts, name))]) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) files.push({ path: file, text });
  }
  return { variable: variable === "" ? undefined : variable, aptSources: files };
}
