/**
 * The recipe's schema as JSON Schema 2020-12: what schema.json holds for editors, and what messages and path
 * resolution walk to know the keys of an object.
 */

import { z } from "zod";
import type { KeyPath } from "./origin.js";
import { imageSchema } from "./schema.js";

/** The part of JSON Schema that zod emits for the recipe. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly format?: string;
  readonly [keyword: string]: unknown;
}

/** JSON Schema of a recipe. */
export const recipeJsonSchema: JsonSchema = z.toJSONSchema(imageSchema, { io: "input" }) as JsonSchema;

/** The text of schema.json; a test compares it with the file. */
export function recipeJsonSchemaText(): string {
  return `${print(recipeJsonSchema, "")}\n`;
}

/** Every branch a value at `path` may follow: unions are spread out, references followed. */
export function schemasAt(path: KeyPath, schema: JsonSchema = recipeJsonSchema): readonly JsonSchema[] {
  let branches = spread(schema);
  for (const key of path) {
    branches = branches.flatMap((branch) => {
      const below = typeof key === "number" ? branch.items : (branch.properties?.[key] ?? branch.additionalProperties);
      return typeof below === "object" ? spread(below) : [];
    });
  }
  return branches;
}

/** The keys that an object at `path` may have. */
export function knownKeys(path: KeyPath): readonly string[] {
  return [...new Set(schemasAt(path).flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

/** Where else in the schema a key exists (first by depth, then by order): `commandLine` → `kernel.commandLine`. */
export function pathOfKey(key: string): KeyPath | undefined {
  let level: { path: KeyPath; schema: JsonSchema }[] = [{ path: [], schema: recipeJsonSchema }];
  for (let depth = 0; depth < 4; depth++) {
    const next: typeof level = [];
    for (const { path, schema } of level) {
      for (const branch of spread(schema)) {
        for (const [name, below] of Object.entries(branch.properties ?? {})) {
          if (name === key) return [...path, name];
          if (name !== "profiles") next.push({ path: [...path, name], schema: below });
        }
      }
    }
    level = next;
  }
  return undefined;
}

function spread(schema: JsonSchema): JsonSchema[] {
  if (schema.$ref !== undefined) {
    const target = recipeJsonSchema.$defs?.[schema.$ref.replace("#/$defs/", "")];
    return target === undefined ? [] : spread(target);
  }
  const branches = schema.anyOf ?? schema.oneOf;
  return branches === undefined ? [schema] : branches.flatMap(spread);
}

/** Two spaces, one key a line, short lists on one line: the layout the formatter leaves alone. */
function print(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => print(item, inner));
    const line = `[${items.join(", ")}]`;
    if (!line.includes("\n") && indent.length + line.length < 100) return line;
    return `[\n${items.map((item) => inner + item).join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    // `format` with a text is the mark that host-paths.ts looks for, nothing editors know.
    const entries = Object.entries(value).filter(([key, item]) => key !== "format" || typeof item !== "string");
    if (entries.length === 0) return "{}";
    return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${print(item, inner)}`).join(",\n")}\n${indent}}`;
  }
  return JSON.stringify(value);
}
