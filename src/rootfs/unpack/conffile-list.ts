/**
 * The `conffiles` member of a package: deb-conffiles(5). One absolute path a line, `remove-on-upgrade` before those that an
 * upgrade is to remove and the package no longer ships.
 */
import { toByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Conffile } from "./dpkg-database.js";

/** What dpkg writes as hash while a configuration file has not been installed. */
const NOT_INSTALLED = "newconffile";

/** Parses the member; none is an empty list. @throws AssembleError `unpack/bad-conffiles` */
export function parseConffiles(bytes: Uint8Array | undefined, where: string): Conffile[] {
  if (bytes === undefined) return [];
  const conffiles: Conffile[] = [];
  for (const line of toByteString(bytes).split("\n")) {
    const text = line.replace(/[ \t\r]+$/, "");
    if (text === "") continue;
    const flagged = /^([a-z-]+)[ \t]+(\/.*)$/.exec(text);
    const path = flagged === null ? text : (flagged[2] as string);
    if (!path.startsWith("/") || (flagged !== null && flagged[1] !== "remove-on-upgrade"))
      throw new AssembleError(
        "unpack/bad-conffiles",
        `Cannot unpack ${where}: its list of configuration files has the line "${text}", an absolute path was wanted`,
      );
    conffiles.push({ path, hash: NOT_INSTALLED, removeOnUpgrade: flagged !== null });
  }
  return conffiles;
}
