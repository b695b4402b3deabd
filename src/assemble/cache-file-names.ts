/** The lasting names of files of the package store: paths below it, with slashes. */
import { join, sep } from "node:path";
import type { Cache } from "../io/cache.js";

/** Translates both ways. */
export interface CacheFileNames {
  /** The name of a file of the package store; undefined for any other path. */
  nameOf(path: string): string | undefined;
  /** The path of a name; undefined when the package is no longer there. */
  pathOf(name: string): string | undefined;
}

/** The names of a cache. */
export function cacheFileNames(cache: Cache): CacheFileNames {
  const base = join(cache.root, "deb") + sep;
  const paths = new Map<string, string | undefined>();
  return {
    nameOf: (path) => (path.startsWith(base) ? path.slice(base.length).split(sep).join("/") : undefined),
    pathOf(name) {
      if (!paths.has(name)) {
        const [entry, ...rest] = name.split("/");
        paths.set(name, cache.find("deb", entry!) === undefined ? undefined : join(base, entry!, ...rest));
      }
      return paths.get(name);
    },
  };
}
