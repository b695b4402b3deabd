/**
 * Debian's archive keys, shipped in `keys/` and pinned here by full fingerprint, and which of them may sign which suite.
 *
 * Source: package debian-archive-keyring 2023.3+deb12u2; the fingerprints are those of https://ftp-master.debian.org/keys.html.
 * Check: `gpg --show-keys keys/*.asc`. Since early 2025 the archive signs with the keys of two releases at once, and a
 * release that is being made is signed with the key of the one before; a stable release key signs only its own suite.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { readShippedFile } from "../io/shipped-file.js";
import { type Certificate, readCertificates } from "./openpgp.js";

/** A key of Debian's archive. */
export interface ArchiveKey {
  /** Path inside the package. */
  readonly file: string;
  /** Of the primary key: 40 upper-case hex digits. */
  readonly fingerprint: string;
  /** Who uses it, for messages. */
  readonly owner: string;
}

const bookwormAutomatic: ArchiveKey = {
  file: "keys/debian-archive-bookworm-automatic.asc",
  fingerprint: "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8",
  owner: "Debian Archive Automatic Signing Key (12/bookworm)",
};
const bookwormSecurity: ArchiveKey = {
  file: "keys/debian-archive-bookworm-security-automatic.asc",
  fingerprint: "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0",
  owner: "Debian Security Archive Automatic Signing Key (12/bookworm)",
};
const bookwormStable: ArchiveKey = {
  file: "keys/debian-archive-bookworm-stable.asc",
  fingerprint: "4D64FEC119C2029067D6E791F8D2585B8783D481",
  owner: "Debian Stable Release Key (12/bookworm)",
};
const trixieAutomatic: ArchiveKey = {
  file: "keys/debian-archive-trixie-automatic.asc",
  fingerprint: "04B54C3CDCA79751B16BC6B5225629DF75B188BD",
  owner: "Debian Archive Automatic Signing Key (13/trixie)",
};
const trixieSecurity: ArchiveKey = {
  file: "keys/debian-archive-trixie-security-automatic.asc",
  fingerprint: "5E04A1E3223A19A20706E20F9904613D4CCE68C6",
  owner: "Debian Security Archive Automatic Signing Key (13/trixie)",
};
const trixieStable: ArchiveKey = {
  file: "keys/debian-archive-trixie-stable.asc",
  fingerprint: "41587F7DB8C774BCCF131416762F67A0B2C39DE4",
  owner: "Debian Stable Release Key (13/trixie)",
};

/** All of them. */
export const archiveKeys: readonly ArchiveKey[] = [
  bookwormAutomatic,
  bookwormSecurity,
  bookwormStable,
  trixieAutomatic,
  trixieSecurity,
  trixieStable,
];

const automatic: readonly ArchiveKey[] = [bookwormAutomatic, trixieAutomatic];
const security: readonly ArchiveKey[] = [bookwormSecurity, trixieSecurity];

/** Keys that may sign a suite besides those of its archive. */
const stableKeys: Readonly<Record<string, readonly ArchiveKey[]>> = {
  bookworm: [bookwormStable],
  trixie: [trixieStable],
};

/**
 * The keys that may sign a suite of Debian: one good signature by any of them is enough.
 * A suite that is not listed (backports, proposed-updates, sid, …) is signed with its archive's automatic keys.
 */
export function archiveKeysFor(archive: "debian" | "security", suite: string): readonly ArchiveKey[] {
  if (archive === "security") return security;
  return [...automatic, ...(stableKeys[suite] ?? [])];
}

/**
 * Reads shipped keys and checks each against its pinned fingerprint.
 *
 * @throws AssembleError `apt/key-invalid` if a file of the package is not the key that the code pins.
 */
export async function readArchiveKeys(keys: readonly ArchiveKey[]): Promise<readonly Certificate[]> {
  return Promise.all(
    keys.map(async (key) => {
      const certificates = await readCertificates(await readShippedFile(key.file), key.file);
      const certificate = certificates[0];
      if (certificates.length !== 1 || certificate?.fingerprint !== key.fingerprint) {
        const found = certificates.map((one) => one.fingerprint).join(", ");
        throw new AssembleError(
          "apt/key-invalid",
          `Cannot use the archive key ${key.file}: it holds ${found}, wanted ${key.fingerprint}`,
          { hint: "the installed package was altered: install tdx-assemble anew" },
        );
      }
      return certificate;
    }),
  );
}
