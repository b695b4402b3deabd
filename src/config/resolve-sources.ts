/**
 * Sources and variables of a recipe: what comes from elsewhere, and what comes from the host.
 */

import { compareText } from "../bytes/order.js";
import type { RecipeSigner, RecipeVariable } from "./recipe.js";
import type { RecipeSource, RecipeSourceOrigin } from "./recipe-parts.js";
import { refuseTwins } from "./resolve-content.js";
import { fileOf, listed, missing, type Resolving, refuse } from "./resolving.js";
import type { ImageInput } from "./schema.js";

type Plain<Key extends keyof ImageInput> = NonNullable<ImageInput[Key]>;
type SourceInput = ReturnType<typeof listed<Exclude<Plain<"sources">, { replace: unknown }>[number]>>[number];

export function resolveSources(resolving: Resolving, sources: Plain<"sources">): readonly RecipeSource[] {
  const resolved = listed(sources).map((source, i): RecipeSource => {
    const origin = sourceOrigin(resolving, source, i);
    if (origin === undefined && source.binary === undefined) {
      throw missing(resolving, ["sources", i, "git"], "git, tarball, path or binary");
    }
    const { binary } = source;
    return {
      name: source.name,
      origin,
      vendor: source.vendor ?? "none",
      build: source.build,
      environment: sorted(source.environment ?? {}),
      install: sorted(source.install ?? {}),
      binary:
        binary === undefined
          ? undefined
          : { name: binary.fromHost, variable: fromHost(resolving, binary.fromHost, { default: binary.default }) },
    };
  });
  refuseTwins(resolving, "sources", resolved);
  return resolved;
}

export function resolveEnvironment(
  resolving: Resolving,
  environment: Plain<"environment">,
): Readonly<Record<string, RecipeVariable>> {
  const resolved = Object.entries(environment).map(([name, stated]): [string, RecipeVariable] => {
    if (typeof stated === "string") return [name, { value: stated, fromHost: false, secret: false }];
    if (stated.fromHost === true) return [name, fromHost(resolving, name, stated)];
    if (stated.default === undefined)
      throw missing(resolving, ["environment", name, "fromHost"], "fromHost or default");
    return [name, { value: stated.default, fromHost: false, secret: stated.secret ?? false }];
  });
  return sorted(Object.fromEntries(resolved));
}

/** `SOURCE_DATE_EPOCH` of the host, or the number. */
export function resolveEpoch(resolving: Resolving, epoch: Plain<"sourceDateEpoch">): number {
  if (typeof epoch === "number") return epoch;
  const path = ["sourceDateEpoch"];
  const given = resolving.environment["SOURCE_DATE_EPOCH"];
  if (given === undefined) {
    throw refuse(resolving, path, {
      what: "comes from the host, but SOURCE_DATE_EPOCH is not set, a value was wanted",
      code: "recipe/environment-missing",
      hint: "set SOURCE_DATE_EPOCH, for instance to the time of the last commit",
    });
  }
  if (!/^[0-9]{1,10}$/.test(given) || Number(given) > 0xffff_ffff) {
    throw refuse(resolving, path, {
      what: `comes from the host, but SOURCE_DATE_EPOCH is ${JSON.stringify(given)}, seconds from 0 to 4294967295 were wanted`,
    });
  }
  return Number(given);
}

export function resolveSigner(
  resolving: Resolving,
  path: string,
  stated: {
    readonly key?: string | undefined;
    readonly certificate?: string | undefined;
    readonly signer?: string | undefined;
  },
): RecipeSigner {
  if ((stated.key === undefined) === (stated.signer === undefined)) {
    const what = stated.key === undefined ? "neither key nor signer" : "key and signer";
    throw refuse(resolving, [path], { what: `has ${what}, one of them was wanted`, code: "recipe/conflicting-keys" });
  }
  return {
    key: stated.key === undefined ? undefined : fileOf(resolving, stated.key),
    certificate: stated.certificate === undefined ? undefined : fileOf(resolving, stated.certificate),
    signer: stated.signer,
  };
}

function sourceOrigin(resolving: Resolving, source: SourceInput, index: number): RecipeSourceOrigin | undefined {
  const at = ["sources", index];
  if (source.git !== undefined) {
    const { url, tag, branch, commit } = source.git;
    if (url === undefined) throw missing(resolving, [...at, "git", "url"], "a URL");
    if (tag === undefined && branch === undefined && commit === undefined) {
      throw missing(resolving, [...at, "git", "commit"], "tag, branch or commit");
    }
    return { kind: "git", url, tag, branch, commit };
  }
  if (source.tarball !== undefined) {
    const { url, sha256 } = source.tarball;
    if (url === undefined) throw missing(resolving, [...at, "tarball", "url"], "a URL");
    if (sha256 === undefined) throw missing(resolving, [...at, "tarball", "sha256"], "the tarball's sha256");
    return { kind: "tarball", url, sha256 };
  }
  return source.path === undefined ? undefined : { kind: "path", path: fileOf(resolving, source.path) };
}

function fromHost(
  resolving: Resolving,
  name: string,
  options: { readonly default?: string | undefined; readonly secret?: boolean | undefined },
): RecipeVariable {
  return { value: resolving.environment[name] ?? options.default, fromHost: true, secret: options.secret ?? false };
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}
