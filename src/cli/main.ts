#!/usr/bin/env node
/**
 * The command line: reads the arguments, runs one command, turns its outcome into an exit status (contract §3).
 */
import { Command, CommanderError } from "commander";
import { toolVersion } from "../assemble/tool-version.js";
import { nearest } from "../config/nearest.js";
import { addCommonOptions, type CommandContext, makeContext } from "./common-options.js";
import { buildOptions } from "./options/build.js";
import { pruneOptions } from "./options/cache.js";
import { diffOptions } from "./options/diff.js";
import { diskCreateOptions } from "./options/disk.js";
import { inspectOptions } from "./options/inspect.js";
import { keysGenerateOptions } from "./options/keys.js";
import { lockOptions } from "./options/lock.js";
import { measureOptions } from "./options/measure.js";
import { replayOptions } from "./options/replay.js";
import { runOptions } from "./options/run.js";
import { sbomOptions } from "./options/sbom.js";
import { signOptions } from "./options/sign.js";
import { verifyOptions } from "./options/verify.js";
import { printError } from "./print-error.js";
import { openTerminal } from "./terminal.js";

/** Commands of the contract that a later version brings. */
const LATER = ["init", "size", "shell", "kernel"];

const EXAMPLES = `
Examples:
  tdx-assemble build examples/tdx-debian      makes build/tdx-debian.efi
  tdx-assemble run build/tdx-debian.efi       boots it
  tdx-assemble lock --check                   whether ./image.yaml and its lock agree

Exit status: 0 done, 1 failed, 2 command line or recipe wrong, 3 network, 4 not to be trusted, 130 interrupted`;

type Action<A, O> = (context: CommandContext, argument: A, own: O) => Promise<number> | number;

/** A command's action is loaded when it is called: no command pays for the modules of another. */
type LoadAction<A, O> = () => Promise<Action<A, O>>;

