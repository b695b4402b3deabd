/**
 * The version of a package in the tree, for programs whose behaviour has changed between Debian's releases: dpkg-query(1).
 */
import type { Process } from "../shell/process.js";

/** The version; undefined for a package that is not there, and where there is no dpkg. */
export function packageVersion(process: Process, name: string): string | undefined {
  if (process.tree.lookup("/usr/bin/dpkg-query") === undefined) return undefined;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the format of dpkg-query
  const { status, output } = process.capture(["dpkg-query", "-W", "-f", "${Version}", name]);
  return status === 0 && output !== "" ? output : undefined;
}
