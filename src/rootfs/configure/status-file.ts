/**
 * /var/lib/dpkg/status: what is installed, in dpkg's own order of fields and spelling of relations.
 *
 * Specification: deb-control(5), dpkg(1); the order of the fields and the white space are as dpkg 1.22 writes them
 * (test/heavy compares the whole file with mmdebstrap's).
 */
import type { PackageRecord } from "../../apt/package.js";
import { formatAlternative, parseRelations } from "../../apt/relation.js";
import { splitVersion } from "../../apt/version.js";
import type { Conffile, DpkgDatabase, InstalledPackage } from "../unpack/dpkg-database.js";

type FieldForm =
  | "text"
  | "relations"
  | "version"
  | "status"
  | "yes"
  | "multi-arch"
  | "conffiles"
  | "pending"
  | "awaited";

/** The fields dpkg knows, in its order; all others follow in the order of the control file. */
const FIELDS: readonly (readonly [name: string, form: FieldForm])[] = [
  ["Package", "text"],
  ["Essential", "yes"],
  ["Protected", "yes"],
  ["Status", "status"],
  ["Priority", "text"],
  ["Section", "text"],
  ["Installed-Size", "text"],
  ["Origin", "text"],
  ["Maintainer", "text"],
  ["Bugs", "text"],
  ["Architecture", "text"],
  ["Multi-Arch", "multi-arch"],
  ["Source", "text"],
  ["Version", "version"],
  ["Config-Version", "version"],
  ["Replaces", "relations"],
  ["Provides", "relations"],
  ["Depends", "relations"],
  ["Pre-Depends", "relations"],
  ["Recommends", "relations"],
  ["Suggests", "relations"],
  ["Breaks", "relations"],
  ["Conflicts", "relations"],
  ["Enhances", "relations"],
  ["Conffiles", "conffiles"],
  ["Filename", "text"],
  ["Size", "text"],
  ["MD5sum", "text"],
  ["Description", "text"],
  ["Triggers-Pending", "pending"],
  ["Triggers-Awaited", "awaited"],
];
const KNOWN: ReadonlyMap<string, FieldForm> = new Map(FIELDS.map(([name, form]) => [name.toLowerCase(), form]));

const FILE = "/var/lib/dpkg/status";

/** Writes the file, over and over as dpkg does: a stanza is only made anew when its package has changed. */
export class StatusFile {
  readonly #database: DpkgDatabase;
  readonly #stanzas = new Map<InstalledPackage, { readonly state: string; readonly text: string }>();

  constructor(database: DpkgDatabase) {
    this.#database = database;
  }

  write(): void {
    const text = this.#database.sorted().map((entry) => `${this.#stanza(entry)}\n`);
    this.#database.tree.write(FILE, text.join(""), { mode: 0o644, uid: 0, gid: 0 });
  }

  #stanza(entry: InstalledPackage): string {
    const { status, pending, awaited } = this.#database.state.packages.get(entry.record.name) ?? {};
    const state = JSON.stringify([status, pending, awaited, entry.conffiles]);
    const known = this.#stanzas.get(entry);
    if (known?.state === state) return known.text;
    const text = formatStanza(this.#database, entry);
    this.#stanzas.set(entry, { state, text });
    return text;
  }
}

/** One package's stanza, with the newline of its last line. */
export function formatStanza(database: DpkgDatabase, entry: InstalledPackage): string {
  let text = "";
  for (const [name, form] of FIELDS) {
    const value = formValue(database, entry, { name, form });
    if (value !== undefined) text += `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`;
  }
  for (const [name, value] of entry.record.control.entries())
    if (!KNOWN.has(name.toLowerCase())) text += `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`;
  return text;
}

/** The value of a field as dpkg writes it, or undefined where it writes none. The name may be in any case. */
export function fieldValue(database: DpkgDatabase, entry: InstalledPackage, name: string): string | undefined {
  const form = KNOWN.get(name.toLowerCase());
  return form === undefined ? entry.record.control.get(name) : formValue(database, entry, { name, form });
}

function formValue(
  database: DpkgDatabase,
  entry: InstalledPackage,
  field: { readonly name: string; readonly form: FieldForm },
): string | undefined {
  switch (field.form) {
    case "status":
      return `install ok ${statusOf(database, entry)}`;
    case "conffiles":
      return entry.conffiles.length === 0 ? undefined : entry.conffiles.map(formatConffile).join("");
    case "pending":
      return joined(database.state.packages.get(entry.record.name)?.pending);
    case "awaited":
      return joined(database.state.packages.get(entry.record.name)?.awaited);
    default: {
      const value = entry.record.control.get(field.name);
      return value === undefined || value === "" ? undefined : normalValue(field.form, value, entry.record);
    }
  }
}

/** A package's state in dpkg's words. */
export function statusOf(database: DpkgDatabase, entry: InstalledPackage): string {
  return database.state.packages.get(entry.record.name)?.status ?? "not-installed";
}

/** A version as dpkg prints it: without an epoch of 0 unless a colon follows. */
export function describeVersion(version: string): string {
  const { epoch, upstream, revision } = splitVersion(version);
  const rest = revision === "" ? upstream : `${upstream}-${revision}`;
  return epoch === 0 && !rest.includes(":") ? rest : `${epoch}:${rest}`;
}

function normalValue(form: FieldForm, value: string, record: PackageRecord): string | undefined {
  switch (form) {
    case "yes":
      return value === "yes" ? value : undefined;
    case "multi-arch":
      return value === "no" ? undefined : value;
    case "version":
      return describeVersion(value);
    case "relations":
      return normalRelations(value, record);
    default:
      return value;
  }
}

function normalRelations(value: string, record: PackageRecord): string {
  const groups = parseRelations(value, {
    where: `${record.name} ${record.version}`,
    architecture: record.architecture === "all" ? undefined : record.architecture,
  });
  return groups
    .map((group) =>
      group
        .map((alternative) => {
          const { version } = alternative;
          return formatAlternative(
            version === undefined ? alternative : { ...alternative, version: describeVersion(version) },
          );
        })
        .join(" | "),
    )
    .join(", ");
}

function formatConffile(conffile: Conffile): string {
  return `\n ${conffile.path} ${conffile.hash}${conffile.removeOnUpgrade ? " remove-on-upgrade" : ""}`;
}

function joined(words: readonly string[] | undefined): string | undefined {
  return words === undefined || words.length === 0 ? undefined : words.join(" ");
}
