/**
 * The [Install] section of unit files (systemd.unit(5)) and the links that enabling makes of it.
 */
import type { Tree } from "../../tree/tree.js";
import { systemdVersion } from "./systemd-version.js";

/** The managers that have units of their own. */
export type Instance = "system" | "user";

/** What a unit's [Install] section asks for. */
export interface UnitInstall {
  readonly wantedBy: readonly string[];
  readonly requiredBy: readonly string[];
  readonly upheldBy: readonly string[];
  readonly alias: readonly string[];
  readonly also: readonly string[];
  readonly defaultInstance: string | undefined;
}

const KEYS: Readonly<Record<string, "wantedBy" | "requiredBy" | "upheldBy" | "alias" | "also">> = {
  WantedBy: "wantedBy",
  RequiredBy: "requiredBy",
  UpheldBy: "upheldBy",
  Alias: "alias",
  Also: "also",
};

/** The first systemd of Debian that has its own units below /usr only. */
const UNITS_BELOW_USR = 255;

/** Directories of unit files, the first wins. */
export function unitDirectories(tree: Tree, instance: Instance): string[] {
  const isOld = instance === "system" && (systemdVersion(tree) ?? UNITS_BELOW_USR) < UNITS_BELOW_USR;
  return [
    `/etc/systemd/${instance}`,
    `/run/systemd/${instance}`,
    `/usr/local/lib/systemd/${instance}`,
    ...(isOld ? ["/lib/systemd/system"] : []),
    `/usr/lib/systemd/${instance}`,
  ];
}

/** The path of a unit file (a template for an instance), or undefined. A link to /dev/null is found as the mask it is. */
export function findUnit(tree: Tree, name: string, instance: Instance): string | undefined {
  const template = templateOf(name);
  const directories = unitDirectories(tree, instance);
  for (const candidate of template === undefined ? [name] : [name, template]) {
    for (const directory of directories) {
      if (tree.lookup(`${directory}/${candidate}`, { follow: false }) !== undefined) return `${directory}/${candidate}`;
    }
  }
  return undefined;
}

/** `getty@.service` for `getty@tty1.service`; undefined for what is no instance. */
export function templateOf(name: string): string | undefined {
  const match = /^([^@]+@)[^.]+(\..+)$/.exec(name);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}

/** Whether a unit is masked: a link to /dev/null. */
export function isMasked(tree: Tree, path: string): boolean {
  const node = tree.lookup(path, { follow: false });
  return node?.type === "symlink" && node.target === "/dev/null";
}

/** Parses the [Install] section of a unit file; an empty value resets a list. */
export function parseInstall(text: string): UnitInstall {
  const lists = { wantedBy: [], requiredBy: [], upheldBy: [], alias: [], also: [] } as Record<
    "wantedBy" | "requiredBy" | "upheldBy" | "alias" | "also",
    string[]
  >;
  let defaultInstance: string | undefined;
  let section = "";
  for (const raw of text.replace(/\\\n/g, " ").split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const head = /^\[(.+)\]$/.exec(line);
    if (head !== null) section = head[1]!;
    const equals = line.indexOf("=");
    if (section !== "Install" || equals < 0) continue;
    const value = line.slice(equals + 1).trim();
    const key = line.slice(0, equals).trim();
    const list = KEYS[key];
    if (key === "DefaultInstance") defaultInstance = value;
    else if (list !== undefined)
      lists[list] =
        value === ""
          ? []
          : [...lists[list], ...value.split(/[ \t]+/).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"))];
  }
  return { ...lists, defaultInstance };
}
