/**
 * The tree with its packages unpacked and configured: a pure function of the lock's packages and the recipe's skeleton, kept in the
 * cache as one step, so that a build with nothing changed configures nothing.
 */
import { dirname, join } from "node:path";
import { contentOfBytes, type FileContent } from "../bytes/content.js";
import { canonicalJson } from "../config/canonical-json.js";
import { isAutomatic, type LockEntry } from "../config/lock.js";
import { hasSecret, type Recipe } from "../config/recipe.js";
import { cacheKey } from "../io/cache.js";
import { cacheDamaged, contentOfFile } from "../io/file-content.js";
import { findStep, type StepKey, writtenStep } from "../io/step.js";
import { defineTask } from "../io/workers.js";
import { deserializeTree, serializeTree } from "../rootfs/tree/serialize-tree.js";
import { Tree } from "../rootfs/tree/tree.js";
import { cacheFileNames } from "./cache-file-names.js";
import type { ConfigureInput, ConfigureReport } from "./configure-task.js";
import { unpackPackages } from "./open-packages.js";
import { applyTrees, type ReadTree } from "./read-trees.js";
import type { Session } from "./session.js";
import { toolVersion } from "./tool-version.js";

/** What to configure. */
export interface ConfiguredTreeInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly skeleton: readonly ReadTree[];
}

/** By its URL: this thread never loads the shell and all that it emulates. */
const configureTask = defineTask<ConfigureInput, Uint8Array | undefined>(
  new URL("./configure-task.js", import.meta.url).href,
  "configure",
);

/** Raised when configuring the same packages gives another tree. */
const STEP_VERSION = 6;

/** Configures the packages of a lock's entry, or finds that done in the cache. */
export async function configuredTree(session: Session, input: ConfiguredTreeInput): Promise<Tree> {
  const { cache } = session;
  const step: StepKey = { name: "configured", version: STEP_VERSION, key: keyOf(input) };
  const known = findStep(cache, step);
  const revived = known === undefined ? undefined : reviveTree(session, known);
  if (revived !== undefined) return revived;
  const { packages, kernel, stub, initramfs = [] } = input.entry;
  // Kernel, stub and initramfs too: all downloads at once, and workers decode these while the packages are configured.
  await unpackPackages(session, {
    ...input,
    rows: packages.map((use) => use.package),
    ahead: [...kernel, ...(stub === undefined ? [] : [stub]), ...initramfs],
  });
  // What a template made of a secret must not stay behind.
  const mayKeep = input.skeleton.length === 0 || !hasSecret(input.recipe);
  const content = await session.stage("configure", async () => {
    if (!mayKeep) return contentOfBytes((await configure(session, input, undefined))!);
    return writtenStep(cache, step, async (path) => void (await configure(session, input, path)));
  });
  // Read back even when it was just made: nothing can depend on whether the cache was cold.
  const tree = reviveTree(session, content);
  if (tree === undefined) throw cacheDamaged(join(cache.root, "deb"));
  return tree;
}

async function configure(
  session: Session,
  { recipe, entry, skeleton }: ConfiguredTreeInput,
  output: string | undefined,
): Promise<Uint8Array | undefined> {
  const tree = new Tree({ epoch: recipe.sourceDateEpoch });
  applyTrees(tree, skeleton);
  let done = 0;
  return session.workers.runApart(
    configureTask,
    {
      cacheDirectory: dirname(session.cache.root),
      lease: session.cache.shared,
      packages: entry.packages.map(({ package: row, stage, why }) => ({
        sha256: row.sha256,
        stage,
        priority: row.priority,
        archiveId: row.archive,
        automatic: isAutomatic({ stage, why }),
      })),
      architecture: recipe.architecture,
      archives: entry.suites.map((suite) => suite.id),
      overrides: recipe.overrides,
      preseeds: recipe.debconf,
      skeleton: serializeTree(tree, { nameFile: (path) => path }),
      output,
    },
    (item) =>
      session.onEvent?.({
        type: "progress",
        stage: "configure",
        done: ++done,
        unit: "packages",
        item: item as ConfigureReport,
      }),
  );
}

/** The tree of a step's result; undefined when a package that it refers to has left the cache. */
function reviveTree(session: Session, content: FileContent): Tree | undefined {
  const { cache } = session;
  const names = cacheFileNames(cache);
  const { location } = content;
  let missing = false;
  const tree = deserializeTree(content, {
    ...(location === undefined
      ? {}
      : {
          openOwn: ({ offset, size, digest }) =>
            contentOfFile(cache.files, { path: location.path, offset: location.offset + offset, size, digest }),
        }),
    openFile(name, range) {
      const path = names.pathOf(name);
      missing ||= path === undefined;
      return contentOfFile(cache.files, { path: path ?? "", ...range });
    },
  });
  return missing ? undefined : tree;
}

function keyOf({ recipe, entry, skeleton }: ConfiguredTreeInput): string {
  const packages = entry.packages.map(({ package: row, stage, why }) => [
    row.sha256,
    stage,
    row.priority,
    row.archive,
    isAutomatic({ stage, why }),
  ]);
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
