/**
 * Why a package is in an image: from what the recipe asks for, relation by relation, to the package. The lock has a reason of every
 * package, the shortest way there; nothing is resolved again.
 */
import type { LockEntry, LockedPackage, LockedUse } from "../config/lock.js";
import { nearest } from "../config/nearest.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";

/** What a package is in the image for. */
export type ImagePart = "packages" | "kernel" | "stub" | "initramfs" | "buildPackages";

/** One reason to be there. */
export interface PackageReason {
  readonly part: ImagePart;
  readonly name: string;
  readonly version: string;
  /** What the recipe says, in words. */
  readonly origin: string;
  /** `<package> <version> Depends <relation>`, from what the recipe says to the package; empty where it says the package itself. */
  readonly chain: readonly string[];
}

/** The reasons of a package, one for each part that has it. @throws AssembleError `lock/unknown-package` */
export function whyPackage(
  name: string,
  { entry, recipe }: { readonly entry: LockEntry; readonly recipe: Recipe },
): readonly PackageReason[] {
  const apart: readonly (readonly [ImagePart, readonly LockedPackage[], string])[] = [
    ["kernel", entry.kernel, `kernel.package ${kernelName(recipe)}`],
    ["stub", entry.stub === undefined ? [] : [entry.stub], "the UEFI stub of the UKI"],
    ["initramfs", entry.initramfs ?? [], "the initramfs that mounts the root"],
  ];
  const reasons = [
    ...chainsOf(name, { part: "packages", uses: entry.packages, below: [], recipe }),
    ...apart.flatMap(([part, rows, origin]) =>
      rows
        .filter((row) => row.name === name)
        .map(({ version }): PackageReason => ({ part, name, version, origin, chain: [] })),
    ),
    ...chainsOf(name, { part: "buildPackages", uses: entry.buildPackages, below: entry.packages, recipe }),
  ];
  if (reasons.length > 0) return reasons;
  const names = [...entry.packages, ...entry.buildPackages].map((use) => use.package.name);
  const near = nearest(name, [...names, ...apart.flatMap(([, rows]) => rows.map((row) => row.name))].sort());
  throw new AssembleError(
    "lock/unknown-package",
    `Cannot say why ${name} is in the image: it is not, the lock has no package of that name`,
    near === undefined ? {} : { hint: `is ${near} meant?` },
  );
}

interface Uses {
  readonly part: "packages" | "buildPackages";
  readonly uses: readonly LockedUse[];
  /** What a chain may also lead through: build packages are added to the image's. */
  readonly below: readonly LockedUse[];
  readonly recipe: Recipe;
}

function chainsOf(name: string, { part, uses, below, recipe }: Uses): readonly PackageReason[] {
  const use = uses.find((one) => one.package.name === name);
  if (use === undefined) return [];
  const byName = new Map([...below, ...uses].map((one) => [one.package.name, one]));
  const chain: string[] = [];
  let at = use;
  for (let by = wantedBy(at); by !== undefined; by = wantedBy(at)) {
    const wanting = byName.get(by);
    // A lock that was edited could lead round in circles.
    if (wanting === undefined || chain.length > byName.size) break;
    chain.unshift(`${by} ${wanting.package.version}${at.why.slice(by.length)}`);
    at = wanting;
  }
  const asked = at.package.name;
  const isBuild = part === "buildPackages" && uses.includes(at);
  const origin = at.why === "base" ? `base: ${recipe.base}` : `${isBuild ? "buildPackages" : "packages"}: ${asked}`;
  return [{ part, name, version: use.package.version, origin, chain }];
}

/** The package that wants it, where one does. */
function wantedBy({ why }: LockedUse): string | undefined {
  return why.includes(" ") ? why.slice(0, why.indexOf(" ")) : undefined;
}

function kernelName({ kernel }: Recipe): string {
  return kernel.source.kind === "package" ? kernel.source.package.text : "";
}

/** The reasons as lines for people. */
export function formatReasons(reasons: readonly PackageReason[]): string {
  const blocks = reasons.map(({ part, name, version, origin, chain }) => {
    const role = part === "packages" ? "" : ` (${part})`;
    return [`${name} ${version}${role}`, `  ${origin}`, ...chain.map((step) => `  ${step}`)].join("\n");
  });
  return blocks.join("\n\n");
}
