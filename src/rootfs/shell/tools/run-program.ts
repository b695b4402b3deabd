/**
 * Running another program in the manner of env, nice, timeout and others: what cannot be found or run is told by the tool.
 */
import type { RunOptions } from "../process.js";
import type { Tool } from "./tool.js";

/** Search path where there is none (glibc's execvp). */
const DEFAULT_PATH = "/bin:/usr/bin";

/** Whether a program is there: `missing` and `denied` are what execvp(3) would fail with. */
export function findProgram(tool: Tool, name: string, path?: string): "found" | "missing" | "denied" {
  const directories = name.includes("/")
    ? [undefined]
    : (path ?? tool.process.environment.get("PATH") ?? DEFAULT_PATH).split(":");
  let denied = false;
  for (const directory of directories) {
    const node = tool.find(directory === undefined ? name : `${directory || "."}/${name}`);
    if (node?.type === "file" && (node.mode & 0o111) !== 0) return "found";
    denied ||= node !== undefined;
  }
  return denied ? "denied" : "missing";
}

/** Runs a program; complains in coreutils' words and returns 127 or 126 if there is none. */
export function runProgram(
  tool: Tool,
  argv: readonly string[],
  options: RunOptions & { readonly message?: (name: string, reason: string) => string } = {},
): number {
  const name = argv[0]!;
  const path =
    options.environment === undefined
      ? undefined
      : (options.environment["PATH"] ?? ("PATH" in options.environment ? DEFAULT_PATH : undefined));
  const found = findProgram(tool, name, path);
  if (found === "found") return tool.process.run(argv, options);
  const reason = found === "missing" ? "No such file or directory" : "Permission denied";
  tool.say(options.message?.(name, reason) ?? `'${name}': ${reason}`);
  return found === "missing" ? 127 : 126;
}
