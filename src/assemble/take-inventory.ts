/**
 * Takes the inventory of an image: its packages as their own control and copyright files describe them, and the recipe's files.
 * Packages are opened one after the other: memory holds what the documents say of them.
 */
import { openUnpacked } from "../apt/deb/open-unpacked.js";
import type { DebPackage } from "../apt/deb/package.js";
import { type Paragraph, parseParagraph } from "../apt/deb822.js";
import { parseRelations } from "../apt/relation.js";
import type { LockEntry, LockedPackage, LockedSuite } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { cacheDamaged } from "../io/file-content.js";
import type { Manifest } from "../report/manifest.js";
import type { Inventory, InventoryPackage, PackageRole, SourcePackage } from "../report/sbom/inventory.js";
import { packageUrl } from "../report/sbom/package-url.js";
import { type ReadLicences, readCopyright } from "../report/sbom/read-copyright.js";
import { satisfyDepends } from "../report/sbom/satisfy-depends.js";
import { unpackPackages } from "./open-packages.js";
import { readRecipeFiles } from "./recipe-files.js";
import type { Session } from "./session.js";
import { toolVersion } from "./tool-version.js";

/** What an inventory is taken of. */
export interface InventoryInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  /** Of the image that was built; absent: only the recipe is described. */
  readonly manifest?: Manifest | undefined;
}

/** Takes an inventory. Packages that the cache lacks are downloaded. @throws AssembleError `sbom/…`, and those of downloading */
export async function takeInventory(session: Session, input: InventoryInput): Promise<Inventory> {
  const { recipe, entry, manifest } = input;
  const groups = groupsOf(entry);
  const rows = [...new Map(groups.flatMap(([, list]) => list.map((row) => [row.sha256, row] as const))).values()];
  await unpackPackages(session, { recipe, entry, rows });
  const read = new Map<string, ReadPackage>();
  const licences = new Map<string, ReadLicences | undefined>();
  const open = (row: LockedPackage): DebPackage => {
    const opened = openUnpacked(session.cache, row.sha256);
    if (opened === undefined) throw cacheDamaged(row.name);
    return opened;
  };
  for (const row of rows) {
    session.signal?.throwIfAborted();
    const deb = open(row);
    read.set(row.sha256, { row, control: controlOf(deb, row) });
    licences.set(row.sha256, licencesOf(deb, { row, rows, open }));
  }
  const dependsOn = new Map<string, Set<string>>();
  for (const [, list] of groups) {
    const closed = list.map(({ name, version, sha256 }) => {
      const { control } = read.get(sha256)!;
      return { name, version, sha256, field: (field: string) => control.get(field) };
    });
    for (const [sha256, found] of satisfyDepends(closed))
      dependsOn.set(sha256, new Set([...(dependsOn.get(sha256) ?? []), ...found]));
  }
  return {
    tool: { name: "tdx-assemble", version: toolVersion },
    name: recipe.outputName,
    version: recipe.version,
    architecture: recipe.architecture,
    sourceDateEpoch: recipe.sourceDateEpoch,
    lockDigest: entry.digest,
    outputs: manifest?.outputs ?? [],
    packages: rows.map((row) =>
      describe(read.get(row.sha256)!, {
        ...input,
        roles: groups.filter(([, list]) => list.some(({ sha256 }) => sha256 === row.sha256)).map(([role]) => role),
        licences: licences.get(row.sha256),
        dependsOn: [...dependsOn.get(row.sha256)!],
      }),
    ),
    files: await readRecipeFiles(recipe),
  };
}

function groupsOf({
  packages,
  kernel,
  stub,
  initramfs = [],
}: LockEntry): (readonly [PackageRole, readonly LockedPackage[]])[] {
  return [
    ["root", packages.map((use) => use.package)],
    ["kernel", kernel],
    ["stub", stub === undefined ? [] : [stub]],
    ["initramfs", initramfs],
  ];
}

interface ReadPackage {
  readonly row: LockedPackage;
  readonly control: Paragraph;
}

function controlOf(deb: DebPackage, { name }: LockedPackage): Paragraph {
  const member = deb.members.get("control");
  return parseParagraph(new TextDecoder().decode(member?.bytes), `the control file of ${name}`);
}

