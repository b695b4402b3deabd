/**
 * Recipe text → nodes with places. YAML 1.2 core schema (`yes` is a text, `0644` a number), or strict JSON (RFC 8259).
 * Subset: one document, no anchors, aliases, merge keys or tags: includes and profiles do their work, visibly.
 */

import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments } from "yaml";
import { AssembleError } from "../errors/assemble-error.js";
import type { RecipeNode } from "./node.js";
import { formatOrigin, type Origin } from "./origin.js";

const maximumBytes = 4 << 20;
const maximumDepth = 32;

/** Parses one file. `file` is how messages call it; a name that ends in `.json` is read as JSON. */
export function parseDocument(bytes: Uint8Array, file: string): RecipeNode {
  const start: Origin = { file, line: 1, column: 1 };
  if (bytes.length > maximumBytes)
    throw invalid(start, `it has ${bytes.length} bytes, at most ${maximumBytes} were wanted`);
  const text = decode(bytes, start);
  const counter = new LineCounter();
  const originOf = (offset: number): Origin => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const json = file.endsWith(".json");
  const syntax = json ? jsonSyntaxError(text) : undefined;
  const documents = parseAllDocuments(text, {
    version: "1.2",
    lineCounter: counter,
    prettyErrors: false,
    stringKeys: true,
    keepSourceTokens: false,
  });
  const list = Array.isArray(documents) ? documents : [];
  for (const document of list) {
    const error = document.errors[0] ?? document.warnings[0];
    if (error !== undefined) throw yamlError(error.code, error.message, originOf(error.pos[0]));
  }
  if (syntax !== undefined)
    throw new AssembleError("recipe/invalid-syntax", `Cannot read ${file}: ${syntax}, JSON was wanted`);
  const first = list[0]?.contents;
  if (first === null || first === undefined || (isScalar(first) && first.value === null)) {
    throw invalid(start, "it is empty, a recipe was wanted");
  }
  if (list.length > 1) {
    const offset = list[1]?.range[0] ?? 0;
    throw invalid(originOf(offset), `it has ${list.length} documents, one was wanted`);
  }
  return toNode(first, originOf, 0);
}

function toNode(node: ParsedNode, originOf: (offset: number) => Origin, depth: number): RecipeNode {
  const origin = originOf(node.range[0]);
  if (depth > maximumDepth) throw invalid(origin, `values are nested more than ${maximumDepth} deep`);
  if (isAlias(node)) throw invalid(origin, `*${node.source} is an alias, the value itself was wanted`, aliasHint);
  if (node.anchor !== undefined) throw invalid(origin, `&${node.anchor} is an anchor, none was wanted`, aliasHint);
  if (node.tag !== undefined) throw invalid(origin, `${node.tag} is a tag, none was wanted`);
  if (isScalar(node)) return { kind: "scalar", value: scalarOf(node.value), source: node.source, origin };
  if (isSeq(node)) {
    const items = node.items.map((item) => toNode(item as ParsedNode, originOf, depth + 1));
    return { kind: "list", items, replace: false, origin };
  }
  if (!isMap(node) || !isCollection(node)) throw invalid(origin, "it is no value that a recipe can hold");
  const entries = new Map<string, RecipeNode>();
  const keys = new Map<string, Origin>();
  for (const { key, value } of node.items) {
    const keyNode = key as ParsedNode;
    const keyOrigin = originOf(keyNode.range[0]);
    const name = isScalar(keyNode) ? String(keyNode.value) : "";
    if (name === "<<") throw invalid(keyOrigin, "<< is a merge key, none was wanted", aliasHint);
    if (name === "__proto__") {
      throw new AssembleError("recipe/unknown-key", `Cannot use ${formatOrigin(keyOrigin)}: "__proto__" is not a key`);
    }
    keys.set(name, keyOrigin);
    entries.set(
      name,
      value === null
        ? { kind: "scalar", value: null, origin: keyOrigin }
        : toNode(value as ParsedNode, originOf, depth + 1),
    );
  }
  return { kind: "map", entries, keys, origin };
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  return String(value);
}

function decode(bytes: Uint8Array, start: Origin): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AssembleError("recipe/invalid-syntax", `Cannot read ${start.file}: it is not UTF-8, UTF-8 was wanted`, {
      cause,
    });
  }
  if (text.startsWith("\uFEFF")) throw invalid(start, "it starts with a byte order mark, none was wanted", bomHint);
  return text;
}

function jsonSyntaxError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const aliasHint = "share values between recipes with `include`, and between variants with `profiles`";
const bomHint = "save the file as UTF-8 without a byte order mark";

function invalid(origin: Origin, what: string, hint?: string): AssembleError {
  return new AssembleError(
    "recipe/invalid-syntax",
    `Cannot read ${formatOrigin(origin)}: ${what}`,
    hint === undefined ? {} : { hint },
  );
}

function yamlError(code: string, message: string, origin: Origin): AssembleError {
  if (code === "DUPLICATE_KEY") {
    return new AssembleError(
      "recipe/duplicate-key",
      `Cannot read ${formatOrigin(origin)}: a key is stated twice, once was wanted`,
    );
  }
  const what = message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "").replace(/\.$/, "");
  if (code === "TAB_AS_INDENT") return invalid(origin, "a tab indents, spaces were wanted");
  if (code === "NON_STRING_KEY") return invalid(origin, "a key is not a text, a word was wanted");
  return invalid(origin, what.charAt(0).toLowerCase() + what.slice(1));
}
