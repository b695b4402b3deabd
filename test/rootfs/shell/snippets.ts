/**
 * The table of shell snippets: each is run by the project's shell and, in heavy tests, by the real one.
 *
 * `snippets/<topic>.sh.txt` holds snippets separated by `%%` lines; `golden/<topic>.json` what the real shell did with each.
 * Topics that start with `bash-` are for bash, the others for dash.
 */
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toByteString } from "#dist/bytes/content.js";
import { createSystem, runScript } from "#dist/rootfs/shell/system.js";
import { textTools as commands } from "#dist/rootfs/shell/tools/table.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

/** What a snippet did; texts are byte strings. */
export interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
  /** `path type mode content` of what it left in its directory. */
  readonly files: readonly string[];
}

const HERE = new URL(".", import.meta.url);

/** The topics. */
export function topics(): string[] {
  return readdirSync(new URL("snippets", HERE))
    .map((name) => name.replace(/\.sh\.txt$/, ""))
    .sort();
}

/** The snippets of a topic. */
export function readSnippets(topic: string): string[] {
  return readFileSync(new URL(`snippets/${topic}.sh.txt`, HERE), "latin1").split(/^%%\n/m);
}

/** Where the recorded outcomes of a topic are. */
export function goldenFile(topic: string): URL {
  return new URL(`golden/${topic}.json`, HERE);
}

/** The recorded outcomes of a topic. */
export function readGolden(topic: string): { readonly text: string; readonly outcome: Outcome }[] {
  return JSON.parse(readFileSync(goldenFile(topic), "utf8"));
}

/** Runs a snippet in the project's shell, over a small tree. */
export function runEmulated(topic: string, text: string): Outcome {
  const tree = new Tree();
  for (const path of ["/usr/bin", "/w", "/etc", "/root", "/dev", "/tmp"]) tree.mkdirs(path);
  tree.symlink("usr/bin", "/bin");
  tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
  for (const name of [...commands.keys(), "dash", "bash"]) tree.write(`/usr/bin/${name}`, "\x7fELF", { mode: 0o755 });
  tree.symlink("dash", "/usr/bin/sh");
  const bash = topic.startsWith("bash-");
  const { status, output, errors } = runScript(
    createSystem({ tree, commands }),
    { text, name: "sh", dialect: bash ? "bash" : "dash" },
    {
      location: { owner: "test", script: topic },
      cwd: "/w",
      environment: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C" },
    },
  );
  const files = [...tree.walk("/w")].map(({ path, node }) => {
    const mode = (node.mode & 0o7777).toString(8);
    const name = path.slice("/w/".length);
    if (node.type === "file") return `${name} file ${mode} ${toByteString(node.content.read())}`;
    return node.type === "symlink" ? `${name} symlink ${node.target}` : `${name} ${node.type} ${mode}`;
  });
  return { status, output, errors, files };
}

/** Runs a snippet in the real shell, in a directory of its own. */
export function runReal(topic: string, text: string): Outcome {
  const base = mkdtempSync(join(tmpdir(), "shell-snippet-"));
  const directory = join(base, "w");
  mkdirSync(directory);
  try {
    const shell = topic.startsWith("bash-") ? "bash" : "dash";
    // Pipes, not the sockets that Node makes: they can be opened again through /dev/stdout.
    const start =
      'umask 022; b=$1; cd "$b/w" || exit 99; shift; ' +
      '{ { "$@" 2>&3 3>&-; echo $? >"$b/status"; } | cat >"$b/output"; } 3>&1 | cat >"$b/errors"';
    const result = spawnSync("/bin/sh", ["-c", start, "sh", base, shell, "-c", text, "sh"], {
      encoding: "latin1",
      env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C" },
      input: "",
      timeout: 10_000,
    });
    if (result.error !== undefined) throw result.error;
    const read = (name: string): string => readFileSync(join(base, name), "latin1").replaceAll(base, "");
    const files = listFiles(directory, "").map((file) => file.replaceAll(base, ""));
    return { status: Number(read("status")), output: read("output"), errors: read("errors"), files };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function listFiles(directory: string, prefix: string): string[] {
  return readdirSync(join(directory, prefix), "latin1")
    .sort()
    .flatMap((name) => {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const full = Buffer.from(join(directory, path), "latin1");
      const stats = lstatSync(full);
      const mode = (stats.mode & 0o7777).toString(8);
      if (stats.isSymbolicLink()) return [`${path} symlink ${readlinkSync(full, "latin1")}`];
      if (stats.isDirectory()) return [`${path} directory ${mode}`, ...listFiles(directory, path)];
      return [`${path} file ${mode} ${readFileSync(full, "latin1")}`];
    });
}
