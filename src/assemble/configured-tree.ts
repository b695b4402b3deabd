/**
 * The tree with its packages unpacked and configured: a pure function of the lock's packages and the recipe's skeleton, kept in the
 * cache as one step, so that a build with nothing changed configures nothing.
 */
import { join, sep } from "node:path";
import { canonicalJson } from "../config/canonical-json.js";
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { cacheKey } from "../io/cache.js";
import { contentOfFile } from "../io/file-content.js";
import { cachedStep, findStep, type StepKey } from "../io/step.js";
import { deserializeTree, serializeTree } from "../rootfs/tree/serialize-tree.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { openPackages } from "./open-packages.js";
import type { ReadTree } from "./read-trees.js";
import type { Session } from "./session.js";
import { toolVersion } from "./tool-version.js";

/** A configured tree. */
export interface ConfiguredTree {
  readonly tree: Tree;
  /** Digest of everything it was made of. */
  readonly key: string;
}

/** What to configure. */
export interface ConfigureInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly skeleton: readonly ReadTree[];
}

/** Raised when configuring the same packages gives another tree. */
const STEP_VERSION = 1;

/** Configures the packages of a lock's entry, or finds that done in the cache. */
export async function configuredTree(session: Session, input: ConfigureInput): Promise<ConfiguredTree> {
  const { cache } = session;
  const step: StepKey = { name: "configured", version: STEP_VERSION, key: keyOf(input) };
  const known = findStep(cache, step);
  if (known !== undefined) {
    const tree = reviveTree(session, known.read());
    if (tree !== undefined) return { tree, key: step.key };
  }
  const { packages, kernel, stub } = input.entry;
  // Kernel and stub too: all downloads and all decoding in parallel, not one after the other.
  const rows = [...packages.map((use) => use.package), ...kernel, ...(stub === undefined ? [] : [stub])];
  const debs = await openPackages(session, { ...input, rows });
  const tree = await session.stage("configure", async () => {
    // The shell and everything it emulates is only loaded when something is configured.
    const { configureTree } = await import("./configure-tree.js");
    return configureTree(session, { ...input, debs });
  });
  const base = join(cache.root, "deb") + sep;
  const bytes = serializeTree(tree, {
    nameFile: (path) => (path.startsWith(base) ? path.slice(base.length).split(sep).join("/") : undefined),
  });
  // Read back even when it was just made: nothing can depend on whether the cache was cold.
  const content = await cachedStep(cache, step, () => bytes);
  return { tree: reviveTree(session, content.read()) ?? tree, key: step.key };
}

function reviveTree(session: Session, bytes: Uint8Array): Tree | undefined {
  const { cache } = session;
  const paths = new Map<string, string>();
  let missing = false;
  const tree = deserializeTree(bytes, {
    openFile(name, { offset, size, digest }) {
      let path = paths.get(name);
      if (path === undefined) {
        const [entry, ...rest] = name.split("/");
        missing ||= cache.find("deb", entry!) === undefined;
        path = join(cache.root, "deb", entry!, ...rest);
        paths.set(name, path);
      }
      return contentOfFile(cache.files, { path, offset, size, digest });
    },
  });
  return missing ? undefined : tree;
}

function keyOf({ recipe, entry, skeleton }: ConfigureInput): string {
  const packages = entry.packages.map(({ package: row, stage }) => [row.sha256, stage, row.priority, row.archive]);
  const { architecture, debconf, overrides, sourceDateEpoch } = recipe;
  const parts = {
    packages,
    architecture,
    debconf,
    overrides,
    sourceDateEpoch,
    archives: entry.suites.map((suite) => suite.id),
  };
  return cacheKey([toolVersion, canonicalJson(parts), ...skeleton.map((tree) => tree.digest)]);
}
