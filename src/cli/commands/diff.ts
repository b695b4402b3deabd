/**
 * `diff A B`: two artifacts or trees side by side. Exit status 0 where they are equal, 1 where they differ.
 */
import { writeFileAtomically } from "../../io/atomic-file.js";
import { OpenFiles } from "../../io/open-files.js";
import { type DiffSide, diffArtifacts } from "../../report/diff/diff-artifacts.js";
import { type Difference, formatDifference } from "../../report/diff/difference.js";
import { renderHtml } from "../../report/diff/render-html.js";
import { manifestBeside } from "../beside.js";
import type { CommandContext } from "../common-options.js";
import { openNamedOrDirectory } from "../named-file.js";

/** Compares two artifacts. */
export async function diff(
  context: CommandContext,
  names: readonly string[],
  own: { readonly html?: string },
): Promise<number> {
  const { terminal } = context;
  const files = new OpenFiles();
  try {
    const [left, right] = names.map((name) => openSide(context, name, files)) as [DiffSide, DiffSide];
    const kept: Difference[] = [];
    let count = 0;
    for await (const difference of diffArtifacts(left, right)) {
      context.signal.throwIfAborted();
      count++;
      if (own.html !== undefined || terminal.json) kept.push(difference);
      if (!terminal.json) terminal.out(formatDifference(difference));
    }
    if (terminal.json) terminal.result({ equal: count === 0, differences: kept });
    else if (count === 0) terminal.out(`${left.name} and ${right.name} are equal`);
    if (own.html !== undefined) {
      const page = new TextEncoder().encode([...renderHtml([left.name, right.name], kept)].join(""));
      await writeFileAtomically(context.path(own.html), [page]);
    }
    return count === 0 ? 0 : 1;
  } finally {
    files.close();
  }
}

function openSide(context: CommandContext, name: string, files: OpenFiles): DiffSide {
  const { path, content } = openNamedOrDirectory(context, name, { files, code: "diff/file-missing" });
  if (content === undefined) return { name, source: { directory: path } };
  return { name, source: { content }, manifest: manifestBeside(path)?.manifest };
}
