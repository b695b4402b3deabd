/**
 * PAM profiles (/usr/share/pam-configs) and the stacks that are made of them.
 */
import type { Tree } from "../../tree/tree.js";

/** The managed files, by the part after `common-`. */
export const PAM_TYPES = ["auth", "account", "password", "session", "session-noninteractive"] as const;
export type PamType = (typeof PAM_TYPES)[number];

/** A profile. */
export interface PamProfile {
  /** Its file's name. */
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, readonly string[]>;
}

/** The modules of a file's two blocks, each with its profile. */
export interface PamStack {
  readonly primary: readonly PamModule[];
  readonly additional: readonly PamModule[];
}

/** A module line and the profile it is from. */
export interface PamModule {
  readonly profile: string;
  readonly line: string;
}

/** Stands in a primary block that no profile fills. */
const NULL_MODULE: PamModule = { profile: "null", line: "[default=1]\t\t\tpam_permit.so" };

/** All profiles, the highest priority first. */
export function readProfiles(tree: Tree): PamProfile[] {
  const directory = tree.lookup("/usr/share/pam-configs");
  if (directory?.type !== "directory") return [];
  const profiles = [...directory.entries.keys()]
    .filter((name) => !name.startsWith(".") && !/(~|\.dpkg-[a-z]+)$/.test(name))
    .sort()
    .filter((name) => tree.lookup(`/usr/share/pam-configs/${name}`)?.type === "file")
    .map((id) => parseProfile(id, tree.readText(`/usr/share/pam-configs/${id}`)));
  return profiles.sort((a, b) => priority(b) - priority(a) || (a.id < b.id ? 1 : -1));
}

function priority(profile: PamProfile): number {
  return Number(profile.fields.get("Priority") ?? 0);
}

function parseProfile(id: string, text: string): PamProfile {
  const fields = new Map<string, string>();
  const modules = new Map<string, string[]>();
  let key = "";
  for (const line of text.split("\n")) {
    const field = /^(\S+):\s*(.*)$/.exec(line);
    if (field !== null) {
      // "Auth-Final" is what "Auth" was called once, and still is.
      key = field[1]!.replace(/-Final$/, "");
      if (/^(Auth|Account|Session|Password)(-Initial)?$/.test(key)) modules.set(key, []);
      else fields.set(key, field[2]!.trimEnd());
    } else if (/^\s+\S/.test(line)) modules.get(key)?.push(line.trim());
  }
  return { id, fields, modules };
}

/** The stack that enabled profiles, in their order, make for a file. */
export function stackOf(profiles: readonly PamProfile[], type: PamType): PamStack {
  const section = `${type[0]!.toUpperCase()}${type.slice(1)}`.replace("-noninteractive", "");
  const block = (kind: string): PamModule[] => {
    const modules: PamModule[] = [];
    for (const profile of profiles) {
      if (profile.fields.get(`${section}-Type`) !== kind) continue;
      if (type === "session-noninteractive" && profile.fields.get("Session-Interactive-Only") === "yes") continue;
      const initial = modules.length === 0 ? profile.modules.get(`${section}-Initial`) : undefined;
      for (const line of initial ?? profile.modules.get(section) ?? []) modules.push({ profile: profile.id, line });
    }
    return modules;
  };
  const primary = block("Primary");
  return { primary: primary.length === 0 ? [NULL_MODULE] : primary, additional: block("Additional") };
}

/** The lines of a block as they stand in the file: `end` becomes the number of modules to jump over, one blank stands between options. */
export function blockLines(type: PamType, modules: readonly PamModule[]): string[] {
  const word = type.replace("-noninteractive", "");
  return modules.map(({ profile, line }, at) => {
    const jump = line.replace(/^\[[^\]]*\]/, (control) => control.replace(/=end\b/g, `=${modules.length - at}`));
    if (profile === "null") return `${word}\t${jump}`;
    const match = /^((?:\[[^\]]*\]|\S+)\s+\S+)\s*(.*)$/.exec(jump);
    return match === null ? `${word}\t${jump}` : `${word}\t${match[1]} ${match[2]!.replace(/\s+/g, " ")}`;
  });
}

/** What is kept of a stack in /var/lib/pam. */
export function savedStack(stack: PamStack): string {
  let text = "";
  let last: string | undefined;
  for (const { profile, line } of [...stack.primary, ...stack.additional]) {
    if (profile !== last) text += `Module: ${profile}\n`;
    last = profile;
    text += `${line}\n`;
  }
  return text;
}
