/**
 * The manifest: what went into an image and what came out, without time, host, path or cache state, so that it is reproducible
 * itself (contract §4).
 */
import { canonicalJson } from "../config/canonical-json.js";
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { shippedOverrides } from "../rootfs/helpers/single/left-out.js";

/** One file that came out. */
export interface ManifestOutput {
  /** File name. */
  readonly name: string;
  readonly format: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The whole manifest. */
export interface Manifest {
  readonly schema: 1;
  readonly tool: { readonly name: "tdx-assemble"; readonly version: string };
  readonly image: string;
  readonly version?: string;
  readonly profiles: readonly string[];
  readonly architecture: string;
  readonly sourceDateEpoch: number;
  readonly seed: string;
  /** The recipe's lock digest (contract §2). */
  readonly lockDigest: string;
  readonly suites: readonly { readonly id: string; readonly date: string; readonly sha256: string }[];
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly sha256: string;
    readonly role: "root" | "kernel" | "stub" | "initramfs";
  }[];
  readonly overrides: readonly {
    readonly package: string;
    readonly script: string;
    readonly sha256: string;
    readonly reason: string;
  }[];
  /** What the packages' programs are not asked to make: artefacts that are left for the first boot. */
  readonly leftOut: readonly {
    readonly package: string;
    readonly program: string;
    readonly paths: readonly string[];
    readonly reason: string;
  }[];
  /** Names of variables that were taken from the host, with their values unless they are secret. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly kernel: { readonly release: string; readonly commandLine: string };
  /**
   * Bytes of memory to boot with: twice the unpacked root, the UKI, and 64 MiB. For a root that is a file system: twice the unpacked
   * initramfs, the UKI, and 256 MiB.
   */
  readonly leastMemoryBytes: number;
  readonly rootBytes: number;
  readonly rootEntries: number;
  readonly outputs: readonly ManifestOutput[];
}

/** What a manifest is made of. */
export interface ManifestInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly toolVersion: string;
  readonly kernelRelease: string;
  readonly commandLine: string;
  readonly rootBytes: number;
  readonly rootEntries: number;
  readonly ukiBytes: number;
  /** Of the initramfs, not compressed. */
  readonly initramfsBytes: number;
  readonly outputs: readonly ManifestOutput[];
}

const BASE_MEMORY = 64 << 20;
/** With a root that is a file system: for its pages, and what is written above it. */
const FILE_SYSTEM_MEMORY = 256 << 20;

/** Makes a manifest. */
export function makeManifest(input: ManifestInput): Manifest {
  const { recipe, entry } = input;
  const row = (role: "root" | "kernel" | "stub" | "initramfs") => (one: LockEntry["kernel"][number]) => ({
    name: one.name,
    version: one.version,
    architecture: one.architecture,
    sha256: one.sha256,
    role,
  });
  const fromHost = Object.entries(recipe.environment)
    .filter(([, variable]) => variable.fromHost)
    .map(([name, variable]) => [name, variable.secret ? null : (variable.value ?? "")] as const);
  return {
    schema: 1,
    tool: { name: "tdx-assemble", version: input.toolVersion },
    image: recipe.image,
    ...(recipe.version === undefined ? {} : { version: recipe.version }),
    profiles: recipe.profiles,
    architecture: recipe.architecture,
    sourceDateEpoch: recipe.sourceDateEpoch,
    seed: recipe.seed,
    lockDigest: entry.digest,
    suites: entry.suites.map(({ id, date, sha256 }) => ({ id, date, sha256 })),
    packages: [
      ...entry.packages.map((use) => row("root")(use.package)),
      ...entry.kernel.map(row("kernel")),
      ...(entry.stub === undefined ? [] : [row("stub")(entry.stub)]),
      ...(entry.initramfs ?? []).map(row("initramfs")),
    ],
    overrides: recipe.overrides.map(({ package: name, script, sha256, reason }) => ({
      package: name,
      script,
      sha256,
      reason,
    })),
    leftOut: shippedOverrides
      .filter((one) => entry.packages.some((use) => use.package.name === one.package))
      .map(({ package: name, program, paths, reason }) => ({ package: name, program, paths, reason })),
    environment: Object.fromEntries(fromHost),
    kernel: { release: input.kernelRelease, commandLine: input.commandLine },
    leastMemoryBytes:
      recipe.root.format === "initramfs"
        ? 2 * input.rootBytes + input.ukiBytes + BASE_MEMORY
        : 2 * input.initramfsBytes + input.ukiBytes + FILE_SYSTEM_MEMORY,
    rootBytes: input.rootBytes,
    rootEntries: input.rootEntries,
    outputs: input.outputs,
  };
}

/** The text of a manifest: canonical JSON, indented, with a newline at the end. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(manifest)), undefined, 2)}\n`;
}
