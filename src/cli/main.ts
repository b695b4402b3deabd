#!/usr/bin/env node
/**
 * The command line: reads the arguments, runs one command, turns its outcome into an exit status (contract §3).
 */
import { Command, CommanderError } from "commander";
import { toolVersion } from "../assemble/tool-version.js";
import { nearest } from "../config/nearest.js";
import { build, buildOptions } from "./commands/build.js";
import { prune, pruneOptions, showCacheInfo } from "./commands/cache.js";
import { createDisk, diskCreateOptions } from "./commands/disk.js";
import { inspect, inspectOptions } from "./commands/inspect.js";
import { lock, lockOptions } from "./commands/lock.js";
import { run, runOptions } from "./commands/run.js";
import { show } from "./commands/show.js";
import { addCommonOptions, type CommandContext, makeContext } from "./common-options.js";
import { printError } from "./print-error.js";
import { openTerminal } from "./terminal.js";

/** Commands of the contract that a later version brings. */
const LATER = ["init", "verify", "measure", "replay", "diff", "why", "size", "sbom", "shell", "kernel", "keys", "sign"];

type Action<O> = (context: CommandContext, argument: string | undefined, own: O) => Promise<number> | number;

async function main(): Promise<number> {
  const abort = new AbortController();
  const stop = (): void => {
    abort.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  let status = 0;
  const program = new Command("tdx-assemble")
    .description("Bit-for-bit reproducible Debian images for Intel TDX confidential VMs")
    .version(toolVersion)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const add = <O>(command: Command, action: Action<O>): void => {
    addCommonOptions(command).action(async (...args: unknown[]) => {
      const self = args.at(-1) as Command;
      const options = self.optsWithGlobals();
      const context = makeContext(options, abort.signal);
      try {
        status = await action(context, self.args[0], options as O);
      } catch (error) {
        status = printError(error, context.terminal);
      }
    });
  };
  add(buildOptions(program.command("build [recipe]").description("build the image")), build);
  add(lockOptions(program.command("lock [recipe]").description("resolve the recipe and write its lock")), lock);
  add(program.command("show [recipe]").description("print the merged recipe, each value with its file and line"), show);
  add(
    inspectOptions(
      program
        .command("inspect <artifact>")
        .description("what is inside a UKI, a disk, a cpio archive, a .deb or an ext4 image"),
    ),
    (context, artifact, own: Parameters<typeof inspect>[2]) => inspect(context, artifact!, own),
  );
  add(
    runOptions(program.command("run <artifact>").description("boot it in QEMU with OVMF; Ctrl-A X ends")),
    (context, artifact, own: Parameters<typeof run>[2]) => run(context, artifact!, own),
  );
  const cache = program.command("cache").description("the cache's size, and cleaning it");
  add(cache.command("info").description("how large the cache is"), (context) => showCacheInfo(context));
  add(
    pruneOptions(cache.command("prune").description("remove what no running build uses")),
    (context, _, own: Parameters<typeof prune>[1]) => prune(context, own),
  );
  const disk = program.command("disk").description("empty disks");
  add(
    diskCreateOptions(disk.command("create <file>").description("make an empty disk: qcow2, raw or vhd")),
    (context, file, own: Parameters<typeof createDisk>[2]) => createDisk(context, file!, own),
  );
  for (const command of [program, ...program.commands, ...cache.commands, ...disk.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    return usageError(error, program);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
  return status;
}

function usageError(error: CommanderError, program: Command): number {
  const terminal = openTerminal({}, process.env);
  if (error.code === "commander.help") {
    program.outputHelp({ error: true });
    return 2;
  }
  const name = /unknown command '([^']+)'/.exec(error.message)?.[1];
  let hint = "run tdx-assemble --help";
  if (name !== undefined) {
    const near = nearest(
      name,
      program.commands.map((command) => command.name()),
    );
    if (LATER.includes(name)) hint = `${name} is part of a later version`;
    else if (near !== undefined) hint = `the nearest command is ${near}`;
  }
  terminal.error(
    `error[cli/usage]: Cannot read the command line: ${error.message.replace(/^error: /, "").replace(/\.$/, "")}`,
  );
  terminal.error(`hint: ${hint}`);
  return 2;
}

process.exitCode = await main();
