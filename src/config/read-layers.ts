/**
 * The layers of a recipe: its includes, depth first and in order, each file once, then the file itself. Every layer is
 * parsed, checked and has its paths rewritten before anything is merged.
 */

import { readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { AssembleError } from "../errors/assemble-error.js";
import { resolveHostPaths } from "./host-paths.js";
import { alternatives } from "./merge.js";
import { type MapNode, nodeAt, originAt, type RecipeNode, withReplacedLists } from "./node.js";
import { formatKeyPath, formatOrigin, type KeyPath, type Origin } from "./origin.js";
import { parseDocument } from "./parse-document.js";
import { invalidValue, validateLayer, whatIs } from "./validate.js";

/** A recipe file, found. */
export interface RecipeLocation {
  /** As messages call it. */
  readonly shown: string;
  /** Absolute. */
  readonly path: string;
  /** The same with no symbolic link in it: by this a file is known again. */
  readonly real: string;
}

/** The file of a recipe: the path itself, or image.yaml or image.json in it. */
export function findRecipe(given: string, statedAt?: Origin): RecipeLocation {
  const from = statedAt === undefined ? "" : ` (included at ${formatOrigin(statedAt)})`;
  const isDirectory = statOf(given, from).isDirectory();
  if (!isDirectory) return locationOf(given);
  const found = ["image.yaml", "image.json"].filter((name) => exists(path.join(given, name)));
  if (found.length === 2) {
    throw new AssembleError(
      "recipe/ambiguous",
      `Cannot read the recipe in ${given}${from}: there are image.yaml and image.json, one of them was wanted`,
      { hint: "name the file" },
    );
  }
  if (found[0] === undefined) {
    throw new AssembleError(
      "recipe/not-found",
      `Cannot read the recipe in ${given}${from}: there is no image.yaml and no image.json, one of them was wanted`,
      { hint: "name the recipe or its directory: tdx-assemble COMMAND [recipe]" },
    );
  }
  return locationOf(path.join(given, found[0]));
}

function locationOf(file: string): RecipeLocation {
  return { shown: path.normalize(file), path: path.resolve(file), real: realpathSync(file) };
}

/** Reads the file and everything it includes. */
export function readLayers(location: RecipeLocation): readonly MapNode[] {
  const main = path.dirname(location.path);
  return collect(location, { main, done: new Set(), open: [] });
}

/** The layers of data that is already there: what it includes, and itself. `shown` is how messages call it. */
export function layersOf(
  node: RecipeNode,
  options: { readonly shown: string; readonly directory: string },
): readonly MapNode[] {
  const { shown, directory } = options;
  const location = { shown, path: path.join(directory, path.basename(shown)), real: "" };
  return expand(node, location, { main: directory, done: new Set(), open: [] });
}

interface Reading {
  readonly main: string;
  readonly done: Set<string>;
  readonly open: readonly RecipeLocation[];
}

function collect(location: RecipeLocation, reading: Reading): readonly MapNode[] {
  if (reading.done.has(location.real)) return [];
  reading.done.add(location.real);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(location.path);
  } catch (cause) {
    throw unreadable(location.shown, "", cause);
  }
  return expand(parseDocument(bytes, location.shown), location, reading);
}

function expand(parsed: RecipeNode, location: RecipeLocation, reading: Reading): readonly MapNode[] {
  if (parsed.kind !== "map") throw invalidValue(parsed.origin, `the recipe is ${whatIs(parsed)}, an object was wanted`);
  validateLayer(parsed);
  const base = { stated: path.dirname(location.path), main: reading.main };
  const layer = resolveHostPaths(withReplacedLists(parsed), base) as MapNode;
  refuseAlternatives(layer, []);
  const include = nodeAt(layer, ["include"]);
  const open = [...reading.open, location];
  const layers: MapNode[] = [];
  for (const item of include?.kind === "list" ? include.items : []) {
    if (item.kind !== "scalar") continue;
    layers.push(...includeOf(String(item.value), item.origin, { ...reading, open }));
  }
  return [...layers, layer];
}

function includeOf(name: string, origin: Origin, reading: Reading): readonly MapNode[] {
  const including = reading.open.at(-1)!;
  const absolute = path.resolve(reading.main, name);
  const found = findRecipe(absolute, origin);
  // Shown the way the including file is: relative to where the user called from.
  const here = path.dirname(including.path);
  const shown = path.isAbsolute(name)
    ? found.path
    : path.join(path.dirname(including.shown), path.relative(here, found.path));
  const cycle = reading.open.findIndex((each) => each.real === found.real);
  if (cycle >= 0) {
    const chain = [...reading.open.slice(cycle), found].map((each) => each.shown).join(" → ");
    throw invalidValue(
      origin,
      `including it again closes a circle (${chain}), files that do not include each other were wanted`,
      {
        code: "recipe/include-cycle",
      },
    );
  }
  return collect({ ...found, shown }, reading);
}

/** Two ways to a kernel or source in one file: none of them can be the one that drops the other. */
function refuseAlternatives(node: RecipeNode, at: KeyPath): void {
  if (node.kind === "scalar") return;
  if (node.kind === "list") {
    node.items.forEach((item, i) => {
      refuseAlternatives(item, [...at, i]);
    });
    return;
  }
  for (const { groups } of alternatives.filter((each) => each.matches(at))) {
    const stated = groups.map((group) => group[0]!).filter((key) => node.entries.has(key));
    if (stated.length > 1) {
      const origin = node.keys.get(stated[1]!) ?? originAt(node, []);
      throw invalidValue(origin, `${formatKeyPath(at)} has ${stated.join(" and ")}, one of them was wanted`, {
        code: "recipe/conflicting-keys",
      });
    }
  }
  for (const [key, value] of node.entries) refuseAlternatives(value, [...at, key]);
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function statOf(file: string, from: string) {
  try {
    return statSync(file);
  } catch (cause) {
    throw unreadable(file, from, cause);
  }
}

function unreadable(file: string, from: string, cause: unknown): AssembleError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const what = missing ? "it does not exist" : (cause as Error).message;
  return new AssembleError(
    missing ? "recipe/not-found" : "recipe/unreadable",
    `Cannot read the recipe ${file}${from}: ${what}, a readable file was wanted`,
    { cause },
  );
}
