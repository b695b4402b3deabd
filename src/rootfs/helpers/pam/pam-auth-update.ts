/**
 * pam-auth-update(8) of pam 1.7: writes the managed blocks of /etc/pam.d/common-* from the enabled profiles and keeps debconf's
 * answers and /var/lib/pam in step. Local changes inside the blocks stop the build; around them they are kept.
 */
import { withDebconf } from "../../configure/debconf/debconf-client.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import {
  blockLines,
  PAM_TYPES,
  type PamProfile,
  type PamStack,
  type PamType,
  readProfiles,
  savedStack,
  stackOf,
} from "./pam-profile.js";

const PROFILES = "libpam-runtime/profiles";
const OVERRIDE = "libpam-runtime/override";
const PRIMARY = '# here are the per-package modules (the "Primary" block)';
const FALLBACK = "# here's the fallback if no module succeeds";
const ADDITIONAL = '# and here are more per-package modules (the "Additional" block)';
const END = "# end of pam-auth-update config";

const SPEC: ToolSpec = {
  long: { package: "package", force: "force", remove: "remove", enable: "enable", disable: "disable", "root=": "root" },
};

export const pamAuthUpdate: Command = (process, args) =>
  withDebconf(process, {
    argv: ["/usr/sbin/pam-auth-update", ...args.slice(1)],
    body: (ask) => defineTool(SPEC, (tool) => update(tool, ask))(process, args),
  });

type Ask = Parameters<Parameters<typeof withDebconf>[1]["body"]>[0];

function update(tool: Tool, ask: Ask): number {
  const { tree } = tool.process;
  const root = tool.value("root") ?? "";
  if (root !== "" && root !== "/") tool.unsupported(`--root=${root}`);
  const verbs = ["remove", "enable", "disable"].filter((verb) => tool.has(verb));
  if (verbs.length > 1) tool.unsupported(`--${verbs.join(" --")}`);
  const [verb] = verbs;
  const isNamed = (id: string): boolean => tool.operands.includes(id);
  ask("VERSION 2.0");
  ask("CAPB backup escape");
  const profiles = readProfiles(tree).filter(({ id }) => verb !== "remove" || !isNamed(id));
  ask(`SUBST ${PROFILES} profile_names ${profiles.map(({ id }) => id).join(", ")}`);
  ask(`SUBST ${PROFILES} profiles ${profiles.map((profile) => title(profile).replace(/,/g, "\\,")).join(", ")}`);
  const seen = tree.lookup("/var/lib/pam/seen")?.type === "file" ? tree.readText("/var/lib/pam/seen").split("\n") : [];
  const before = ask(`GET ${PROFILES}`)
    .text.split(/, */)
    .filter((id) => id !== "");
  const wanted = (profile: PamProfile): boolean => {
    if (verb === "disable" && isNamed(profile.id)) return false;
    if (verb === "enable" && isNamed(profile.id)) return true;
    return before.includes(profile.id) || (!seen.includes(profile.id) && profile.fields.get("Default") === "yes");
  };
  ask("SETTITLE libpam-runtime/title");
  ask(
    `SET ${PROFILES} ${profiles
      .filter(wanted)
      .map(({ id }) => id)
      .join(", ")}`,
  );
  ask(`INPUT ${tool.has("package") ? "medium" : "high"} ${PROFILES}`);
  ask("GO");
  const answer = ask(`GET ${PROFILES}`).text.split(/, */);
  const enabled = profiles.filter(({ id }) => answer.includes(id));
  refuseConflicts(tool, enabled);
  if (enabled.length === 0) tool.unsupported("with no profile enabled");
  for (const type of PAM_TYPES) {
    const text = newText(tool, { type, stack: stackOf(enabled, type) });
    if (text !== undefined) tree.write(`/etc/pam.d/common-${type}`, text, { mode: 0o644 });
  }
  tree.mkdirs("/var/lib/pam");
  for (const type of PAM_TYPES) tree.write(`/var/lib/pam/${type}`, savedStack(stackOf(enabled, type)), { mode: 0o644 });
  tree.write("/var/lib/pam/seen", profiles.map(({ id }) => `${id}\n`).join(""), { mode: 0o644 });
  ask(`FSET ${OVERRIDE} seen false`);
  ask(`SET ${OVERRIDE} false`);
  return 0;
}

