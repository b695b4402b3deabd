/** The command line as a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Scene } from "../assemble/image-fixture.js";

const CLI = join(process.cwd(), "dist/cli/main.js");

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Starts a command, in the directory of a scene and with its cache and mirror where one is given. */
export function start(
  args: readonly string[],
  on?: Scene,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const common = on === undefined ? [] : ["--cache-dir", on.cacheDir, "--mirror", `${on.server.url}/debian`];
  const child = spawn(process.execPath, [CLI, ...args, ...common], { env: { PATH: "", CI: "1" }, cwd: on?.directory });
  const parts = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (parts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (parts.error += text));
  const ended = new Promise<Ended>((resolve) => child.on("close", (status) => resolve({ status, ...parts })));
  return { child, ended };
}

/** Runs a command to its end. */
export const run = (args: readonly string[], on?: Scene): Promise<Ended> => start(args, on).ended;