interface Described extends InventoryInput {
  readonly roles: readonly PackageRole[];
  readonly licences: ReadLicences | undefined;
  readonly dependsOn: readonly string[];
}

function describe({ row, control }: ReadPackage, input: Described): InventoryPackage {
  const { recipe, entry, roles, licences, dependsOn } = input;
  const suite = entry.suites.find(({ id }) => id === row.archive);
  const source = (name: string, version: string): SourcePackage => ({
    name,
    version,
    packageUrl: urlOf({ name, version }, "source", suite),
  });
  const [, sourceName, sourceVersion] = /^(\S+)(?:\s+\(([^()\s]+)\))?$/.exec(control.get("Source") ?? "") ?? [];
  const used = (field: string): SourcePackage[] =>
    parseRelations(control.get(field) ?? "").flatMap((group) =>
      group.flatMap(({ name, version }) => (version === undefined ? [] : [source(name, version)])),
    );
  const homepage = control.get("Homepage");
  return {
    ...{ name: row.name, version: row.version, architecture: row.architecture, sha256: row.sha256 },
    fileName: row.path.slice(row.path.lastIndexOf("/") + 1),
    url: snapshotUrl(row, { recipe, suite }),
    packageUrl: urlOf(row, row.architecture, suite),
    roles,
    removed: roles.length === 1 && roles[0] === "root" && recipe.removePackages.includes(row.name),
    isDebian: suite?.archive === "debian" || suite?.archive === "security",
    maintainer: control.get("Maintainer"),
    homepage: homepage !== undefined && URL.canParse(homepage) ? homepage : undefined,
    summary: control.get("Description")?.split("\n")[0],
    source: source(sourceName ?? row.name, sourceVersion ?? row.version),
    builtUsing: used("Built-Using"),
    staticBuiltUsing: used("Static-Built-Using"),
    licences,
    dependsOn,
  };
}

function urlOf(
  { name, version }: { readonly name: string; readonly version: string },
  architecture: string,
  suite: LockedSuite | undefined,
): string {
  return packageUrl({ name, version, architecture, archive: suite?.archive ?? "debian", codename: suite?.codename });
}

/** Certain only where the recipe names a moment of Debian's archive. */
function snapshotUrl(
  row: LockedPackage,
  { recipe, suite }: { readonly recipe: Recipe; readonly suite: LockedSuite | undefined },
): string | undefined {
  const { snapshot } = recipe.archive;
  const archive =
    suite?.archive === "debian" ? "debian" : suite?.archive === "security" ? "debian-security" : undefined;
  if (snapshot === undefined || archive === undefined) return undefined;
  return `https://snapshot.debian.org/archive/${archive}/${snapshot}/${encodeURI(row.path).replaceAll("+", "%2B")}`;
}

interface Packages {
  readonly row: LockedPackage;
  readonly rows: readonly LockedPackage[];
  readonly open: (row: LockedPackage) => DebPackage;
}

const LINKS_MAX = 4;
const COPYRIGHT_BYTES_MAX = 16 << 20;

/** The copyright file may be another package's: its directory, or the file itself, is then a link. */
function licencesOf(deb: DebPackage, { row, rows, open }: Packages): ReadLicences | undefined {
  let place = `/usr/share/doc/${row.name}/copyright`;
  let opened = deb;
  let owner = row.name;
  for (let links = 0; links < LINKS_MAX; links++) {
    const directory = place.slice(0, place.lastIndexOf("/"));
    const entry = opened.entries.find(({ path }) => path === `.${place}`);
    const content = entry?.content;
    if (content !== undefined) return content.size > COPYRIGHT_BYTES_MAX ? undefined : readCopyright(content.read());
    const linked = entry ?? opened.entries.find(({ path, type }) => path === `.${directory}` && type === "symlink");
    if (linked?.linkTarget === undefined) return undefined;
    const base = entry === undefined ? directory : place;
    place = new URL(linked.linkTarget, `file://${base}`).pathname + (entry === undefined ? "/copyright" : "");
    owner = /^\/usr\/share\/doc\/([^/]+)\//.exec(place)?.[1] ?? owner;
    const other = rows.find(({ name }) => name === owner);
    if (other === undefined) return undefined;
    opened = open(other);
  }
  return undefined;
}
