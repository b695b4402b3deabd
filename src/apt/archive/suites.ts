/**
 * The suites a recipe draws from: the main one, its updates and security, and the extra ones (contract §1, `archive`).
 */

import type { LockedArchiveKind } from "../../config/lock.js";
import { archiveId } from "../../config/lock.js";
import type { RecipeArchive, RecipeFile } from "../../config/recipe.js";

/** One suite that is asked for. */
export interface SuiteRequest {
  /** `archiveId` of archive and suite: what records and locked rows name it by. */
  readonly id: string;
  readonly archive: LockedArchiveKind;
  readonly suite: string;
  readonly components: readonly string[];
  /** The key file, where it is not Debian that signs. */
  readonly signedBy?: RecipeFile | undefined;
  /** Globs of the names that may be chosen from it; absent: all. */
  readonly packages?: readonly string[] | undefined;
}

/** The suites of a recipe, in the order in which equal versions are preferred. */
export function suitesOf(archive: RecipeArchive): readonly SuiteRequest[] {
  const { suite, components, signedBy } = archive;
  const debian = (name: string, more: Partial<SuiteRequest> = {}): SuiteRequest => {
    // Debian keeps every suite called *-security in an archive of its own (before bullseye: <suite>/updates).
    const kind = /(-security|\/updates)$/.test(name) ? "security" : "debian";
    return { id: archiveId({ archive: kind, suite: name }), archive: kind, suite: name, components, signedBy, ...more };
  };
  return [
    debian(suite),
    ...(archive.updates ? [debian(`${suite}-updates`)] : []),
    ...(archive.security ? [debian(`${suite}-security`)] : []),
    ...archive.extra.map((extra): SuiteRequest => {
      const { packages } = extra;
      if (extra.uri === undefined) return debian(extra.suite, { components: extra.components, packages });
      const uri = extra.uri.replace(/\/+$/, "");
      return {
        id: archiveId({ archive: uri, suite: extra.suite }),
        archive: uri,
        suite: extra.suite,
        components: extra.components,
        signedBy: extra.signedBy,
        packages,
      };
    }),
  ];
}
