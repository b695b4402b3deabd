/**
 * Checks one layer of a recipe (a file, or the object of `defineImage`) against the schema, and turns what zod finds
 * into an error that names place, key and what was wanted.
 */

import type { z } from "zod";
import { AssembleError } from "../errors/assemble-error.js";
import { knownKeys, pathOfKey } from "./json-schema.js";
import { nearest } from "./nearest.js";
import { nodeAt, originAt, plainOf, type RecipeNode } from "./node.js";
import { formatKeyPath, formatOrigin, type KeyPath, type Origin } from "./origin.js";
import { imageSchema } from "./schema.js";

type Issue = z.core.$ZodIssue;

/** Throws `recipe/unknown-key` or `recipe/invalid-value` for the first thing in the file that the schema refuses. */
export function validateLayer(layer: RecipeNode): void {
  const result = imageSchema.safeParse(plainOf(layer));
  if (result.success) return;
  const issues = result.error.issues.map((issue) => narrow(issue, []));
  const errors = issues.map(({ issue, path }) => describe(layer, issue, path));
  errors.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  throw errors[0]!.error;
}

/** An error about a value: `Cannot use image.yaml:3:10: version is the number 1.0, a string was wanted`. */
export function invalidValue(
  origin: Origin,
  what: string,
  options: { readonly code?: string; readonly hint?: string | undefined; readonly cause?: unknown } = {},
): AssembleError {
  return new AssembleError(options.code ?? "recipe/invalid-value", `Cannot use ${formatOrigin(origin)}: ${what}`, {
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
  });
}

/** `"pacakges" is not a key of the recipe, packages is the nearest`, with a hint where else the key lives. */
function unknownKey(layer: RecipeNode, path: KeyPath, key: string): { error: AssembleError; origin: Origin } {
  const parent = nodeAt(layer, path);
  const origin = (parent?.kind === "map" ? parent.keys.get(key) : undefined) ?? originAt(layer, path);
  const known = knownKeys(path);
  const near = nearest(key, known);
  const elsewhere = pathOfKey(key);
  const wanted = near !== undefined ? `the nearest known key is ${near}` : `one of ${known.join(", ")} was wanted`;
  const hint =
    elsewhere !== undefined && formatKeyPath(elsewhere) !== formatKeyPath([...path, near ?? ""])
      ? `there is ${formatKeyPath(elsewhere)}`
      : undefined;
  const error = invalidValue(origin, `${JSON.stringify(key)} is not a key of ${formatKeyPath(path)}, ${wanted}`, {
    code: "recipe/unknown-key",
    hint,
  });
  return { error, origin };
}

function describe(layer: RecipeNode, issue: Issue, path: KeyPath): { error: AssembleError; at: [number, number] } {
  const { error, origin } = describeIssue(layer, issue, path);
  return { error, at: [origin.line ?? 0, origin.column ?? 0] };
}

function describeIssue(layer: RecipeNode, issue: Issue, path: KeyPath): { error: AssembleError; origin: Origin } {
  if (issue.code === "unrecognized_keys") return unknownKey(layer, path, issue.keys[0]!);
  const subject = formatKeyPath(path);
  const node = nodeAt(layer, path);
  if (node === undefined) {
    const origin = originAt(layer, path);
    const error = invalidValue(origin, `${subject} is missing, ${wantedBy(issue)} was wanted`, {
      code: "recipe/missing-key",
    });
    return { error, origin };
  }
  const { origin } = node;
  if (issue.code === "invalid_key") {
    const at = path.at(-1);
    const reason = issue.issues[0]?.message ?? "another key";
    const keyOrigin = keyOriginAt(layer, path) ?? origin;
    return {
      error: invalidValue(
        keyOrigin,
        `${JSON.stringify(at)} is a key of ${formatKeyPath(path.slice(0, -1))}, ${reason} was wanted`,
      ),
      origin: keyOrigin,
    };
  }
  const wanted = wantedBy(issue);
  const value = node.kind === "scalar" ? node.value : undefined;
  const choices = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const near = typeof value === "string" ? nearest(value, choices) : undefined;
  const hint = near !== undefined ? `the nearest is ${near}` : quotingHint(node, issue);
  return { error: invalidValue(origin, `${subject} is ${whatIs(node)}, ${wanted} was wanted`, { hint }), origin };
}

function keyOriginAt(layer: RecipeNode, path: KeyPath): Origin | undefined {
  const parent = nodeAt(layer, path.slice(0, -1));
  return parent?.kind === "map" ? parent.keys.get(String(path.at(-1))) : undefined;
}

/** What a value is, for messages: `the number 1.0`, `"x"`, `a list`, `empty`. */
export function whatIs(node: RecipeNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "an object";
  if (node.value === null) return "empty";
  if (typeof node.value === "string") {
    return node.value.length > 120 ? `a text of ${node.value.length} characters` : JSON.stringify(node.value);
  }
  return `the ${typeof node.value} ${node.source ?? node.value}`;
}

function quotingHint(node: RecipeNode, issue: Issue): string | undefined {
  if (node.kind !== "scalar" || node.value === null || typeof node.value === "string") return undefined;
  const text = node.source ?? String(node.value);
  return expectsString(issue) ? `put it in quotes: ${JSON.stringify(text)}` : undefined;
}

function expectsString(issue: Issue): boolean {
  if (issue.code === "invalid_type") return issue.expected === "string";
  if (issue.code === "invalid_value") return issue.values.every((value) => typeof value === "string");
  return (
    issue.code === "invalid_union" && issue.errors.some((branch) => branch.length === 1 && expectsString(branch[0]!))
  );
}

function wantedBy(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("Invalid input") ? typeName(issue.expected) : issue.message;
    case "invalid_value":
      return `${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.message.startsWith("Too small") ? `at least ${issue.minimum}` : issue.message;
    case "too_big":
      return issue.message.startsWith("Too big") ? `at most ${issue.maximum}` : issue.message;
    default:
      return issue.message;
  }
}

function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "a string",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "an object",
    record: "an object",
    array: "a list",
  };
  return names[expected] ?? expected;
}

/** Follows a union's issue into the one branch that was meant; keeps the union's own message where none stands out. */
function narrow(issue: Issue, prefix: KeyPath): { issue: Issue; path: KeyPath } {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code !== "invalid_union") return { issue, path };
  const meant = issue.errors.filter((branch) => branch.length > 0 && !branch.some((inner) => isWrongShape(inner)));
  if (meant.length !== 1) return { issue, path };
  const inner = narrow(meant[0]![0]!, path);
  // About the value itself the union's message says more: it names every form.
  const same = inner.path.length === path.length && inner.issue.code !== "unrecognized_keys";
  return same ? { issue, path } : inner;
}

/** The value is of another kind than the branch takes: a list where it takes a text, another literal. */
function isWrongShape(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_type" || issue.code === "invalid_value") return true;
  return issue.code === "invalid_union" && issue.errors.every((branch) => branch.some((inner) => isWrongShape(inner)));
}
