/**
 * Packages that were added, removed or changed: out of two manifests, or two dpkg status files.
 */
import { parseParagraphs } from "../../apt/deb822.js";
import { byteStringToText } from "../../bytes/content.js";
import type { Manifest } from "../manifest.js";
import type { Difference, Where } from "./difference.js";

/** A package as far as it is compared. */
interface Row {
  readonly version: string;
  readonly sha256?: string;
}

/** Differences between two manifests: the packages, and what else went into the images. */
export function* diffManifests(where: Where, left: Manifest, right: Manifest): Generator<Difference> {
  for (const name of [
    "tool",
    "architecture",
    "sourceDateEpoch",
    "seed",
    "profiles",
    "overrides",
    "environment",
  ] as const)
    if (JSON.stringify(left[name]) !== JSON.stringify(right[name]))
      yield {
        where: [...where, name],
        kind: "field",
        left: JSON.stringify(left[name]) ?? "",
        right: JSON.stringify(right[name]) ?? "",
      };
  yield* diffRows(where, rowsOf(left), rowsOf(right));
}

/** Differences between two dpkg status files. */
export function* diffStatus(where: Where, left: string, right: string): Generator<Difference> {
  yield* diffRows(where, statusRows(left), statusRows(right));
}

function* diffRows(
  where: Where,
  left: ReadonlyMap<string, Row>,
  right: ReadonlyMap<string, Row>,
): Generator<Difference> {
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [a, b] = [left.get(name), right.get(name)];
    const place = [...where, "packages"];
    const shown = (row: Row | undefined): string => (row === undefined ? "" : `${name} ${row.version}`);
    if (a?.version !== b?.version) yield { where: place, kind: "package", left: shown(a), right: shown(b) };
    else if (a?.sha256 !== b?.sha256)
      yield { where: place, kind: "package", left: `${shown(a)} sha256 ${a?.sha256}`, right: `sha256 ${b?.sha256}` };
  }
}

function rowsOf(manifest: Manifest): Map<string, Row> {
  return new Map(
    manifest.packages.map(({ name, architecture, role, version, sha256 }) => [
      `${name}:${architecture}${role === "root" ? "" : ` (${role})`}`,
      { version, sha256 },
    ]),
  );
}

function statusRows(text: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const paragraph of parseParagraphs(text, "status")) {
    const name = paragraph.get("Package");
    const status = paragraph.get("Status") ?? "";
    if (name === undefined || !status.endsWith(" installed")) continue;
    rows.set(`${byteStringToText(name)}:${paragraph.get("Architecture") ?? ""}`, {
      version: paragraph.get("Version") ?? "",
    });
  }
  return rows;
}
