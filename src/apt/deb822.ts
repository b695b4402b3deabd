/**
 * Control data of Debian: paragraphs of `Name: value` fields, with continuation lines.
 *
 * Specification: deb822(5). Values are byte strings (see bytes/content.ts): indexes are UTF-8, but nothing here depends on
 * it. Signatures around a paragraph are the concern of the caller.
 */
import { AssembleError } from "../errors/assemble-error.js";

/** The fields of one paragraph. Names are looked up in any case and listed as they are written. */
export interface Paragraph {
  /** The value without leading and trailing blanks; continuation lines keep their newline and their blanks. */
  get(name: string): string | undefined;
  has(name: string): boolean;
  /** Names and values in the order of the file. */
  entries(): readonly (readonly [name: string, value: string])[];
}

/** Parses a file that holds any number of paragraphs. @throws AssembleError `apt/control-invalid` */
export function parseParagraphs(text: string, where?: string): readonly Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const block of text.split(/\n[ \t]*\n+/)) {
    const entries = parseFields(block, where);
    if (entries.length > 0) paragraphs.push(paragraph(entries));
  }
  return paragraphs;
}

/** Parses a file of exactly one paragraph, for instance a package's `control`. @throws AssembleError `apt/control-invalid` */
export function parseParagraph(text: string, where?: string): Paragraph {
  const [first, second] = parseParagraphs(text, where);
  if (first === undefined || second !== undefined)
    throw invalid(where, first === undefined ? "it has no field" : "it has more than one paragraph");
  return first;
}

/**
 * One paragraph whose fields are looked for when they are asked for: of the thousands that a resolution looks at, it reads
 * five or six fields each. What is wrong with the others comes to light only in `entries`.
 */
export function lazyParagraph(text: string, where?: string): Paragraph {
  const get = (name: string): string | undefined => {
    const start = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
    // deb822 allows other cases of the name, but no archive writes them.
    if (start === 0 && !text.startsWith(`${name}:`)) return undefined;
    const from = start + name.length + 1;
    let end = text.indexOf("\n", from);
    while (end >= 0 && (text[end + 1] === " " || text[end + 1] === "\t")) end = text.indexOf("\n", end + 1);
    return (end < 0 ? text.slice(from) : text.slice(from, end)).trim();
  };
  return { get, has: (name) => get(name) !== undefined, entries: () => parseParagraph(text, where).entries() };
}

function paragraph(entries: readonly (readonly [string, string])[]): Paragraph {
  const values = new Map<string, string>();
  for (const [name, value] of entries) values.set(name.toLowerCase(), value);
  return {
    get: (name) => values.get(name.toLowerCase()),
    has: (name) => values.has(name.toLowerCase()),
    entries: () => entries,
  };
}

function parseFields(block: string, where: string | undefined): [string, string][] {
  const fields: [string, string][] = [];
  const seen = new Set<string>();
  for (const line of block.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const last = fields[fields.length - 1];
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (last === undefined) {
        if (line.trim() === "") continue;
        throw invalid(where, `it starts with the continuation line "${line.trim()}"`);
      }
      last[1] += `\n${line}`;
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon <= 0 || /[\s\0]/.test(name)) throw invalid(where, `the line "${line}" is no field`);
    if (seen.has(name.toLowerCase())) throw invalid(where, `the field ${name} is there twice`);
    seen.add(name.toLowerCase());
    fields.push([name, line.slice(colon + 1).replace(/^[ \t]+/, "")]);
  }
  // As with dpkg, only the end of a value is cut; lines within it keep theirs.
  for (const field of fields) field[1] = field[1].replace(/[ \t\r\n]+$/, "");
  return fields;
}

function invalid(where: string | undefined, is: string): AssembleError {
  return new AssembleError(
    "apt/control-invalid",
    `Cannot read ${where ?? "control data"}: ${is}, \`Name: value\` fields were wanted`,
  );
}