async function main(): Promise<number> {
  const abort = new AbortController();
  const stop = (): void => {
    abort.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // Who reads the output may go away (`| head`): long work stops then, and nothing is written into the void.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      abort.abort();
    });
  }
  let status = 0;
  const program = new Command("tdx-assemble")
    .description("Bit-for-bit reproducible Debian images for Intel TDX confidential VMs")
    .version(toolVersion)
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const add = <A extends string | undefined, O>(command: Command, load: LoadAction<A, O>): void => {
    addCommonOptions(command).action(async (...args: unknown[]) => {
      const self = args.at(-1) as Command;
      const options = self.optsWithGlobals();
      const context = makeContext(options, abort.signal);
      try {
        const action = await load();
        status = await action(context, self.args[0] as A, options as O);
      } catch (error) {
        status = printError(error, context.terminal);
      }
    });
  };
  add(
    buildOptions(withRecipe(program.command("build")).description("build the image")),
    async () => (await import("./commands/build.js")).build,
  );
  add(
    lockOptions(withRecipe(program.command("lock")).description("resolve the recipe and write its lock")),
    async () => (await import("./commands/lock.js")).lock,
  );
  add(
    withRecipe(program.command("show")).description("print the merged recipe, each value with its file and line"),
    async () => (await import("./commands/show.js")).show,
  );
  const asking = withRecipe(
    program.command("why <package>").description("the chain of dependencies that pulls a package in"),
  );
  add(asking, async () => {
    const { why } = await import("./commands/why.js");
    return (context: CommandContext) => why(context, asking.args);
  });
  add(
    inspectOptions(
      program
        .command("inspect <artifact>")
        .description("what is inside a UKI, a disk, a file system, a cpio archive or a .deb"),
    ),
    async () => (await import("./commands/inspect.js")).inspect,
  );
  add(
    measureOptions(
      program
        .command("measure <artifact>")
        .description("the PCRs, MRTD and RTMRs to expect of a UKI or a disk, with every event"),
    ),
    async () => (await import("./commands/measure.js")).measureArtifact,
  );
  add(
    replayOptions(
      program
        .command("replay <eventlog>")
        .description("replay a TPM or CC event log and name the first event that diverges"),
    ),
    async () => (await import("./commands/replay.js")).replayLog,
  );
  add(
    runOptions(program.command("run <artifact>").description("boot it in QEMU with OVMF; Ctrl-A X ends")),
    async () => (await import("./commands/run.js")).run,
  );
  const verifying = withRecipe(
    program
      .command("verify <artifact>")
      .description("rebuild it from recipe and lock and compare bit for bit; check signatures"),
  );
  add(verifyOptions(verifying), async () => {
    const { verifyArtifact } = await import("./commands/verify.js");
    return (context: CommandContext, _: string, own: Parameters<typeof verifyArtifact>[2]) =>
      verifyArtifact(context, verifying.args, own);
  });
  const comparing = program
    .command("diff <a> <b>")
    .description("two artifacts or trees side by side: 0 equal, 1 different");
  add(diffOptions(comparing), async () => {
    const { diff } = await import("./commands/diff.js");
    return (context: CommandContext, _: string, own: Parameters<typeof diff>[2]) => diff(context, comparing.args, own);
  });
  const describing = withRecipe(
    program.command("sbom [artifact]").description("what an image is made of, as SPDX and CycloneDX JSON"),
  );
  add(sbomOptions(describing), async () => {
    const { sbom } = await import("./commands/sbom.js");
    return (context: CommandContext, _: undefined, own: Parameters<typeof sbom>[2]) =>
      sbom(context, describing.args, own);
  });
  add(
    signOptions(program.command("sign <artifact>").description("sign a UKI for Secure Boot")),
    async () => (await import("./commands/sign.js")).sign,
  );
  const keys = program.command("keys").description("Secure Boot keys");
  add(
    keysGenerateOptions(
      keys.command("generate <dir>").description("make PK, KEK and db, and the files that enrol them"),
    ),
    async () => (await import("./commands/keys.js")).generateKeys,
  );
  const cache = program.command("cache").description("the cache's size, and cleaning it");
  add(
    cache.command("info").description("how large the cache is"),
    async () => (await import("./commands/cache.js")).showCacheInfo,
  );
  add(pruneOptions(cache.command("prune").description("remove what no running build uses")), async () => {
    const { prune } = await import("./commands/cache.js");
    return (context: CommandContext, _: undefined, own: Parameters<typeof prune>[1]) => prune(context, own);
  });
  const disk = program.command("disk").description("empty disks");
  add(
    diskCreateOptions(disk.command("create <file>").description("make an empty disk: qcow2, raw or vhd")),
    async () => (await import("./commands/disk.js")).createDisk,
  );
  for (const command of [program, ...program.commands, ...cache.commands, ...disk.commands, ...keys.commands])
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

function withRecipe(command: Command): Command {
  return command.argument("[recipe]", "a recipe, or a directory with an image.yaml or image.json (default: .)");
}

function usageError(error: CommanderError, program: Command): number {
  const terminal = openTerminal({}, process.env);
  // commander has printed the help of the command that lacks a subcommand.
  if (error.code === "commander.help") return 2;
  const [, message = "", suggested] = /^(?:error: )?(.*?)\.?(?:\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  const name = /^unknown command '([^']+)'/.exec(message)?.[1];
  let hint = "run tdx-assemble --help, or tdx-assemble COMMAND --help";
  if (name !== undefined && LATER.includes(name)) hint = `${name} is part of a later version`;
  else if (suggested !== undefined) hint = `the nearest ${name === undefined ? "option" : "command"} is ${suggested}`;
  else if (name !== undefined) {
    const near = nearest(
      name,
      program.commands.map((command) => command.name()),
    );
    if (near !== undefined) hint = `the nearest command is ${near}`;
  }
  terminal.error(
    `error[cli/usage]: Cannot read the command line: ${message.replace(" is invalid. ", " is invalid, ")}`,
  );
  terminal.error(`hint: ${hint}`);
  return 2;
}

process.exitCode = await main();
