/**
 * The recipe's own scripts, run in the project's shell (contract §1.1): outside the tree with `$BUILDROOT`, `$SRCDIR` and
 * `$OUTPUTDIR`, or inside it.
 */
import { contentOfBytes, toByteString, utf8ToByteString } from "../bytes/content.js";
import type { Recipe, RecipeScript, ScriptStage } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readHostDirectory } from "../io/host-directory.js";
import { readHostFile } from "../io/host-file.js";
import { packageCommands } from "../rootfs/configure/commands/package-commands.js";
import type { Command } from "../rootfs/shell/process.js";
import { createSystem, runScript } from "../rootfs/shell/system.js";
import { importHostEntries } from "../rootfs/tree/import-entries.js";
import type { DirectoryNode } from "../rootfs/tree/node.js";
import { sealDirectory } from "../rootfs/tree/seal.js";
import { Tree } from "../rootfs/tree/tree.js";
import { emulatedCommands } from "./commands.js";
import type { Session } from "./session.js";

const BUILD_ROOT = "/buildroot";
const SOURCE_DIRECTORY = "/work/src";
const OUTPUT_DIRECTORY = "/work/out";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs the scripts of a stage, in order. @throws AssembleError `script/failed`, `script/missing`, `shell/…` */
export async function runScripts(
  session: Session,
  recipe: Recipe,
  options: { readonly stage: ScriptStage; readonly tree: Tree },
): Promise<void> {
  const scripts = recipe.scripts[options.stage];
  const commands = new Map([...emulatedCommands, ...packageCommands(options.tree, recipe.architecture)]);
  const outside = await outsideTree(options.tree, { recipe, commands });
  for (const script of scripts) {
    session.signal?.throwIfAborted();
    const text = toByteString(await readScript(script));
    const { status, output, errors } = runOne({
      recipe,
      script,
      text,
      tree: script.chroot ? options.tree : outside,
      commands,
    });
    for (const line of `${output}${errors}`.split("\n"))
      if (line !== "") session.onEvent?.({ type: "note", message: `${script.file.name}: ${line}` });
    if (status !== 0)
      throw new AssembleError(
        "script/failed",
        `Cannot run ${script.file.name}: it ended with status ${status}, 0 was wanted${lastLine(errors)}`,
      );
  }
}

function lastLine(errors: string): string {
  const line = errors.trimEnd().split("\n").at(-1) ?? "";
  return line === "" ? "" : `; it said: ${line}`;
}

interface OneScript {
  readonly recipe: Recipe;
  readonly script: RecipeScript;
  readonly text: string;
  readonly tree: Tree;
  readonly commands: ReadonlyMap<string, Command>;
}

function runOne({ recipe, script, text, tree, commands }: OneScript): {
  status: number;
  output: string;
  errors: string;
} {
  const system = createSystem({ tree, commands: new Map([...commands, ["mkosi-chroot", chrootCommand]]) });
  const first = /^#!\s*(?:\/usr\/bin\/env\s+)?(\S+)(.*)\n/.exec(text);
  const shell = first?.[1]?.slice(first[1].lastIndexOf("/") + 1) ?? "sh";
  if (shell !== "sh" && shell !== "dash" && shell !== "bash")
    throw new AssembleError(
      "script/interpreter",
      `Cannot run ${script.file.name}: it asks for ${first![1]}, sh or bash was wanted`,
    );
  const flags = first?.[2]?.trim() ?? "";
  return runScript(
    system,
    {
      text,
      name: script.file.name,
      dialect: shell === "bash" ? "bash" : "dash",
      ...(flags === "" ? {} : { options: flags.split(/\s+/) }),
      args: ["final"],
    },
    {
      location: { owner: "the recipe", script: script.file.name },
      environment: environmentOf(recipe, script),
      cwd: script.chroot ? "/" : SOURCE_DIRECTORY,
    },
  );
}

/** mkosi-chroot CMD: the command with the image as its root. */
const chrootCommand: Command = (process, args) => {
  const image = new Tree({ epoch: process.tree.epoch, root: process.tree.directory(BUILD_ROOT) });
  return process.run(args.slice(1), { tree: image, cwd: "/" });
};

function environmentOf(recipe: Recipe, script: RecipeScript): Record<string, string> {
  const own = Object.entries(recipe.environment).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, utf8ToByteString(value)] as const],
  );
  return {
    PATH,
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    DEBIAN_FRONTEND: "noninteractive",
    SOURCE_DATE_EPOCH: String(recipe.sourceDateEpoch),
    IMAGE_ID: recipe.image,
    ...(recipe.version === undefined ? {} : { IMAGE_VERSION: recipe.version }),
    ...(recipe.profiles.length === 0 ? {} : { PROFILES: recipe.profiles.join(" ") }),
    DISTRIBUTION: "debian",
    RELEASE: recipe.archive.suite,
    ARCHITECTURE: "x86-64",
    BUILDROOT: script.chroot ? "/" : BUILD_ROOT,
    ...(script.chroot ? {} : { SRCDIR: SOURCE_DIRECTORY, OUTPUTDIR: OUTPUT_DIRECTORY }),
    ...Object.fromEntries(own),
  };
}

/** The world outside the image: the image at /buildroot, the recipe's directory (read-only) at /work/src, and every emulated command in /usr/bin. */
async function outsideTree(
  image: Tree,
  options: { readonly recipe: Recipe; readonly commands: ReadonlyMap<string, Command> },
): Promise<Tree> {
  const outside = new Tree({ epoch: image.epoch });
  for (const path of ["/usr/bin", "/tmp", "/work", OUTPUT_DIRECTORY]) outside.mkdirs(path);
  outside.symlink("usr/bin", "/bin");
  outside.root.entries.set(BUILD_ROOT.slice(1), image.root);
  outside.add(SOURCE_DIRECTORY, await sourceDirectory(options.recipe, image.epoch));
  for (const name of [...options.commands.keys(), "mkosi-chroot", "sh", "bash", "dash"]) {
    if (outside.lookup(`/usr/bin/${name}`) === undefined)
      outside.write(`/usr/bin/${name}`, contentOfBytes(new Uint8Array()), { mode: 0o755 });
  }
  return outside;
}

/** The recipe's directory, read-only: what a script writes there would be lost. */
async function sourceDirectory(recipe: Recipe, epoch: number): Promise<DirectoryNode> {
  const source = new Tree({ epoch });
  const entries = await readHostDirectory(recipe.provenance.directory);
  const kept = entries.filter((entry) => !/^(\.git|node_modules|build)(\/|$)/.test(entry.path));
  importHostEntries(source, kept, { source: "the recipe's directory", target: "/" });
  return sealDirectory(source.root, SOURCE_DIRECTORY);
}

async function readScript(script: RecipeScript): Promise<Uint8Array> {
  try {
    return await readHostFile(script.file.path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? `there is no ${script.file.path}, a script was wanted` : message;
    throw new AssembleError("script/missing", `Cannot run ${script.file.name}: ${what}`, { cause });
  }
}
