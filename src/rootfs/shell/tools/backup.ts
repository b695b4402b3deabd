/**
 * The backups that cp, mv, ln and install make of what they replace (-b, --backup, -S).
 */
import type { Tool } from "./tool.js";

/** The options for it. */
export const backupOptions = { short: "bS:", long: { "backup?": "b", "suffix=": "S" } } as const;

/** Renames what is at `path` out of the way if the tool was asked to; returns the backup's name. */
export function backUp(tool: Tool, path: string): string | undefined {
  if (!tool.has("b") && !tool.has("S")) return undefined;
  if (tool.find(path, { follow: false }) === undefined) return undefined;
  const control = tool.value("b") || tool.process.environment.get("VERSION_CONTROL") || "existing";
  const suffix = tool.value("S") || tool.process.environment.get("SIMPLE_BACKUP_SUFFIX") || "~";
  const exists = (name: string): boolean => tool.find(name, { follow: false }) !== undefined;
  let number = 1;
  while (exists(`${path}.~${number}~`)) number++;
  let name: string;
  if (/^(none|off)$/.test(control)) return undefined;
  if (/^(numbered|t)$/.test(control)) name = `${path}.~${number}~`;
  else if (/^(simple|never)$/.test(control)) name = path + suffix;
  else if (/^(existing|nil)$/.test(control)) name = number > 1 ? `${path}.~${number}~` : path + suffix;
  else return tool.unsupported(`--backup=${control}`);
  tool.process.tree.rename(tool.absolute(path), tool.absolute(name));
  return name;
}
