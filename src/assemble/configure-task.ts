/**
 * Unpacks and configures packages in a thread of its own: the scripts' garbage goes with it, the caller stays free to be
 * interrupted, and workers can unpack the kernel meanwhile.
 */
import { openUnpacked } from "../apt/deb/open-unpacked.js";
import type { DebPackage } from "../apt/deb/package.js";
import type { RecipeOverride } from "../config/recipe.js";
import { openCache } from "../io/cache.js";
import { cacheDamaged, contentOfFile } from "../io/file-content.js";
import type { SharedLease } from "../io/lease.js";
import { writeStepFile } from "../io/step.js";
import type { Report } from "../io/workers.js";
import { configurePackages } from "../rootfs/configure/configure-packages.js";
import { deserializeTree, serializedPieces, serializeTree } from "../rootfs/tree/serialize-tree.js";
import { cacheFileNames } from "./cache-file-names.js";
import { emulatedCommands } from "./commands.js";

/** What to configure. Plain data: it goes to another thread. */
export interface ConfigureInput {
  readonly cacheDirectory: string;
  readonly lease: SharedLease;
  readonly packages: readonly {
    readonly sha256: string;
    readonly stage: 1 | 2;
    readonly priority: string;
    readonly archiveId: string;
    readonly automatic: boolean;
  }[];
  readonly architecture: string;
  /** Ids of the archives, in order. */
  readonly archives: readonly string[];
  readonly overrides: readonly RecipeOverride[];
  readonly preseeds: readonly string[];
  /** The tree that packages are unpacked over, serialized: contents that lie in files of the host are named by their paths. */
  readonly skeleton: Uint8Array;
  /** The step's file to write; without it the tree comes back as bytes, and nothing of it is left on the disk. */
  readonly output: string | undefined;
}

/** What is reported for each script that ran: `<package> <script>`. */
export type ConfigureReport = string;

/** The task: writes or gives the configured tree, serialized. @throws AssembleError those of the shell and of dpkg's rules */
export function configure(input: ConfigureInput, report: Report): Uint8Array | undefined {
  const cache = openCache({ directory: input.cacheDirectory, shared: input.lease });
  try {
    const openDeb = (sha256: string): DebPackage => {
      const opened = openUnpacked(cache, sha256);
      if (opened === undefined) throw cacheDamaged(sha256);
      return opened;
    };
    const tree = deserializeTree(input.skeleton, {
      openFile: (path, range) => contentOfFile(cache.files, { path, ...range }),
    });
    configurePackages({
      tree,
      packages: input.packages.map(({ sha256, ...row }) => ({ archive: openDeb(sha256), ...row })),
      architecture: input.architecture,
      commands: emulatedCommands,
      archives: input.archives,
      overrides: input.overrides,
      preseeds: input.preseeds,
      onEvent: (event) => {
        if (event.type === "script") report(`${event.run.package} ${event.run.script}` satisfies ConfigureReport);
      },
    });
    const nameFile = cacheFileNames(cache).nameOf;
    if (input.output === undefined) return serializeTree(tree, { nameFile });
    writeStepFile(input.output, serializedPieces(tree, { nameFile }));
    return undefined;
  } finally {
    cache.close();
  }
}
