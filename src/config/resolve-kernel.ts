/**
 * Kernel, stub, root, compression and disk of a recipe.
 */

import { isStubFile } from "./host-paths.js";
import { originAt } from "./node.js";
import type { KeyPath } from "./origin.js";
import type { CompressionType, Recipe, RecipeCompression } from "./recipe.js";
import type { RecipeDisk, RecipeKernel, RecipeKernelSource, RecipeRoot } from "./recipe-parts.js";
import { wantedPackage } from "./resolve-packages.js";
import { fileOf, listed, missing, type Resolving, refuse, sizeBytes } from "./resolving.js";
import type { ImageInput } from "./schema.js";
import { invalidValue } from "./validate.js";

/** x86 boot protocol: COMMAND_LINE_SIZE is 2048 with the terminating NUL. */
const maximumCommandLineBytes = 2047;

type Plain<Key extends keyof ImageInput> = NonNullable<ImageInput[Key]>;

export function resolveKernel(resolving: Resolving, kernel: Plain<"kernel">): RecipeKernel {
  const modules = kernel.modules ?? [];
  return {
    source: kernelSource(resolving, kernel),
    modules: modules === "all" ? "all" : [...new Set(listed(modules))],
    load: [...new Set(listed(kernel.load))],
    commandLine: commandLine(resolving, listed(kernel.commandLine)),
  };
}

export function resolveStub(resolving: Resolving, stub: string): Recipe["stub"] {
  if (isStubFile(stub)) return { file: fileOf(resolving, stub) };
  if (!/^[a-z0-9][a-z0-9+.-]*(=[0-9A-Za-z.+:~*?-]+|\/[A-Za-z0-9._-]+)?$/.test(stub)) {
    throw refuse(resolving, ["stub"], {
      what: `is ${JSON.stringify(stub)}, a package or a file was wanted`,
      hint: "a file starts with ./ or ends in .stub or .efi",
    });
  }
  return { package: wantedPackage(resolving, ["stub"], stub) };
}

export function resolveRoot(resolving: Resolving, root: Plain<"root">): RecipeRoot {
  return {
    format: root.format!,
    location: root.location!,
    verity: root.verity!,
    overlay: root.overlay!,
    sizeBytes: root.size === undefined ? undefined : sizeBytes(root.size),
    compression: resolveCompression(resolving, ["root", "compression"], { zstd: 15, given: root.compression }),
  };
}

export function resolveInitrd(resolving: Resolving, initrd: Plain<"initrd">): Recipe["initrd"] {
  return {
    compression: resolveCompression(resolving, ["initrd", "compression"], { zstd: 19, given: initrd.compression }),
  };
}

export function resolveDisk(disk: Plain<"disk">): RecipeDisk {
  const sizeOf = (size: string | number | undefined) =>
    size === undefined || size === "auto" ? "auto" : sizeBytes(size);
  return {
    sizeBytes: sizeOf(disk.size),
    espSizeBytes: sizeOf(disk.espSize),
    layout: disk.layout!,
    partitions: listed(disk.partitions).map(({ type, label, size, format }) => ({
      type,
      label,
      sizeBytes: size === undefined ? undefined : sizeBytes(size),
      format,
    })),
  };
}

function kernelSource(resolving: Resolving, kernel: Plain<"kernel">): RecipeKernelSource {
  if (kernel.build !== undefined) {
    const { source, config, fragments, patches } = kernel.build;
    if (source === undefined) throw missing(resolving, ["kernel", "build", "source"], "a package with the source");
    if (config === undefined) throw missing(resolving, ["kernel", "build", "config"], "a kernel configuration");
    return {
      kind: "build",
      source: wantedPackage(resolving, ["kernel", "build", "source"], source),
      config: fileOf(resolving, config),
      fragments: listed(fragments).map((name) => fileOf(resolving, name)),
      patches: listed(patches).map((name) => fileOf(resolving, name)),
    };
  }
  if (kernel.image !== undefined) {
    const { image, version, modulesFrom } = kernel;
    return {
      kind: "image",
      image: fileOf(resolving, image),
      version,
      modulesFrom: modulesFrom === undefined ? undefined : fileOf(resolving, modulesFrom),
    };
  }
  for (const key of ["version", "modulesFrom"] as const) {
    if (kernel[key] !== undefined) {
      throw refuse(resolving, ["kernel", key], {
        what: "is stated without kernel.image, to which it belongs",
        code: "recipe/conflicting-keys",
      });
    }
  }
  return { kind: "package", package: wantedPackage(resolving, ["kernel", "package"], kernel.package!) };
}

function commandLine(resolving: Resolving, words: readonly string[]): readonly string[] {
  words.forEach((word, i) => {
    const path = ["kernel", "commandLine", i];
    const control = [...word].find((char) => /[\x00-\x1f\x7f-\x9f]/.test(char));
    if (control !== undefined) {
      const code = control.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      throw refuse(resolving, path, {
        what: `holds the control character U+${code}, none was wanted`,
        code: "recipe/command-line-control-character",
      });
    }
    if (!/^(?:[^\s"]|"[^"]*")+$/.test(word)) {
      throw refuse(resolving, path, {
        what: `is ${JSON.stringify(word)}, one word was wanted`,
        hint: "give each word its own item; spaces belong between double quotes",
      });
    }
  });
  const length = Buffer.byteLength(words.join(" "), "utf8");
  if (length > maximumCommandLineBytes) {
    const origin = originAt(resolving.root, ["kernel", "commandLine", words.length - 1]);
    throw invalidValue(
      origin,
      `kernel.commandLine has ${length} bytes, at most ${maximumCommandLineBytes} were wanted`,
      {
        code: "recipe/command-line-too-long",
      },
    );
  }
  return words;
}

function resolveCompression(
  resolving: Resolving,
  path: KeyPath,
  options: {
    readonly zstd: number;
    readonly given: { readonly type?: CompressionType | undefined; readonly level?: number | undefined } | undefined;
  },
): RecipeCompression {
  const { type = "zstd", level } = options.given ?? {};
  const [usual, highest] = { zstd: [options.zstd, 22], gzip: [9, 9], lz4: [9, 12], none: [0, 0] }[type] as [
    number,
    number,
  ];
  if (level !== undefined && level > highest) {
    const wanted = highest === 0 ? "no level" : `at most ${highest}`;
    throw refuse(resolving, [...path, "level"], { what: `is ${level}, ${wanted} for ${type} was wanted` });
  }
  return { type, level: level ?? usual };
}
