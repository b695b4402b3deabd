/**
 * The format of `dpkg-query --show`: dpkg-query(1), "-f, --showformat".
 */
import { splitVersion } from "../../../apt/version.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { describeVersion, fieldValue, statusOf } from "../status-file.js";
import { type KnownPackage, shownName, statusLetters } from "./known-packages.js";

/** Fills a format in for one package; undefined where the format has an unclosed brace. */
export function formatPackage(database: DpkgDatabase, known: KnownPackage, format: string): string | undefined {
  let out = "";
  for (let i = 0; i < format.length; i++) {
    const char = format[i] as string;
    if (char === "\\" && i + 1 < format.length) {
      const escaped = format[++i] as string;
      out += { n: "\n", t: "\t", r: "\r" }[escaped] ?? escaped;
    } else if (char === "$" && format[i + 1] === "{") {
      const end = format.indexOf("}", i);
      if (end < 0) return undefined;
      const [name = "", width] = format.slice(i + 2, end).split(";");
      out += fitted(showField(database, known, name) ?? "", width);
      i = end;
    } else out += char;
  }
  return out;
}

/** The value of a field, real or virtual. */
function showField(database: DpkgDatabase, known: KnownPackage, name: string): string | undefined {
  const { installed } = known;
  const word = name.toLowerCase();
  if (word === "package") return known.name;
  if (word === "binary:package") return shownName(known);
  if (word === "db:status-abbrev") return statusLetters(database, known);
  if (word === "db:status-want") return installed === undefined ? "unknown" : "install";
  if (word === "db:status-eflag") return "ok";
  if (word === "db:status-status") return installed === undefined ? "not-installed" : statusOf(database, installed);
  if (installed === undefined) {
    if (word === "status") return "unknown ok not-installed";
    return word === "essential" || word === "protected" || word === "multi-arch" ? "no" : undefined;
  }
  switch (word) {
    case "essential":
    case "protected":
    case "multi-arch":
      return fieldValue(database, installed, word) ?? "no";
    case "binary:summary":
      return synopsis(installed.record.control.get("Description"));
    case "db-fsys:files":
      return installed.files.map((path) => ` ${path}\n`).join("");
    case "source:package":
      return source(known).name;
    case "source:version":
      return describeVersion(source(known).version);
    case "source:upstream-version":
      return splitVersion(source(known).version).upstream;
    default:
      return fieldValue(database, installed, name);
  }
}

/** First line of a description. */
export function synopsis(description: string | undefined): string {
  return (description ?? "").split("\n")[0] as string;
}

function source(known: KnownPackage): { readonly name: string; readonly version: string } {
  const { record } = known.installed!;
  const value = record.control.get("Source") ?? record.name;
  const match = /^(\S+)\s*\(([^)]*)\)$/.exec(value);
  return { name: match?.[1] ?? value, version: match?.[2] ?? record.version };
}

/** Padded, and cut, to a width; a negative one aligns to the left. */
function fitted(value: string, width: string | undefined): string {
  const columns = Number(width ?? 0);
  if (columns === 0 || Number.isNaN(columns)) return value;
  const cut = value.slice(0, Math.abs(columns));
  return columns < 0 ? cut.padEnd(-columns) : cut.padStart(columns);
}
