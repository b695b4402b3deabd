/**
 * `inspect ARTIFACT`: what is inside a UKI, a cpio archive, a .deb or an ext4 file system.
 */

import { byteStringToText } from "../../bytes/content.js";
import { OpenFiles } from "../../io/open-files.js";
import { catEntry } from "../../report/inspect/cat-entry.js";
import { extractArtifact } from "../../report/inspect/extract-artifact.js";
import { inspectArtifact } from "../../report/inspect/inspect-artifact.js";
import { artifactEntries } from "../../report/inspect/open-artifact.js";
import { renderEntry, renderInspection } from "../../report/inspect/render-inspection.js";
import type { CommandContext } from "../common-options.js";
import { openNamed } from "../named-file.js";

/** Inspects an artifact. */
export async function inspect(
  context: CommandContext,
  artifact: string,
  own: { readonly ls?: boolean; readonly cat?: string; readonly extract?: string },
): Promise<number> {
  const { terminal } = context;
  const files = new OpenFiles();
  try {
    const { content } = openNamed(context, artifact, { files, code: "inspect/file-missing" });
    if (own.cat !== undefined) {
      for await (const chunk of catEntry(content, own.cat)) await terminal.outBytes(chunk);
    } else if (own.extract !== undefined) {
      const { written, skipped } = await extractArtifact(content, context.path(own.extract));
      if (terminal.json) terminal.result({ written, skipped: skipped.map(byteStringToText) });
      else {
        for (const name of skipped) terminal.error(`left out: ${byteStringToText(name)} (a device, pipe or socket)`);
        terminal.out(`${written} files, directories and links written to ${own.extract}`);
      }
    } else if (own.ls === true) {
      for await (const entry of artifactEntries(content)) {
        if (!terminal.json) terminal.out(renderEntry(entry));
        else {
          const { chunks: _, xattrs: __, ...fields } = entry;
          terminal.result({ ...fields, path: byteStringToText(entry.path) });
        }
      }
    } else {
      const inspection = await inspectArtifact(content);
      if (terminal.json) terminal.result(inspection);
      else terminal.out(renderInspection(inspection));
    }
  } finally {
    files.close();
  }
  return 0;
}
