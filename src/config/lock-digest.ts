/**
 * The digest by which a lock knows that it belongs to a recipe (contract §2): of what decides the resolution, and of
 * nothing else, so that a change of a script or of the command line leaves the lock alone.
 */

import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.js";
import type { PackageRequest, Recipe } from "./recipe.js";
import type { RecipeSource } from "./recipe-parts.js";
import { rootPackageNames } from "./root-packages.js";

/** Lower-case hex sha256 of the canonical JSON of what the lock depends on. */
export function lockDigest(recipe: Recipe): string {
  return createHash("sha256")
    .update(canonicalJson(lockedInputs(recipe)), "utf8")
    .digest("hex");
}

/** The part of a recipe that decides what a lock holds, with no path of this host in it. */
export function lockedInputs(recipe: Recipe): unknown {
  const { mirror: _, extra, signedBy: key, ...archive } = recipe.archive;
  const { source } = recipe.kernel;
  const initramfs = rootPackageNames(recipe);
  return {
    architecture: recipe.architecture,
    archive: {
      ...archive,
      signedBy: key?.name,
      extra: extra.map(({ signedBy, ...rest }) => ({ ...rest, signedBy: signedBy?.name })),
    },
    base: recipe.base,
    packages: texts(recipe.packages),
    buildPackages: texts(recipe.buildPackages),
    installRecommends: recipe.installRecommends,
    kernel: {
      package: source.kind === "package" ? source.package.text : undefined,
      build: source.kind === "build" ? { source: source.source.text } : undefined,
    },
    stub: "package" in recipe.stub ? { package: recipe.stub.package.text } : { file: recipe.stub.file.name },
    initramfs: initramfs.length === 0 ? undefined : initramfs,
    sources: recipe.sources.map(sourceInputs),
  };
}

function texts(requests: readonly PackageRequest[]): readonly string[] {
  return requests.map((request) => request.text);
}

/** The name of a ready binary's variable counts, what the host says does not. */
function sourceInputs({ origin, binary, ...rest }: RecipeSource): unknown {
  return {
    ...rest,
    origin: origin?.kind === "path" ? { kind: "path", path: origin.path.name } : origin,
    binary: binary?.name,
  };
}
