/**
 * What the packages' descriptions of MIME types say together (Shared MIME-info Database specification 0.21, "The source XML files").
 * A later file goes before an earlier one: where there may be one value, the last counts.
 */

import type { XmlElement } from "../xml-document.js";
import { type MagicRule, parseMagicRule, parseTreeRule, type TreeRule } from "./magic-rule.js";

const NAMESPACE = "http://www.freedesktop.org/standards/shared-mime-info";

/** One pattern of names. */
export interface Glob {
  readonly pattern: string;
  readonly type: string;
  readonly weight: number;
  readonly caseSensitive: boolean;
}

/** One element of rules. */
export interface RuleSection<R> {
  readonly type: string;
  readonly priority: number;
  readonly rules: readonly R[];
}

/** All that is known about MIME types; maps are in the order in which their keys came up. */
export interface MimeDatabase {
  /** The elements that describe a type. */
  readonly types: Map<string, XmlElement[]>;
  /** By pattern. */
  readonly globs: Map<string, Glob[]>;
  readonly magic: RuleSection<MagicRule>[];
  readonly treeMagic: RuleSection<TreeRule>[];
  readonly aliases: Map<string, string>;
  readonly parents: Map<string, string[]>;
  readonly icons: Map<string, string>;
  readonly genericIcons: Map<string, string>;
  /** By namespace, a blank, and the local name. */
  readonly namespaces: Map<string, { readonly uri: string; readonly localName: string; readonly type: string }>;
}

/** A database without any type. */
export function emptyMimeDatabase(): MimeDatabase {
  return {
    types: new Map(),
    globs: new Map(),
    magic: [],
    treeMagic: [],
    aliases: new Map(),
    parents: new Map(),
    icons: new Map(),
    genericIcons: new Map(),
    namespaces: new Map(),
  };
}

/** Adds a file's types. Returns what it has that is not handled. */
export function addMimePackage(database: MimeDatabase, root: XmlElement): string | undefined {
  if (root.name !== "mime-info" || root.attributes.get("xmlns") !== NAMESPACE) return `a document <${root.name}>`;
  for (const element of elementsOf(root)) {
    if (element.name !== "mime-type") return `<${element.name}>`;
    const type = element.attributes.get("type");
    if (type === undefined || !/^[^/]+\/[^/]+$/.test(type)) return `a type ${type}`;
    const fields = database.types.get(type) ?? [];
    database.types.set(type, fields);
    for (const field of elementsOf(element)) {
      const problem = addField(database, { type, fields, field });
      if (problem !== undefined) return `${problem} of ${type}`;
    }
  }
  return undefined;
}

function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

interface Place {
  readonly type: string;
  readonly fields: XmlElement[];
  readonly field: XmlElement;
}

function addField(database: MimeDatabase, { type, fields, field }: Place): string | undefined {
  const attribute = (name: string): string => field.attributes.get(name) ?? "";
  switch (field.name) {
    case "acronym":
    case "expanded-acronym":
      if (elementsOf(field).length > 0) return `<${field.name}> with elements`;
      break;
    case "comment": {
      if (elementsOf(field).length > 0) return "<comment> with elements";
      const old = fields.findIndex(
        (one) => one.name === "comment" && one.attributes.get("xml:lang") === field.attributes.get("xml:lang"),
      );
      if (old >= 0) fields.splice(old, 1);
      break;
    }
    case "glob":
      if (["", "*"].includes(attribute("pattern"))) return "<glob> for every name";
      addGlob(database, { type, pattern: attribute("pattern"), attribute });
      break;
    case "magic":
      return addRules(database.magic, { type, field, parse: parseMagicRule });
    case "treemagic":
      return addRules(database.treeMagic, { type, field, parse: parseTreeRule });
    case "alias":
      database.aliases.set(attribute("type"), type);
      break;
    case "sub-class-of":
      database.parents.set(type, [...(database.parents.get(type) ?? []), attribute("type")]);
      break;
    case "icon":
      database.icons.set(type, attribute("name"));
      break;
    case "generic-icon":
      database.genericIcons.set(type, attribute("name"));
      break;
    case "root-XML": {
      const [uri, localName] = [attribute("namespaceURI"), attribute("localName")];
      database.namespaces.set(`${uri} ${localName}`, { uri, localName, type });
      return undefined;
    }
    default:
      return `<${field.name}>`;
  }
  fields.push(field);
  return undefined;
}

const DEFAULT_WEIGHT = 50;

function addGlob(
  database: MimeDatabase,
  {
    type,
    pattern,
    attribute,
  }: { readonly type: string; readonly pattern: string; readonly attribute: (name: string) => string },
): void {
  const caseSensitive = attribute("case-sensitive") === "true";
  const key = caseSensitive ? pattern : pattern.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const weight = attribute("weight") === "" ? DEFAULT_WEIGHT : Number(attribute("weight"));
  const glob = { pattern: key, type, weight, caseSensitive };
  database.globs.set(key, [...(database.globs.get(key) ?? []), glob]);
}

function addRules<R extends { readonly children: readonly R[] }>(
  sections: RuleSection<R>[],
  {
    type,
    field,
    parse,
  }: {
    readonly type: string;
    readonly field: XmlElement;
    readonly parse: (element: XmlElement, children: R[]) => R | undefined;
  },
): string | undefined {
  const priority = Number(field.attributes.get("priority") ?? DEFAULT_WEIGHT);
  let problem: string | undefined;
  const read = (elements: readonly XmlElement[]): R[] =>
    elements.flatMap((element) => {
      const rule = parse(element, read(elementsOf(element)));
      if (rule !== undefined) return [rule];
      problem ??= `<${element.name} ${[...element.attributes].map(([name, value]) => `${name}="${value}"`).join(" ")}>`;
      return [];
    });
  sections.push({ type, priority, rules: read(elementsOf(field)) });
  return problem;
}
