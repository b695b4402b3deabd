/**
 * A package's copyright file: the licences of all it covers, as one SPDX expression.
 *
 * Specification: the machine-readable debian/copyright file 1.0 (DEP-5). The file speaks of the source package, so that the
 * expression is the conjunction of what every `Files` paragraph states. A file that is not machine-readable has no expression.
 */
import { createHash } from "node:crypto";
import { type Paragraph, parseParagraphs } from "../../apt/deb822.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { conjunction, formatExpression, parseSynopsis } from "./licence-expression.js";

/** A licence that SPDX's list does not have. */
export interface ExtractedLicence {
  /** `LicenseRef-Debian-…`: of name and text, the same in every package that has both. */
  readonly id: string;
  /** The short name in the copyright file. */
  readonly name: string;
  readonly text: string;
}

/** The licences of a package. */
export interface ReadLicences {
  readonly expression: string;
  /** Those of the expression that are `LicenseRef-…`, each once. */
  readonly extracted: readonly ExtractedLicence[];
}

/** Reads a copyright file; undefined where it is not machine-readable. */
export function readCopyright(bytes: Uint8Array): ReadLicences | undefined {
  const [header, ...paragraphs] = paragraphsOf(new TextDecoder().decode(bytes));
  if (header === undefined || !/copyright-format/.test(header.get("Format") ?? "")) return undefined;
  const stated = paragraphs.filter((one) => one.has("Files")).map((one) => splitLicence(one.get("License") ?? ""));
  if (stated.length === 0) stated.push(splitLicence(header.get("License") ?? ""));
  const texts = textsOf([header, ...paragraphs]);
  const extracted = new Map<string, ExtractedLicence>();
  const expressions = stated
    .filter(({ synopsis }) => synopsis !== "")
    .map(({ synopsis, text: own }) => {
      const textOf = (name: string): string => {
        const alone = texts.get(name.toLowerCase()) ?? "";
        return own !== "" && (name === synopsis || alone === "") ? own : alone;
      };
      return parseSynopsis(synopsis, {
        textOf,
        refer(name) {
          const licence = extractedLicence(name, textOf(name));
          extracted.set(licence.id, licence);
          return licence.id;
        },
      });
    });
  if (expressions.length === 0) return undefined;
  return { expression: formatExpression(conjunction(expressions)), extracted: [...extracted.values()] };
}

function paragraphsOf(text: string): readonly Paragraph[] {
  try {
    return parseParagraphs(text.replaceAll("\r", ""));
  } catch (error) {
    // Prose, or one that its author got wrong: nothing is guessed from it.
    if (error instanceof AssembleError) return [];
    throw error;
  }
}

/** The first line of a License field, and the text below it without the marks of continuation. */
function splitLicence(value: string): { readonly synopsis: string; readonly text: string } {
  const [first = "", ...lines] = value.split("\n");
  const text = lines.map((line) => line.replace(/^[ \t]/, "").replace(/^\.$/, "")).join("\n");
  return { synopsis: first.trim(), text: text.trim() === "" ? "" : text };
}

/** Texts by name in lower case: those of paragraphs that hold nothing else come first. */
function textsOf(paragraphs: readonly Paragraph[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const alone of [true, false])
    for (const paragraph of paragraphs) {
      if (paragraph.has("Files") === alone) continue;
      const { synopsis, text } = splitLicence(paragraph.get("License") ?? "");
      if (text !== "" && !texts.has(synopsis.toLowerCase())) texts.set(synopsis.toLowerCase(), text);
    }
  return texts;
}

const NAME_MAX = 40;

function extractedLicence(name: string, found: string): ExtractedLicence {
  const text = found === "" ? `The copyright file states the licence "${name}" and has no text of it.` : found;
  const slug = name
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .slice(0, NAME_MAX)
    .replace(/^-+|-+$/g, "");
  const hash = createHash("sha256").update(text, "utf8").digest("hex").slice(0, 8);
  return { id: `LicenseRef-Debian-${slug === "" ? "unnamed" : slug}-${hash}`, name, text };
}
