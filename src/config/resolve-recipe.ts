/**
 * Merged data → `Recipe`: defaults, types, and what belongs together across keys.
 */

import { defaultKernelPackage, defaults } from "./defaults.js";
import { defaultSeed } from "./ids.js";
import { mergeNodes } from "./merge.js";
import { type MapNode, nodeOf, plainOf, type RecipeNode } from "./node.js";
import { type KeyPath, type Origin, pointerOf } from "./origin.js";
import type { Recipe } from "./recipe.js";
import {
  resolveGroups,
  resolveOverrides,
  resolvePermissions,
  resolveScripts,
  resolveTrees,
  resolveUsers,
  trim,
} from "./resolve-content.js";
import { resolveDisk, resolveInitrd, resolveKernel, resolveRoot, resolveStub } from "./resolve-kernel.js";
import { packageRequests, resolveArchive } from "./resolve-packages.js";
import { resolveEnvironment, resolveEpoch, resolveSigner, resolveSources } from "./resolve-sources.js";
import { type Environment, fileOf, listed, missing, type Resolving, refuse } from "./resolving.js";
import type { ImageInput } from "./schema.js";

/** What the recipe was read from. */
export interface ResolveOptions {
  readonly file?: string | undefined;
  readonly directory: string;
  readonly stem: string;
  readonly profiles: readonly string[];
  readonly environment: Environment;
}

type Whole = ImageInput & { readonly [Key in keyof typeof defaults | "seed"]: NonNullable<ImageInput[Key]> };

/** The recipe that `merged` (profiles laid on, `include` and `profiles` gone) stands for. */
export function resolveRecipe(merged: MapNode, options: ResolveOptions): Recipe {
  const { directory, environment, profiles } = options;
  const root = fillDefaults(merged);
  const resolving: Resolving = { root, directory, environment };
  const plain = plainOf(root) as Whole;
  if (plain.image === undefined) throw missing(resolving, ["image"], "a name for the image");
  const outputName = [[plain.image, plain.version].filter((part) => part !== undefined).join("_"), ...profiles].join(
    "+",
  );
  // The longest ending is `.measurements.json.<random>` of a file written aside; file systems allow 255 bytes.
  if (outputName.length > 200) {
    throw refuse(resolving, ["image"], {
      what: `makes an output name of ${outputName.length} bytes, at most 200 were wanted`,
    });
  }
  const { measure, secureBoot, pcrSigning } = plain;
  return {
    image: plain.image,
    version: plain.version,
    profiles,
    outputName,
    architecture: plain.architecture,
    hostname: plain.hostname,
    timezone: plain.timezone,
    locale: plain.locale,
    rootPasswordHash: plain.rootPassword?.hash,
    archive: resolveArchive(resolving, plain.archive),
    base: plain.base,
    packages: packageRequests(listed(plain.packages)),
    installRecommends: plain.installRecommends,
    buildPackages: packageRequests(listed(plain.buildPackages)),
    debconf: listed(plain.debconf),
    overrides: resolveOverrides(resolving, plain.overrides),
    skeletonTrees: resolveTrees(resolving, plain.skeletonTrees),
    extraTrees: resolveTrees(resolving, plain.extraTrees),
    templates: plain.templates === undefined ? undefined : { data: fileOf(resolving, plain.templates.data) },
    groups: resolveGroups(resolving, plain.groups),
    users: resolveUsers(resolving, plain.users),
    services: {
      enable: listed(plain.services.enable),
      disable: listed(plain.services.disable),
      mask: listed(plain.services.mask),
    },
    permissions: resolvePermissions(resolving, plain.permissions),
    scripts: resolveScripts(resolving, plain.scripts),
    sources: resolveSources(resolving, plain.sources),
    kernel: resolveKernel(resolving, plain.kernel),
    stub: resolveStub(resolving, plain.stub),
    root: resolveRoot(resolving, plain.root),
    initrd: resolveInitrd(resolving, plain.initrd),
    disk: resolveDisk(plain.disk),
    removePackages: listed(plain.removePackages),
    cleanPackageMetadata: plain.cleanPackageMetadata,
    removeFiles: listed(plain.removeFiles).map(trim),
    sourceDateEpoch: resolveEpoch(resolving, plain.sourceDateEpoch),
    seed: plain.seed.toLowerCase(),
    environment: resolveEnvironment(resolving, plain.environment),
    outputs: outputsOf(resolving, plain),
    measure: measure === false ? undefined : { allow: measure === true ? [] : listed(measure.allow) },
    secureBoot: secureBoot === undefined ? undefined : resolveSigner(resolving, "secureBoot", secureBoot),
    pcrSigning:
      pcrSigning === undefined
        ? undefined
        : { ...resolveSigner(resolving, "pcrSigning", pcrSigning), phases: listed(pcrSigning.phases) },
    provenance: {
      file: options.file,
      directory,
      stem: options.stem,
      merged: withoutSecrets(plain),
      origins: Object.fromEntries(originsOf(merged, [])),
    },
  };
}

/** The merged data is printed: a default of a secret must not be. */
function withoutSecrets(plain: Whole): unknown {
  const environment = Object.entries(plain.environment).map(([name, stated]) => {
    const hidden = typeof stated !== "string" && stated.secret === true && stated.default !== undefined;
    return [name, hidden ? { ...stated, default: "<secret>" } : stated];
  });
  return { ...plain, environment: Object.fromEntries(environment) };
}

function outputsOf(resolving: Resolving, plain: Whole): Recipe["outputs"] {
  const outputs = [...new Set(listed(plain.outputs))];
  if (outputs.length === 0) throw refuse(resolving, ["outputs"], { what: "is empty, at least one output was wanted" });
  return outputs;
}

/** Defaults only where nothing is stated: lists do not append to them. */
function fillDefaults(merged: MapNode): MapNode {
  const origin: Origin = { file: "default" };
  const under = nodeOf(defaultsFor(merged), origin) as MapNode;
  const emptied = (node: RecipeNode, over: RecipeNode | undefined): RecipeNode => {
    if (node.kind === "list" && over !== undefined) return { ...node, items: [] };
    if (node.kind !== "map" || over?.kind !== "map") return node;
    return {
      ...node,
      entries: new Map([...node.entries].map(([key, value]) => [key, emptied(value, over.entries.get(key))])),
    };
  };
  const filled = mergeNodes(emptied(under, merged), merged) as MapNode;
  return { ...filled, origin: merged.origin };
}

/** Also the defaults that depend on what is stated. */
function defaultsFor(merged: MapNode): ImageInput {
  const image = merged.entries.get("image");
  const kernel = merged.entries.get("kernel");
  const seed = image?.kind === "scalar" ? { seed: defaultSeed(String(image.value)) } : {};
  // Without an image a version or modulesFrom is refused later, beside the key.
  const hasKernel = kernel?.kind === "map" && ["package", "image", "build"].some((key) => kernel.entries.has(key));
  if (hasKernel) return { ...defaults, ...seed };
  return { ...defaults, ...seed, kernel: { package: defaultKernelPackage, ...defaults.kernel } };
}

/** Scalars and lists have the place of the value, objects that of the key that holds them. */
function* originsOf(node: RecipeNode, path: KeyPath): Generator<[string, Origin]> {
  if (path.length > 0) yield [pointerOf(path), node.origin];
  if (node.kind === "list") {
    for (const [i, item] of node.items.entries()) yield* originsOf(item, [...path, i]);
  } else if (node.kind === "map") {
    for (const [key, value] of node.entries) yield* originsOf(value, [...path, key]);
  }
}
