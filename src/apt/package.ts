/**
 * One version of one package: its control fields, as an index or a .deb states them.
 *
 * Specification: Debian Policy §5.3, deb-control(5), and the fields that a repository adds (Filename, Size, SHA256).
 */
import { AssembleError } from "../errors/assemble-error.js";
import type { Paragraph } from "./deb822.js";
import {
  type Alternative,
  type Provide,
  parseProvides,
  parseRelations,
  type RelationContext,
  type RelationGroup,
} from "./relation.js";

/** The fields that relate a package to others, in the order in which apt lists them. */
export const RELATION_FIELDS = [
  "Pre-Depends",
  "Depends",
  "Suggests",
  "Recommends",
  "Conflicts",
  "Breaks",
  "Replaces",
  "Enhances",
] as const;
export type RelationField = (typeof RELATION_FIELDS)[number];

export type MultiArch = "no" | "same" | "foreign" | "allowed";

/** One version of one package. Relations are parsed when they are first asked for. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** The name of its source package. */
  readonly source: string;
  /** `all` or the native architecture. */
  readonly architecture: string;
  /** The archive it comes from: an id chosen by the caller; empty for a record made from a .deb. */
  readonly archive: string;
  /** Filename inside the archive; empty for a record made from a .deb. */
  readonly path: string;
  /** Size of the .deb in bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** As this source states it: an index's priority can differ from the .deb's and decides the order of configuring. */
  readonly priority: string;
  readonly essential: boolean;
  readonly multiArch: MultiArch;
  readonly provides: readonly Provide[];
  /** The groups of a relation field; empty where the field is not there. @throws AssembleError `apt/relation-invalid` */
  relations(field: RelationField): readonly RelationGroup[];
  /** All control fields, as byte strings. */
  readonly control: Paragraph;
}

/** What a record's control data does not say. */
export interface RecordSource {
  readonly archive?: string;
  /** Overrides the control data's priority: a lock keeps the index's. */
  readonly priority?: string;
  /** See `RelationContext.known`. */
  readonly known?: Map<string, Alternative>;
}

/** A record of a paragraph: of an index's, or of the `control` of a .deb. @throws AssembleError `apt/control-invalid` */
export function packageRecord(control: Paragraph, source: RecordSource = {}): PackageRecord {
  return new ControlRecord(control, source);
}

class ControlRecord implements PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly archive: string;
  readonly priority: string;
  readonly control: Paragraph;
  readonly #relations = new Map<RelationField, readonly RelationGroup[]>();
  readonly #known: Map<string, Alternative> | undefined;
  #provides: readonly Provide[] | undefined;

  constructor(control: Paragraph, source: RecordSource) {
    this.control = control;
    this.archive = source.archive ?? "";
    this.#known = source.known;
    this.name = this.#required("Package");
    this.version = this.#required("Version");
    this.architecture = this.#required("Architecture");
    this.priority = source.priority ?? control.get("Priority") ?? "";
  }

  get source(): string {
    return /^\S+/.exec(this.control.get("Source") ?? "")?.[0] ?? this.name;
  }

  get path(): string {
    return this.control.get("Filename") ?? "";
  }

  get size(): number {
    return Number(this.control.get("Size") ?? 0);
  }

  get sha256(): string {
    return (this.control.get("SHA256") ?? "").toLowerCase();
  }

  get essential(): boolean {
    return this.control.get("Essential") === "yes";
  }

  get multiArch(): MultiArch {
    const value = this.control.get("Multi-Arch");
    return value === "same" || value === "foreign" || value === "allowed" ? value : "no";
  }

  get provides(): readonly Provide[] {
    this.#provides ??= parseProvides(this.control.get("Provides") ?? "", this.#context("Provides"));
    return this.#provides;
  }

  relations(field: RelationField): readonly RelationGroup[] {
    let groups = this.#relations.get(field);
    if (groups === undefined) {
      const value = this.control.get(field);
      groups = value === undefined ? [] : parseRelations(value, this.#context(field));
      this.#relations.set(field, groups);
    }
    return groups;
  }

  #context(field: string): RelationContext {
    const architecture = this.architecture === "all" ? undefined : this.architecture;
    return { architecture, where: `${this.name} ${this.version}, field ${field}`, known: this.#known };
  }

  #required(field: string): string {
    const value = this.control.get(field);
    if (value !== undefined && value !== "") return value;
    const name = this.control.get("Package") ?? "a package";
    throw new AssembleError("apt/control-invalid", `Cannot read the record of ${name}: it has no ${field}`);
  }
}
