/**
 * Where each kind of file is looked for, in which order: mirrors, then snapshot.debian.org; or the archive's own URI.
 */

import type { LockedArchiveKind } from "../../config/lock.js";
import type { Source } from "../../io/download.js";
import { type DebianArchive, isDebianArchive, joinUrl, type Mirrors } from "../mirrors.js";
import type { Snapshots } from "./snapshot.js";

/** A suite, as far as its place matters. */
export interface SuitePlace {
  readonly archive: LockedArchiveKind;
  readonly suite: string;
}

/** The places of an archive's files. */
export interface Locations {
  /** A Release file of a suite. */
  release(place: SuitePlace, file: string): readonly Source[];
  /** An index of a suite: relative to its directory, with the digest and the Release's date (milliseconds since 1970). */
  index(place: SuitePlace, file: IndexFile): readonly Source[];
  /** A file of the pool: relative to the archive, named by a Release of that date. */
  pool(place: SuitePlace, file: PoolFile): readonly Source[];
}

/** An index that a Release names. */
export interface IndexFile {
  readonly path: string;
  readonly sha256: string;
  readonly byHash: boolean;
  /** Milliseconds since 1970. */
  readonly releaseDate: number;
  /** Place of the mirror that gave the Release: asked first, since it surely has what its Release names. */
  readonly preferred?: number | undefined;
}

/** A file of the pool. */
export interface PoolFile {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly releaseDate: number;
}

export interface LocationOptions {
  readonly mirrors: Mirrors;
  /** Absent where the main archive is not Debian's. */
  readonly snapshots?: Snapshots | undefined;
  /** The recipe's `archive.snapshot`: Release files and indexes come from that moment alone. */
  readonly snapshot?: string | undefined;
  /** Milliseconds since 1970: the latest import is the state at this moment. */
  readonly now: number;
}

/** Plans the places. */
export function planLocations(options: LocationOptions): Locations {
  const { mirrors, snapshots, snapshot, now } = options;

  type Moment = number | string | undefined;
  /** A file of snapshot.debian.org, with the hint that it is slow. */
  const atSnapshot = (
    archive: DebianArchive,
    path: string,
    find: (known: Snapshots) => Moment | Promise<Moment>,
  ): Source => {
    return async () => {
      const moment = snapshots === undefined ? undefined : await find(snapshots);
      if (snapshots === undefined || moment === undefined) return undefined;
      snapshots.hint();
      return snapshots.url(archive, moment, path);
    };
  };

  return {
    release({ archive, suite }, file) {
      const path = `dists/${suite}/${file}`;
      if (!isDebianArchive(archive)) return [joinUrl(archive, path)];
      const live = snapshot === undefined ? mirrors[archive].map((mirror) => joinUrl(mirror, path)) : [];
      return [...live, atSnapshot(archive, path, () => snapshot ?? now)];
    },
    index({ archive, suite }, file) {
      const directory = `dists/${suite}/${file.path.replace(/[^/]*$/, "")}`;
      const named = `dists/${suite}/${file.path}`;
      const paths = file.byHash ? [`${directory}by-hash/SHA256/${file.sha256}`, named] : [named];
      if (!isDebianArchive(archive)) return paths.map((path) => joinUrl(archive, path));
      const late = atSnapshot(archive, named, (known) => snapshot ?? known.firstImport(archive, file.releaseDate));
      if (snapshot !== undefined) return [late];
      const { preferred = 0 } = file;
      const order = [...mirrors[archive].slice(preferred), ...mirrors[archive].slice(0, preferred)];
      // By name only once no mirror has it by hash: a name may by now be another file, which would be fetched in vain.
      return [...paths.flatMap((path) => order.map((mirror) => joinUrl(mirror, path))), late];
    },
    pool({ archive }, file) {
      if (!isDebianArchive(archive)) return [joinUrl(archive, file.path)];
      const late = atSnapshot(archive, file.path, (known) => snapshot ?? known.firstImport(archive, file.releaseDate));
      return [...mirrors[archive].map((mirror) => joinUrl(mirror, file.path)), late];
    },
  };
}
