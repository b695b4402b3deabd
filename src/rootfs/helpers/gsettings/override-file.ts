/**
 * Override files of vendors, `*.gschema.override`: other defaults, for all or for one desktop (GIO's documentation, "GSettings",
 * "Vendor overrides"). A key file of GLib: groups `[schema]` and `[schema:DESKTOP]`.
 */
import { checkValue, ownKey, SchemaError, type Schemas } from "./schema.js";
import { VariantError } from "./variant-text.js";
import { parseVariant } from "./variant-value.js";

/** A default of an override file. */
export interface Override {
  readonly group: string;
  readonly key: string;
  readonly text: string;
}

/** Reads a file: its groups and keys, or the line that is neither. */
export function readOverrideFile(text: string): readonly (readonly Override[])[] | { readonly problem: string } {
  const groups = new Map<string, Map<string, string>>();
  let keys: Map<string, string> | undefined;
  let group = "";
  for (const line of text.split("\n").map((one) => one.replace(/\r$/, "").replace(/^[ \t\f\v]+/, ""))) {
    if (line === "" || line.startsWith("#")) continue;
    const heading = /^\[([^[\]\x00-\x1f]+)\][ \t]*$/.exec(line);
    if (heading !== null) {
      group = heading[1]!;
      keys = groups.get(group) ?? new Map();
      groups.set(group, keys);
      continue;
    }
    const pair = /^([^=[\]]*[^=[\]\s])\s*=[ \t]*(.*)$/.exec(line);
    if (pair === null || keys === undefined) return { problem: `the line '${line}'` };
    keys.set(pair[1]!, pair[2]!);
  }
  return [...groups].map(([name, pairs]) => [...pairs].map(([key, value]) => ({ group: name, key, text: value })));
}

/** Sets the defaults of a group; what cannot be set is told, and left out. */
export function applyOverrides(
  { schemas }: Schemas,
  overrides: readonly Override[],
  tell: (problem: string) => void,
): void {
  const [first] = overrides;
  if (first === undefined) return;
  const [id, desktop] = splitGroup(first.group);
  const schema = schemas.get(id);
  // A package's schemas need not be there.
  if (schema === undefined) return;
  for (const { key: name, text } of overrides) {
    const key = ownKey(schema, name);
    if (key === undefined) {
      tell(`No such key “${name}” in schema “${first.group}”`);
      continue;
    }
    if (desktop !== undefined && key.localized !== undefined) {
      tell(`Cannot provide per-desktop overrides for localized key “${name}” in schema “${first.group}”`);
      continue;
    }
    try {
      const { data } = parseVariant(text, key.type);
      checkValue(key, data);
      if (desktop === undefined) key.value = data;
      else key.desktops.set(desktop, data);
    } catch (error) {
      if (!(error instanceof SchemaError || error instanceof VariantError)) throw error;
      tell(`Error parsing key “${name}” in schema “${first.group}”: ${error.message}`);
    }
  }
}

function splitGroup(group: string): [string, string | undefined] {
  const colon = group.indexOf(":");
  return colon < 0 ? [group, undefined] : [group.slice(0, colon), group.slice(colon + 1)];
}
