/**
 * apt-config(8) of apt 3: `shell VARIABLE NAME …` for names that are not set. What a file sets, or apt itself, stops the build.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";
import { packageVersion } from "../package-version.js";

/** Names that apt 3 does not set itself, in lower case (a name's letters have no case). */
const UNSET = new Set(["apt::gpgv::trustedkeyring", "dir::etc::trusted"]);

export const aptConfig: Command = defineTool({}, (tool) => {
  const [verb, ...pairs] = tool.operands;
  const { tree } = tool.process;
  const version = Number.parseInt(packageVersion(tool.process, "apt") ?? "", 10);
  if (verb !== "shell" || pairs.length === 0 || pairs.length % 2 === 1 || !(version >= 3))
    tool.unsupported(tool.words.join(" "));
  const parts = tool.find("/etc/apt/apt.conf.d");
  const files = ["/etc/apt/apt.conf"];
  for (const name of parts?.type === "directory" ? parts.entries.keys() : []) files.push(`/etc/apt/apt.conf.d/${name}`);
  const texts = files.flatMap((path) => (tool.find(path)?.type === "file" ? [tree.readText(path).toLowerCase()] : []));
  for (const [, name] of pairs.flatMap((word, i) => (i % 2 === 0 ? [[word, pairs[i + 1]!] as const] : []))) {
    // A suffix says in what form the value is wanted.
    const key = name.toLowerCase().replace(/\/[fdbi]+$/, "");
    const last = key.slice(key.lastIndexOf(":") + 1);
    if (!UNSET.has(key) || texts.some((text) => text.split(/[^a-z-]+/).includes(last)))
      tool.unsupported(`shell ${name}`);
  }
  return 0;
});
