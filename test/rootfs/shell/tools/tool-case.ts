/**
 * Cases of the tools: commands over a few files, with what trixie's programs made of them as golden values.
 *
 * The values are recorded by test/heavy/tools.test.ts with RECORD_TOOLS=1, and compared with the real programs again without it.
 */
import { readFileSync } from "node:fs";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { runTool } from "./tool-process.js";

/** A file to start with: its content, or what it is. */
export type FileSpec =
  | string
  | {
      readonly content?: string;
      readonly link?: string;
      readonly hardLink?: string;
      readonly directory?: true;
      readonly fifo?: true;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
      readonly mtime?: number;
    };

export interface ToolCase {
  /** Commands that run one after the other in the directory of the files. */
  readonly run: readonly (readonly string[])[];
  /** Standard input of the last command. */
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, FileSpec>>;
  /** The files are compared, too. */
  readonly tree?: boolean;
  readonly umask?: number;
  /** The order of the lines is the file system's: they are compared sorted. */
  readonly unordered?: true;
}

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CaseResult {
  readonly commands: readonly CommandResult[];
  readonly tree?: readonly string[];
}

/** The directory of the files, in the oracle and in our tree. */
export const WORK = "/tmp/tools-case";
/** mtime of files that state none. */
export const MTIME = 1_000_000_000;
export const EPOCH = 1_700_000_000;
export const PASSWD = [
  "root:x:0:0:root:/root:/bin/bash",
  "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
  "bin:x:2:2:bin:/bin:/usr/sbin/nologin",
  "mail:x:8:8:mail:/var/mail:/usr/sbin/nologin",
  "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
];
export const GROUP = [
  "root:x:0:",
  "daemon:x:1:",
  "bin:x:2:",
  "adm:x:4:",
  "tty:x:5:",
  "mail:x:8:",
  "www-data:x:33:",
  "nogroup:x:65534:",
];

/** Splits a command line at blanks; single and double quotes group and are removed, nothing else is special. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map((match) =>
    match[0].replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}

/** One case for each command line, all over the same input. */
export function over(setting: Omit<ToolCase, "run">, lines: readonly (string | readonly string[])[]): ToolCase[] {
  return lines.map((line) => ({
    ...setting,
    run: typeof line === "string" ? line.split(/(?<=\S) ; (?=\S)/).map(words) : [line],
  }));
}

/** The name of a case among the golden values. */
export function caseName(item: ToolCase): string {
  const { run, ...rest } = item;
  return `${run.map((argv) => argv.map((arg) => (/^[\w./=:,+-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(" ")).join(" ; ")} # ${hash(JSON.stringify(rest))}`;
}

function hash(text: string): string {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (value * 31 + text.charCodeAt(i)) | 0;
  return (value >>> 0).toString(36);
}

/** Runs a case with our tools; what is not emulated gives status -1. */
export function runCase(item: ToolCase): CaseResult {
  return comparable(item, runOnce(item));
}

/** A result with what is not compared taken out. */
export function comparable(item: ToolCase, result: CaseResult): CaseResult {
  if (!item.unordered) return result;
  const sorted = (text: string): string => text.split("\n").sort().join("\n");
  return { ...result, commands: result.commands.map((command) => ({ ...command, stdout: sorted(command.stdout) })) };
}

function runOnce(item: ToolCase): CaseResult {
  const tree = new Tree({ epoch: EPOCH });
  tree.mkdirs("/etc");
  tree.mkdirs(WORK);
  tree.write("/etc/passwd", `${PASSWD.join("\n")}\n`);
  tree.write("/etc/group", `${GROUP.join("\n")}\n`);
  // What a link of the files leads to; the oracle has it too.
  tree.write("/etc/hostname", "oracle\n");
  for (const [name, spec] of Object.entries(item.files ?? {})) addFile(tree, `${WORK}/${name}`, spec);
  for (const { node } of tree.walk(WORK)) if (node.mtime === EPOCH) node.mtime = MTIME;
  const commands = item.run.map((argv, i) => {
    const input = i === item.run.length - 1 ? (item.stdin ?? "") : "";
    return runTool(argv, { tree, cwd: WORK, input, umask: item.umask ?? 0o022 });
  });
  return { commands, ...(item.tree && { tree: dumpTree(tree) }) };
}

function addFile(tree: Tree, path: string, spec: FileSpec): void {
  const file = typeof spec === "string" ? { content: spec } : spec;
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
  const attributes = {
    mode: file.mode ?? (file.directory ? 0o755 : file.link === undefined ? 0o644 : 0o777),
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    mtime: file.mtime ?? MTIME,
  };
  if (file.link !== undefined) tree.symlink(file.link, path, attributes);
  else if (file.hardLink !== undefined) tree.link(`${WORK}/${file.hardLink}`, path);
  else if (file.fifo) tree.add(path, { type: "fifo", links: 0, ...attributes });
  else if (file.directory) tree.mkdir(path, attributes);
  else tree.write(path, file.content ?? "", attributes);
}

function dumpTree(tree: Tree): string[] {
  return [...tree.walk(WORK)].map(({ path, node }) => {
    const name = path.slice(WORK.length + 1);
    const mode = node.type === "symlink" ? "link" : node.mode.toString(8);
    const rest =
      node.type === "file"
        ? `${node.links} ${JSON.stringify(tree.readText(path))}`
        : node.type === "symlink"
          ? node.target
          : node.type === "char" || node.type === "block"
            ? `${node.major}:${node.minor}`
            : "";
    return `${name} ${node.type} ${mode} ${node.uid}:${node.gid} ${rest}`.trimEnd();
  });
}

/** The golden values of a topic. */
export function readGolden(topic: string): Record<string, CaseResult> {
  return JSON.parse(readFileSync(goldenFile(topic), "utf8"));
}

export function goldenFile(topic: string): URL {
  return new URL(`golden/${topic}.json`, import.meta.url);
}
