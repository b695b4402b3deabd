/**
 * debconf's programs, by name: they are perl, and done natively. `dpkg-preconfigure` and `dpkg-reconfigure` are not emulated.
 */
import type { Command, Process } from "../../shell/process.js";
import { readOptions } from "../commands/command-options.js";
import { ConfmoduleSession } from "./confmodule-session.js";
import type { DebconfDatabase } from "./debconf-database.js";
import { converse, frontendCommand, type RunConfig } from "./frontend.js";
import { unescapeText } from "./protocol-words.js";
import { setSelections } from "./set-selections.js";

/** The programs, closed over one database. */
export function debconfCommands(database: DebconfDatabase, runConfig?: RunConfig): ReadonlyMap<string, Command> {
  return new Map([
    ["frontend", frontendCommand(database, runConfig)],
    ["debconf", debconfCommand(database)],
    ["debconf-set-selections", setSelectionsCommand(database)],
    ["debconf-communicate", communicateCommand(database)],
    ["debconf-show", showCommand(database)],
    ["debconf-escape", escapeCommand],
  ]);
}

function debconfCommand(database: DebconfDatabase): Command {
  return (process, args) => {
    let owner = "";
    let i = 1;
    for (; args[i]?.startsWith("-"); i++) {
      const word = args[i] as string;
      if (/^(?:-o|--owner)$/.test(word)) owner = args[++i] ?? "";
      else if (/^(?:-o.|--owner=)/.test(word)) owner = word.replace(/^(?:-o|--owner=)/, "");
      else if (/^(?:-f|-p|--frontend|--priority)$/.test(word)) i++;
      else if (!/^(?:-f|-p|--frontend=|--priority=|--terse$)/.test(word)) process.unsupported(`debconf ${word}`);
    }
    const argv = args.slice(i);
    if (argv.length === 0) return process.unsupported("debconf without a command");
    const status = converse(process, { database, owner: owner === "" ? "unknown" : owner, argv });
    database.save();
    return status;
  };
}

function setSelectionsCommand(database: DebconfDatabase): Command {
  return (process, args) => {
    const { flags, operands } = readOptions(process, args, {
      flags: {
        "-v": "verbose",
        "--verbose": "verbose",
        "-c": "check",
        "--checkonly": "check",
        "-u": "unseen",
        "--unseen": "unseen",
      },
      values: {},
    });
    let text = "";
    for (const name of operands.length === 0 ? ["-"] : operands) {
      if (name === "-") text += readAll(process);
      else if (process.tree.lookup(process.absolute(name))?.type === "file")
        text += process.tree.readText(process.absolute(name));
      else process.stderr.write(`debconf-set-selections: ${name}: No such file or directory\n`);
    }
    const { errors, warnings } = setSelections(database, text, {
      unseen: flags.has("unseen"),
      checkOnly: flags.has("check"),
    });
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const error of errors) process.stderr.write(`error: ${error}\n`);
    if (!flags.has("check")) database.save();
    return errors.length === 0 ? 0 : 1;
  };
}

function communicateCommand(database: DebconfDatabase): Command {
  return (process, args) => {
    const { operands } = readOptions(process, args, { flags: {}, values: { "-f": "frontend", "-p": "priority" } });
    const session = new ConfmoduleSession(database, process.tree, {
      owner: operands[0] ?? "unknown",
      environment: process.environment,
      display: (text) => process.stdout.write(text),
    });
    let status = 127;
    for (let line = process.stdin.readLine(); line !== undefined; line = process.stdin.readLine()) {
      const reply = session.answer(line.replace(/\n$/, "")) ?? "";
      status = Number.parseInt(reply, 10) || 0;
      process.stdout.write(`${reply}\n`);
    }
    session.finish();
    database.save();
    return status;
  };
}

function showCommand(database: DebconfDatabase): Command {
  return (process, args) => {
    const { flags, operands } = readOptions(process, args, { flags: { "--listowners": "listowners" }, values: {} });
    const names = database.questionNames();
    if (flags.has("listowners")) {
      const owners = new Set(names.flatMap((name) => [...database.question(name)!.owners].sort()));
      for (const owner of owners) process.stdout.write(`${owner}\n`);
      return 0;
    }
    for (const name of names)
      for (const owner of operands) {
        const question = database.question(name)!;
        if (!question.owners.has(owner)) continue;
        const value = database.typeOf(name) === "password" ? "(password omitted)" : database.value(name);
        process.stdout.write(`${question.flags.has("seen") ? "* " : "  "}${name}:${value === "" ? "" : ` ${value}`}\n`);
      }
    return 0;
  };
}

const escapeCommand: Command = (process, args) => {
  const { flags } = readOptions(process, args, {
    flags: { "-e": "escape", "--escape": "escape", "-u": "unescape", "--unescape": "unescape" },
    values: {},
  });
  const text = readAll(process);
  if (flags.has("escape") === flags.has("unescape")) return 1;
  if (flags.has("escape")) process.stdout.write(text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n"));
  else process.stdout.write(unescapeText(text));
  return 0;
};

function readAll(process: Process): string {
  let text = "";
  for (let part = process.stdin.read(65536); part !== ""; part = process.stdin.read(65536)) text += part;
  return text;
}
