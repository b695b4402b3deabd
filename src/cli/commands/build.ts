/**
 * `build`: the main job.
 */
import { relative } from "node:path";
import { writeImage } from "../../assemble/write-image.js";
import { assemble, type Image } from "../../assemble.js";
import { nearest } from "../../config/nearest.js";
import { type Format, formats as knownFormats } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { CommandContext } from "../common-options.js";
import { libraryOptions } from "../common-options.js";
import { loadCommandRecipe, lockForBuild } from "../load.js";
import { type Progress, showProgress } from "../progress.js";
import { formatBytes, formatDuration, type Terminal } from "../terminal.js";

/** Builds an image and writes it. */
export async function build(
  context: CommandContext,
  recipeArgument: string | undefined,
  own: { readonly format?: readonly string[] },
): Promise<number> {
  const { terminal } = context;
  const started = context.now();
  const progress = showProgress(terminal, context.now);
  const formats = own.format?.map(parseFormat);
  const recipe = await loadCommandRecipe(context, recipeArgument);
  const lock = await lockForBuild(context, recipe, progress.onEvent);
  const library = { ...libraryOptions(context), onEvent: progress.onEvent };
  const image = await assemble(recipe, { ...library, lock, formats });
  try {
    const directory = context.path(context.options.output ?? "build");
    const files = await writeImage(image, directory, library);
    progress.finish();
    const shown = files.map((file) => relative(process.cwd(), file) || file);
    if (terminal.json) terminal.result({ type: "result", files: shown, manifest: image.manifest });
    else report(terminal, { image, files: shown, progress, milliseconds: context.now() - started });
  } finally {
    await image.close();
  }
  return 0;
}

function parseFormat(name: string): Format {
  const format = knownFormats.find((known) => known === name);
  if (format !== undefined) return format;
  const near = nearest(name, knownFormats);
  throw new AssembleError(
    "cli/format-unknown",
    `Cannot build the format ${name}: ${near === undefined ? `one of ${knownFormats.join(", ")} was wanted` : `the nearest known is ${near}`}`,
  );
}

interface Finished {
  readonly image: Image;
  readonly files: readonly string[];
  readonly progress: Progress;
  readonly milliseconds: number;
}

function report(terminal: Terminal, { image, files, progress, milliseconds }: Finished): void {
  const { manifest } = image;
  if (!terminal.quiet) {
    const longest = progress.times
      .filter((time) => time.milliseconds > 50)
      .sort((a, b) => b.milliseconds - a.milliseconds);
    const where = longest.slice(0, 3).map((time) => `${time.stage} ${formatDuration(time.milliseconds)}`);
    terminal.error("");
    terminal.error(
      `${terminal.bold(image.name)}: ${manifest.packages.length} packages, ${manifest.rootEntries} paths, ${formatBytes(manifest.rootBytes)} unpacked`,
    );
    terminal.error(`Boots with ${formatBytes(manifest.leastMemoryBytes)} of memory or more`);
    terminal.error(`Done in ${formatDuration(milliseconds)}${where.length === 0 ? "" : ` (${where.join(", ")})`}`);
  }
  for (const output of manifest.outputs) {
    const file = files.find((path) => path.endsWith(output.name)) ?? output.name;
    terminal.out(`${output.sha256}  ${file}  ${formatBytes(output.bytes)}`);
  }
}
