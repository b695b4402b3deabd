/**
 * Who may sign a suite: the keys shipped for Debian's archives, the `signedBy` file of any other.
 */

import { AssembleError } from "../../errors/assemble-error.js";
import { readHostFile } from "../../io/host-file.js";
import { archiveKeysFor, readArchiveKeys } from "../keys.js";
import { isDebianArchive } from "../mirrors.js";
import { type Certificate, readCertificates } from "../openpgp.js";
import type { SuiteRequest } from "./suites.js";

/** Whom to trust in place of Debian's own keys: for an archive that was signed anew, and for tests. */
export interface TrustOptions {
  /** Armoured or binary certificates that sign the archives `debian` and `security` instead of the shipped ones. */
  readonly archiveKeys?: string | Uint8Array | undefined;
}

/** The certificates that may sign a suite. @throws AssembleError `apt/key-invalid`, `apt/key-missing` */
export async function certificatesFor(suite: SuiteRequest, options: TrustOptions): Promise<readonly Certificate[]> {
  const { archive, signedBy } = suite;
  if (signedBy !== undefined) {
    const bytes = await readHostFile(signedBy.path).catch((cause: unknown) => {
      throw new AssembleError("apt/key-missing", `Cannot read the key ${signedBy.name}: ${(cause as Error).message}`, {
        cause,
      });
    });
    return readCertificates(bytes, signedBy.name);
  }
  if (!isDebianArchive(archive)) {
    throw new AssembleError("apt/key-missing", `Cannot trust ${suite.id}: it has no signedBy, a key file was wanted`);
  }
  const { archiveKeys } = options;
  if (archiveKeys !== undefined) {
    const bytes = typeof archiveKeys === "string" ? new TextEncoder().encode(archiveKeys) : archiveKeys;
    return readCertificates(bytes, "given in place of Debian's");
  }
  return readArchiveKeys(archiveKeysFor(archive, suite.suite));
}
