/**
 * Packages and archives of a recipe.
 */

import type { PackageRequest, RecipeArchive, RecipeExtraArchive } from "./recipe.js";
import { fileOf, listed, missing, type Resolving, refuse } from "./resolving.js";
import type { ImageInput } from "./schema.js";

/** One word of `packages`; the schema has checked its form. */
export function packageRequest(text: string): PackageRequest {
  const match = /^(-?)([^:=/]+)(?::([^=/]+))?(?:=(.+)|\/(.+))?$/.exec(text);
  if (match === null) throw new TypeError(`${text} is no package`);
  const [, minus, name, architecture, version, suite] = match;
  return { text, name: name!, architecture, version, suite, exclude: minus === "-" };
}

/** Of `bar` and `-bar` the later stands, so that a profile can take a package away or bring it back. */
export function packageRequests(texts: readonly string[]): readonly PackageRequest[] {
  const requests: PackageRequest[] = [];
  for (const text of texts) {
    const request = packageRequest(text);
    const sameName = (other: PackageRequest) =>
      other.name === request.name && other.architecture === request.architecture;
    for (let i = requests.length - 1; i >= 0; i--) {
      const other = requests[i]!;
      if (sameName(other) && other.exclude !== request.exclude) requests.splice(i, 1);
    }
    if (!requests.some((other) => other.text === text)) requests.push(request);
  }
  return requests;
}

/** `kernel.package`, `stub` and the like: one package that is wanted. */
export function wantedPackage(resolving: Resolving, path: readonly string[], text: string): PackageRequest {
  const request = packageRequest(text);
  if (request.exclude) throw refuse(resolving, path, { what: `is "${text}", a package to use was wanted` });
  return request;
}

export function resolveArchive(resolving: Resolving, archive: NonNullable<ImageInput["archive"]>): RecipeArchive {
  const { snapshot, mirror = "auto" } = archive;
  if (snapshot !== undefined && !isDay(snapshot)) {
    throw refuse(resolving, ["archive", "snapshot"], { what: `is ${snapshot}, a day that exists was wanted` });
  }
  if (snapshot !== undefined && archive.signedBy !== undefined) {
    throw refuse(resolving, ["archive", "snapshot"], {
      what: "and archive.signedBy are both stated, snapshot.debian.org has only what Debian signed",
      code: "recipe/conflicting-keys",
    });
  }
  return {
    suite: archive.suite!,
    components: listed(archive.components),
    signedBy: archive.signedBy === undefined ? undefined : fileOf(resolving, archive.signedBy),
    snapshot,
    mirror:
      mirror === "auto"
        ? "auto"
        : typeof mirror === "string"
          ? { debian: bare(mirror) }
          : { debian: bare(mirror.debian), security: bare(mirror.security) },
    security: archive.security!,
    updates: archive.updates!,
    extra: listed(archive.extra).map((extra, i) => resolveExtra(resolving, extra, i)),
  };
}

type ExtraInput = { -readonly [Key in keyof RecipeExtraArchive]?: unknown } & {
  readonly uri?: string | undefined;
  readonly suite?: string | undefined;
  readonly components?: Parameters<typeof listed<string>>[0];
  readonly signedBy?: string | undefined;
  readonly packages?: Parameters<typeof listed<string>>[0];
};

function resolveExtra(resolving: Resolving, extra: ExtraInput, index: number): RecipeExtraArchive {
  const at = ["archive", "extra", index];
  if (extra.suite === undefined) throw missing(resolving, [...at, "suite"], "a suite");
  if (extra.uri !== undefined && extra.signedBy === undefined) {
    throw missing(resolving, [...at, "signedBy"], "the key of the archive");
  }
  if (extra.uri === undefined && extra.signedBy !== undefined) {
    throw refuse(resolving, [...at, "signedBy"], {
      what: "is stated without uri, the key of the main archive is archive.signedBy, Debian's own keys are built in",
    });
  }
  return {
    uri: bare(extra.uri),
    suite: extra.suite,
    components: extra.components === undefined ? ["main"] : listed(extra.components),
    signedBy: extra.signedBy === undefined ? undefined : fileOf(resolving, extra.signedBy),
    packages: extra.packages === undefined ? ["*"] : listed(extra.packages),
  };
}

function bare<Url extends string | undefined>(url: Url): Url {
  return url?.replace(/\/+$/, "") as Url;
}

/** 31 February is none. */
function isDay(snapshot: string): boolean {
  const [year, month, day] = [snapshot.slice(0, 4), snapshot.slice(4, 6), snapshot.slice(6, 8)].map(Number);
  return new Date(Date.UTC(year!, month! - 1, day!)).getUTCDate() === day;
}
