/**
 * Runs the cases with the real programs of the oracle.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { oracleTree } from "../../../fixtures/oracle/oracle-tree.js";
import {
  type CaseResult,
  type CommandResult,
  comparable,
  type FileSpec,
  MTIME,
  type ToolCase,
  WORK,
} from "./tool-case.js";

/** Runs commands as told by a file of JSON; directories are renamed into place, so that all cases see the same paths. */
const DRIVER = `
import json, os, subprocess, sys
store, work = sys.argv[1:3]
env = {b"LC_ALL": b"C", b"PATH": b"/usr/sbin:/usr/bin:/sbin:/bin"}
results = []
for number, case in enumerate(json.load(open(store + "/cases"))):
    os.rename(f"{store}/{number}", work)
    os.chdir(work)
    os.umask(case["umask"])
    commands = []
    for argv, stdin in case["run"]:
        argv = [word.encode("latin1") for word in argv]
        try:
            done = subprocess.run(argv, input=stdin.encode("latin1"), capture_output=True, env=env, timeout=60)
            commands.append({"status": done.returncode if done.returncode >= 0 else 128 - done.returncode,
                             "stdout": done.stdout.decode("latin1"), "stderr": done.stderr.decode("latin1")})
        except FileNotFoundError:
            commands.append({"status": 127, "stdout": "", "stderr": "not in the oracle"})
    os.chdir("/")
    os.rename(work, f"{store}/{number}")
    results.append(commands)
json.dump(results, open(store + "/results", "w"))
`;

/** Runs cases in the oracle, as root. The files of all of them are made first, one process then runs all commands. */
export function runReal(cases: readonly ToolCase[]): CaseResult[] {
  const root = oracleTree();
  const store = `${WORK}.d`;
  rmSync(root + store, { recursive: true, force: true });
  rmSync(root + WORK, { recursive: true, force: true });
  mkdirSync(root + store);
  for (const [number, item] of cases.entries()) prepare(item, `${root + store}/${number}`);
  const orders = cases.map((item) => ({
    umask: item.umask ?? 0o022,
    run: item.run.map((argv, i) => [argv, i === item.run.length - 1 ? (item.stdin ?? "") : ""]),
  }));
  writeFileSync(`${root + store}/cases`, JSON.stringify(orders));
  execFileSync("chroot", [root, "/usr/bin/python3", "-c", DRIVER, store, WORK], { stdio: "pipe" });
  const results = JSON.parse(readFileSync(`${root + store}/results`, "utf8")) as CommandResult[][];
  const all = cases.map((item, number) =>
    comparable(item, {
      commands: results[number]!,
      ...(item.tree && { tree: dumpTree(`${root + store}/${number}`) }),
    }),
  );
  rmSync(root + store, { recursive: true, force: true });
  return all;
}

function prepare(item: ToolCase, work: string): void {
  mkdirSync(work);
  for (const [name, spec] of Object.entries(item.files ?? {})) addFile(work, name, spec);
  for (const [name, spec] of Object.entries(item.files ?? {})) {
    const mtime = typeof spec === "object" ? (spec.mtime ?? MTIME) : MTIME;
    if (typeof spec === "object" && spec.link !== undefined) lutimesSync(`${work}/${name}`, mtime, mtime);
    else if (typeof spec === "string" || spec.hardLink === undefined) utimesSync(`${work}/${name}`, mtime, mtime);
    for (let up = dirname(name); up !== "."; up = dirname(up)) utimesSync(`${work}/${up}`, MTIME, MTIME);
  }
}

function addFile(work: string, name: string, spec: FileSpec): void {
  const path = `${work}/${name}`;
  const file = typeof spec === "string" ? { content: spec } : spec;
  mkdirSync(dirname(path), { recursive: true });
  if (file.link !== undefined) symlinkSync(file.link, path);
  else if (file.hardLink !== undefined) linkSync(`${work}/${file.hardLink}`, path);
  else if (file.fifo) spawnSync("mkfifo", [path]);
  else if (file.directory) mkdirSync(path);
  else writeFileSync(path, Buffer.from(file.content ?? "", "latin1"));
  if (file.hardLink !== undefined) return;
  lchownSync(path, file.uid ?? 0, file.gid ?? 0);
  if (file.link === undefined) chmodSync(path, file.mode ?? (file.directory ? 0o755 : 0o644));
}

function dumpTree(work: string): string[] {
  const lines: string[] = [];
  const visit = (directory: string, prefix: string): void => {
    for (const name of readdirSync(directory, { encoding: "latin1" }).sort()) {
      const path = `${directory}/${name}`;
      const stat = lstatSync(path);
      const type = stat.isFile()
        ? "file"
        : stat.isDirectory()
          ? "directory"
          : stat.isSymbolicLink()
            ? "symlink"
            : stat.isFIFO()
              ? "fifo"
              : stat.isCharacterDevice()
                ? "char"
                : "block";
      const mode = type === "symlink" ? "link" : (stat.mode & 0o7777).toString(8);
      const rest =
        type === "file"
          ? `${stat.nlink} ${JSON.stringify(readFileSync(path, "latin1"))}`
          : type === "symlink"
            ? readlinkSync(path, "latin1")
            : type === "char" || type === "block"
              ? `${stat.rdev >> 8}:${stat.rdev & 255}`
              : "";
      lines.push(`${prefix}${name} ${type} ${mode} ${stat.uid}:${stat.gid} ${rest}`.trimEnd());
      if (type === "directory") visit(path, `${prefix}${name}/`);
    }
  };
  visit(work, "");
  return lines;
}
