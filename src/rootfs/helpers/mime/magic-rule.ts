/**
 * Rules that tell a type by a file's content (`match`) or by what a volume holds (`treematch`), and the files magic and treemagic.
 */
import { compareByteStrings } from "../../../bytes/order.js";
import type { XmlElement } from "../xml-document.js";
import type { RuleSection } from "./mime-database.js";

/** One `match`: value and mask are bytes. */
export interface MagicRule {
  readonly start: number;
  readonly length: number;
  /** Of the units that a little-endian machine turns around. */
  readonly wordSize: number;
  readonly value: string;
  readonly mask: string | undefined;
  readonly children: readonly MagicRule[];
}

/** One `treematch`. */
export interface TreeRule {
  readonly path: string;
  readonly fileType: string;
  readonly options: readonly string[];
  readonly children: readonly TreeRule[];
}

const NUMBERS = new Map([
  ["byte", { size: 1, wordSize: 1, little: false }],
  ["big16", { size: 2, wordSize: 1, little: false }],
  ["big32", { size: 4, wordSize: 1, little: false }],
  ["little16", { size: 2, wordSize: 1, little: true }],
  ["little32", { size: 4, wordSize: 1, little: true }],
  ["host16", { size: 2, wordSize: 2, little: false }],
  ["host32", { size: 4, wordSize: 4, little: false }],
]);

/** Reads a `match`. Undefined: it is none, or of a form that is not handled. */
export function parseMagicRule(element: XmlElement, children: MagicRule[]): MagicRule | undefined {
  const get = (name: string): string | undefined => element.attributes.get(name);
  const offset = /^(\d+)(?::(\d+))?$/.exec(get("offset") ?? "");
  const type = get("type") ?? "";
  const number = NUMBERS.get(type);
  const given = get("value");
  if (element.name !== "match" || offset === null || given === undefined) return undefined;
  if (type !== "string" && number === undefined) return undefined;
  const read = (text: string): string | undefined => numberBytes(text, number!);
  const value = number === undefined ? unescapeText(given) : read(given);
  const maskText = get("mask");
  const mask = maskText === undefined ? "" : number === undefined ? hexBytes(maskText) : read(maskText);
  if (value === undefined || value === "" || mask === undefined) return undefined;
  if (maskText !== undefined && mask.length !== value.length) return undefined;
  const start = Number(offset[1]);
  return {
    start,
    length: offset[2] === undefined ? 1 : Number(offset[2]) - start + 1,
    wordSize: number?.wordSize ?? 1,
    value,
    mask: maskText === undefined ? undefined : mask,
    children,
  };
}

const ESCAPES = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
]);

function unescapeText(text: string): string {
  return text.replaceAll(/\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))/gs, (_, hex, octal, other) => {
    if (other !== undefined) return ESCAPES.get(other) ?? other;
    return String.fromCharCode((hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16)) & 0xff);
  });
}

/** A number as strtol(3) with base 0 reads it. */
function numberBytes(text: string, { size, little }: { size: number; little: boolean }): string | undefined {
  const match = /^(-?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, decimal] = match;
  const absolute = hex !== undefined ? BigInt(`0x${hex}`) : BigInt(octal !== undefined ? `0o${octal}` : decimal!);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, sign === "-" ? -absolute : absolute));
  const last = bytes.subarray(8 - size);
  return (little ? last.reverse() : last).toString("latin1");
}

function hexBytes(text: string): string | undefined {
  return /^0x(?:[0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text.slice(2), "hex").toString("latin1") : undefined;
}

/** Reads a `treematch`. Undefined: it is none, or of a form that is not handled. */
export function parseTreeRule(element: XmlElement, children: TreeRule[]): TreeRule | undefined {
  const get = (name: string): string | undefined => element.attributes.get(name);
  const path = get("path");
  const fileType = get("type") ?? "any";
  if (element.name !== "treematch" || path === undefined) return undefined;
  if (!["any", "file", "directory", "link"].includes(fileType)) return undefined;
  const options = ["match-case", "executable", "non-empty"].filter((name) => get(name) === "true");
  const mimeType = get("mimetype");
  return { path, fileType, options: mimeType === undefined ? options : [...options, mimeType], children };
}

/** Sections by priority, the highest first, then by type. */
export function sortSections<R>(sections: readonly RuleSection<R>[]): RuleSection<R>[] {
  return [...sections].sort((a, b) => b.priority - a.priority || compareByteStrings(a.type, b.type));
}

/** The file `magic`. */
export function formatMagic(sections: readonly RuleSection<MagicRule>[]): string {
  return formatSections("MIME-Magic", sections, (rule) => {
    const size = String.fromCharCode(rule.value.length >> 8, rule.value.length & 0xff);
    const mask = rule.mask === undefined ? "" : `&${rule.mask}`;
    const word = rule.wordSize === 1 ? "" : `~${rule.wordSize}`;
    const range = rule.length === 1 ? "" : `+${rule.length}`;
    return `${rule.start}=${size}${rule.value}${mask}${word}${range}`;
  });
}

/** The file `treemagic`. */
export function formatTreeMagic(sections: readonly RuleSection<TreeRule>[]): string {
  return formatSections("MIME-TreeMagic", sections, (rule) =>
    [`"${rule.path}"=${rule.fileType}`, ...rule.options].join(","),
  );
}

function formatSections<R extends { readonly children: readonly R[] }>(
  name: string,
  sections: readonly RuleSection<R>[],
  format: (rule: R) => string,
): string {
  const lines = (rules: readonly R[], depth: number): string =>
    rules.map((rule) => `${depth || ""}>${format(rule)}\n${lines(rule.children, depth + 1)}`).join("");
  return `${name}\0\n${sections.map((one) => `[${one.priority}:${one.type}]\n${lines(one.rules, 0)}`).join("")}`;
}
