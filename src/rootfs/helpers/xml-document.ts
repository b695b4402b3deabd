/**
 * XML 1.0 as the packages' MIME descriptions use it: elements, attributes, text, comments, character references, and a document type
 * without entities. What else a document may have is refused.
 */

/** An element; children that are strings are text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const TOKEN =
  /<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^[>]*(?:\[.*?\]\s*)?>|<!\[CDATA\[(.*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gsy;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Reads a document in UTF-8, as a byte string: its root, or in what it is no such document. */
export function parseXml(text: string): XmlElement | { readonly problem: string } {
  if (/^<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])/i.test(text)) return { problem: "an encoding that is not UTF-8" };
  if (/<!ENTITY/.test(text)) return { problem: "entities of its own" };
  const top: XmlElement[] = [];
  const open: { name: string; attributes: ReadonlyMap<string, string>; children: (XmlElement | string)[] }[] = [];
  let end = text.startsWith("\xef\xbb\xbf") ? 3 : 0;
  TOKEN.lastIndex = end;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    end = TOKEN.lastIndex;
    const [, data, closed, opened, attributes, empty, characters] = match;
    const parent = open.at(-1);
    if (closed !== undefined) {
      const element = open.pop();
      if (element?.name !== closed) return { problem: `</${closed}> that closes nothing` };
      (open.at(-1)?.children ?? top).push(element);
    } else if (opened !== undefined) {
      const element = { name: opened, attributes: parseAttributes(attributes!), children: [] };
      if (empty !== "/") open.push(element);
      else (parent?.children ?? top).push(element);
    } else if (data !== undefined || characters !== undefined) {
      const content = data ?? decode(characters!.replaceAll(/\r\n?/g, "\n"));
      if (parent !== undefined) parent.children.push(content);
      else if (content.trim() !== "") return { problem: "text outside of its element" };
    }
  }
  const [root] = top;
  if (end !== text.length || root === undefined || top.length > 1 || open.length > 0)
    return { problem: `what is no XML after ${end} bytes` };
  return root;
}

function parseAttributes(text: string): Map<string, string> {
  const found = [...text.matchAll(ATTRIBUTE)];
  // White space in a value is a blank each.
  return new Map(found.map((match) => [match[1]!, decode((match[2] ?? match[3]!).replaceAll(/\s/g, " "))]));
}

function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? whole;
    const character = String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
    return Buffer.from(character, "utf8").toString("latin1");
  });
}

/** The text of an element as libxml2 writes it. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

/** The value of an attribute as libxml2 writes it between double quotes. */
export function escapeAttribute(value: string): string {
  return escapeText(value).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