function title(profile: PamProfile): string {
  return profile.fields.get("Name") ?? profile.id;
}

function refuseConflicts(tool: Tool, enabled: readonly PamProfile[]): void {
  for (const { id, fields } of enabled) {
    const conflicts = (fields.get("Conflicts") ?? "").split(/, */);
    const other = enabled.find((profile) => conflicts.includes(profile.id));
    if (other !== undefined) tool.unsupported(`with the conflicting profiles ${id} and ${other.id}`);
  }
}

/** A file's text with its blocks made anew; undefined for a file that somebody has taken away. */
function newText(tool: Tool, file: { readonly type: PamType; readonly stack: PamStack }): string | undefined {
  const { tree } = tool.process;
  const { type, stack } = file;
  const path = `/etc/pam.d/common-${type}`;
  const primary = blockLines(type, stack.primary);
  const additional = blockLines(type, stack.additional);
  if (tree.lookup(path)?.type === "file") {
    const text = tree.readText(path);
    if (!tool.has("force") && isChanged(tree, { type, text })) tool.unsupported(`with local changes in ${path}`);
    const filled = fill(text, primary, additional);
    if (filled !== undefined) {
      if (tool.has("force") && isChanged(tree, { type, text })) tree.write(`${path}.pam-old`, text, { mode: 0o644 });
      return filled;
    }
    if (!tool.has("force")) return undefined;
    tree.write(`${path}.pam-old`, text, { mode: 0o644 });
  } else if (!tool.has("force")) return undefined;
  const template = tree.readText(`/usr/share/pam/common-${type}`);
  const key = type.replace("-noninteractive", "_nonint");
  return template
    .replace(`$${key}_primary\n`, () => lines(primary))
    .replace(`$${key}_additional\n`, () => lines(additional));
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join("");
}

/** The text between two marks, if both are there. */
function between(text: string, marks: readonly [string, string]): { from: number; to: number } | undefined {
  const from = text.indexOf(`${marks[0]}\n`);
  const to = text.indexOf(marks[1]);
  return from < 0 || to < from ? undefined : { from: from + marks[0].length + 1, to };
}

function fill(text: string, primary: readonly string[], additional: readonly string[]): string | undefined {
  const last = between(text, [ADDITIONAL, END]);
  const first = between(text, [PRIMARY, FALLBACK]);
  if (first === undefined || last === undefined) return undefined;
  return (
    text.slice(0, first.from) +
    lines(primary) +
    text.slice(first.to, last.from) +
    lines(additional) +
    text.slice(last.to)
  );
}

/** Whether a file's blocks differ from what was written into them. */
function isChanged(tree: Tree, file: { readonly type: PamType; readonly text: string }): boolean {
  const saved = `/var/lib/pam/${file.type}`;
  if (tree.lookup(saved)?.type !== "file") return true;
  const [first, last] = [between(file.text, [PRIMARY, FALLBACK]), between(file.text, [ADDITIONAL, END])];
  if (first === undefined || last === undefined) return true;
  const words = (text: string): string =>
    text
      .replace(/=[0-9]+\b/g, "=end")
      .split(/\s+/)
      .join(" ")
      .trim();
  const word = file.type.replace("-noninteractive", "");
  const written = tree
    .readText(saved)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("Module: "))
    .map((line) => `${word} ${line}`);
  const now = file.text.slice(first.from, first.to) + file.text.slice(last.from, last.to);
  return words(now) !== words(written.join("\n"));
}
