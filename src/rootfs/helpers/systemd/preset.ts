/**
 * Preset files (systemd.preset(5)): the first rule that matches a unit decides; without one it is enabled.
 */
import picomatch from "picomatch";
import type { Tree } from "../../tree/tree.js";
import { confFiles } from "./conf-files.js";
import type { Instance } from "./unit-install.js";

/** What a preset says of a unit: whether to enable it, and for a template which instances. */
export interface PresetDecision {
  readonly enable: boolean;
  readonly instances: readonly string[];
}

/** The decision for a unit. */
export function presetOf(tree: Tree, unit: string, instance: Instance): PresetDecision {
  const directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map(
    (base) => `${base}/systemd/${instance}-preset`,
  );
  for (const path of confFiles(tree, directories, ".preset")) {
    for (const line of tree.readText(path).split("\n")) {
      const match = /^(enable|disable|ignore)[ \t]+(\S+)[ \t]*(.*)$/.exec(line.trim());
      if (match === null || !picomatch.isMatch(unit, match[2]!, { dot: true, nobrace: true, noextglob: true }))
        continue;
      const instances = match[3] === "" ? [] : match[3]!.split(/[ \t]+/);
      return { enable: match[1] === "enable", instances };
    }
  }
  return { enable: true, instances: [] };
}
