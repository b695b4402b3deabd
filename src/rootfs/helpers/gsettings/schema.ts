/**
 * What a schema of GSettings is, as its compiled form has it: keys with a type, a default and bounds (GIO's documentation,
 * "GSettings").
 */
import { hashEntries } from "../hash-order.js";
import type { GvdbTable } from "./gvdb.js";
import type { Variant, VariantData } from "./serialize-variant.js";
import { parseVariantType, type VariantType } from "./variant-type.js";

/** A schema or an override that is not what it should be: the compiler says so and goes on without the file or the key. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** Names that a text may have, with a number each; aliases with the name that they stand for. */
export interface Choices {
  readonly kind: "c" | "e" | "f";
  readonly values: Map<string, number>;
  readonly aliases: Map<string, string>;
}

/** A key. */
export interface SchemaKey {
  readonly type: VariantType;
  readonly choices: Choices | undefined;
  readonly range: readonly [least: VariantData, most: VariantData] | undefined;
  value: VariantData;
  /** How the default is translated: the category's letter, and the text with its context. */
  readonly localized: { readonly category: string; readonly text: string } | undefined;
  /** Defaults of some desktops. */
  readonly desktops: Map<string, VariantData>;
  /** It changes the default of a key of the schema that is extended. */
  readonly isOverride: boolean;
}

/** A schema. */
export interface Schema {
  readonly id: string;
  readonly path: string | undefined;
  readonly domain: string | undefined;
  readonly extends: Schema | undefined;
  readonly listOf: string | undefined;
  /** Keys; and schemas below this one by their ids, the names with a slash at the end. */
  readonly members: Map<string, SchemaKey | string>;
}

/** What all files together have, and how names are judged. */
export interface Schemas {
  readonly schemas: Map<string, Schema>;
  readonly enums: Map<string, Choices>;
  readonly flags: Map<string, Choices>;
  readonly anyName: boolean;
}

/** The key of that name, of the schema itself. */
export function ownKey({ members }: Schema, name: string): SchemaKey | undefined {
  const member = members.get(name);
  return typeof member === "string" ? undefined : member;
}

/** The key of that name, of the schema or of one that it extends. */
export function findKey(schema: Schema | undefined, name: string): SchemaKey | undefined {
  return schema && (ownKey(schema, name) ?? findKey(schema.extends, name));
}

/** @throws SchemaError if a value of a key is out of its bounds */
export function checkValue({ range, choices }: SchemaKey, data: VariantData): void {
  if (range !== undefined && (data! < range[0]! || data! > range[1]!))
    throw new SchemaError("is not contained in the specified range");
  if (choices === undefined) return;
  for (const text of [data].flat(Infinity as 8)) {
    if (typeof text === "string" && !choices.values.has(text))
      throw new SchemaError(
        choices.kind === "c"
          ? "contains a string not in <choices>"
          : choices.kind === "e"
            ? "is not a valid member of the specified enumerated type"
            : "contains string not in the specified flags type",
      );
  }
}

/** The tables of the compiled file. */
export function tableOfSchemas(schemas: ReadonlyMap<string, Schema>): GvdbTable {
  const entries = new Map<string, GvdbTable>();
  for (const [id, schema] of hashEntries(schemas)) entries.set(id, tableOfSchema(schema));
  return { entries, members: new Set(entries.keys()) };
}

function tableOfSchema({ path, domain, extends: base, listOf, members }: Schema): GvdbTable {
  const entries = new Map<string, Variant>();
  for (const [name, member] of hashEntries(members))
    entries.set(name, typeof member === "string" ? typed("s", member) : variantOfKey(member));
  const isLocalized = [...members.values()].some((key) => typeof key !== "string" && key.localized !== undefined);
  const texts = {
    ".path": path,
    ".extends": base?.id,
    ".list-of": listOf,
    ".gettext-domain": isLocalized ? domain : undefined,
  };
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) entries.set(name, typed("s", text));
  return { entries, members: new Set(members.keys()) };
}

function typed(type: string, data: VariantData): Variant {
  return { type: parseVariantType(type)!, data };
}

/** The default, then a tuple for each of what else there is. */
function variantOfKey({ type, value, localized, choices, range, desktops }: SchemaKey): Variant {
  const parts: Variant[] = [{ type, data: value }];
  if (localized !== undefined)
    parts.push(typed("(y(ys))", [letter("l"), [letter(localized.category), localized.text]]));
  if (choices !== undefined) parts.push(typed("(yau)", [letter(choices.kind), wordsOf(choices)]));
  if (range !== undefined) parts.push(typed(`(y(${type.text}${type.text}))`, [letter("r"), range]));
  if (desktops.size > 0) {
    const values = hashEntries(desktops).map(([desktop, data]): VariantData => [desktop, { type, data }]);
    parts.push(typed("(ya{sv})", [letter("d"), values]));
  }
  const data = parts.map((part) => part.data);
  return typed(`(${parts.map((part) => part.type.text).join("")})`, data);
}

function letter(character: string): bigint {
  return BigInt(character.charCodeAt(0));
}

/** Each a number and a text between marks, of whole words; an alias has the place of its target for a number. */
function wordsOf({ values, aliases }: Choices): bigint[] {
  const words: bigint[] = [];
  const places = new Map<string, bigint>();
  const add = (mark: string, name: string): void => {
    const size = Math.max(8, 4 * Math.ceil((name.length + 3) / 4));
    const text = Buffer.from(`${`${mark}${name}`.padEnd(size - 1, "\0")}\xff`, "latin1");
    for (let at = 0; at < size; at += 4) words.push(BigInt(text.readUInt32LE(at)));
  };
  for (const [name, value] of values) {
    places.set(name, BigInt(words.length));
    words.push(BigInt(value >>> 0));
    add("\xff", name);
  }
  for (const [name, target] of aliases) {
    words.push(places.get(target)!);
    add("\xfe", name);
  }
  return words;
}
