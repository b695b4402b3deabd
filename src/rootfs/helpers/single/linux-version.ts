/**
 * linux-version(1) of linux-base: the kernels in /boot, and the order of their versions.
 */
import { compareVersions } from "../../../apt/version.js";
import type { Command } from "../../shell/process.js";
import { eachInput } from "../../shell/tools/inputs.js";
import { defineTool } from "../../shell/tools/tool.js";

export const linuxVersion: Command = defineTool(
  { long: { paths: "paths", reverse: "reverse" }, refused: "" },
  (tool) => {
    const [verb, ...rest] = tool.operands;
    switch (verb) {
      case "compare": {
        const [a = "", relation = "", b = ""] = rest;
        const order = compareKernels(a, b);
        const holds: Record<string, boolean> = {
          lt: order < 0,
          le: order <= 0,
          eq: order === 0,
          ge: order >= 0,
          gt: order > 0,
        };
        return holds[relation] === undefined ? tool.unsupported(rest.join(" ")) : holds[relation] ? 0 : 1;
      }
      case "list": {
        const boot = tool.find("/boot");
        const names = boot?.type === "directory" ? [...boot.entries.keys()].sort() : [];
        for (const name of names) {
          const version = /^vmlinu[xz]-(.*)$/.exec(name)?.[1];
          if (version !== undefined) tool.out(`${version}${tool.has("paths") ? ` /boot/${name}` : ""}\n`);
        }
        return 0;
      }
      case "sort": {
        const lines = rest.map((word) => `${word}\n`);
        if (rest.length === 0)
          eachInput(
            tool,
            (stream) => {
              for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) lines.push(line);
            },
            { operands: ["-"] },
          );
        lines.sort((a, b) => compareKernels(a.trim().split(" ")[0]!, b.trim().split(" ")[0]!));
        for (const line of tool.has("reverse") ? lines.reverse() : lines) tool.out(line);
        return 0;
      }
      default:
        return tool.unsupported(tool.words.join(" "));
    }
  },
);

/** Release candidates come before their release. */
function compareKernels(a: string, b: string): number {
  const plain = (text: string): string => text.replace(/-(rc|trunk)/g, "~$1").replace(/[^A-Za-z0-9.+~-]/g, ".");
  return compareVersions(`0-${plain(a)}`, `0-${plain(b)}`);
}
