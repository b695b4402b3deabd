import { describe, expect, it } from "vitest";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { type Command, NotEmulated, type Process, type Stream } from "#dist/rootfs/shell/process.js";
import { createSystem, type RunScriptOptions, runCommand, runScript } from "#dist/rootfs/shell/system.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

const LOCATION = { owner: "foo", script: "postinst" };
const ELF = "\x7fELF\x02\x01";

/** A tree with a few programs; `commands` are emulated, and are in /usr/bin. */
function world(commands: Record<string, Command> = {}, limits = {}) {
  const tree = new Tree();
  for (const path of ["/usr/bin", "/etc", "/tmp", "/dev"]) tree.mkdirs(path);
  tree.symlink("usr/bin", "/bin");
  for (const name of ["dash", "bash", "binary", ...Object.keys(commands)]) {
    tree.write(`/usr/bin/${name}`, ELF, { mode: 0o755 });
  }
  tree.symlink("dash", "/usr/bin/sh");
  const system = createSystem({ tree, commands: new Map(Object.entries(commands)), limits });
  const run = (text: string, options: Partial<RunScriptOptions> = {}) =>
    runScript(system, { text }, { location: LOCATION, ...options });
  return { tree, system, run };
}

function failure(body: () => unknown): AssembleError {
  try {
    body();
  } catch (error) {
    if (error instanceof AssembleError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("what is not emulated", () => {
  it("stops the build even where the script would ignore it, naming package, script and line", () => {
    const { run } = world();
    const error = failure(() => run("true\nif ! binary --x; then :; fi || true"));
    expect(error.code).toBe("shell/unsupported-command");
    expect(error.message).toMatch(/^Cannot run postinst of foo: line 2 of postinst needs .*binary/);
  });

  it("interprets a program whose emulation does not stand for this use of it, or stops there", () => {
    const other: Command = (_, args) => {
      if (args.includes("-c")) return 3;
      throw new NotEmulated();
    };
    const { tree, run } = world({ known: other });
    expect(failure(() => run("known -x")).message).toContain("/usr/bin/known (a binary)");
    tree.write("/usr/bin/known", "#!/bin/sh\nexit 5\n", { mode: 0o755 });
    expect(run("known -x").status).toBe(5);
    expect(run("known -c").status).toBe(3);
  });

  it("names the file and line of a function that was sourced, and of a program that was called", () => {
    const { tree, run } = world();
    tree.write("/lib.sh", "f() {\n  binary\n}\n");
    expect(failure(() => run("\n. /lib.sh\nf")).message).toContain("line 2 of");
    tree.write("/usr/bin/tool", "#!/bin/sh\n\n\nbinary\n", { mode: 0o755 });
    expect(failure(() => run("x=$(tool) || :")).message).toContain("line 4 of /usr/bin/tool");
  });

  it.each([
    ["a perl program", "perlish", "/usr/bin/perl"],
    ["a random device", "cat_random=$(: </dev/urandom)", "/dev/urandom"],
    ["a limit of the machine", "ulimit -n", "ulimit"],
    ["monitor mode", "set -m", "-m"],
    ["a descriptor above 9", "echo x 10>f", "10>f"],
    ["[[ with operators", "[[ -n a && -n b ]]", "[["],
  ])("%s stops the build", (_, text, named) => {
    const { tree, run } = world();
    tree.write("/usr/bin/perlish", "#!/usr/bin/perl -w\n", { mode: 0o755 });
    const error = failure(() => run(`${text} || true`));
    expect(error.code).toBe("shell/unsupported-command");
    expect(error.message).toContain(named);
  });

  it.each([
    ["chance", "echo $RANDOM"],
    ["time", "echo $SECONDS"],
    ["extended patterns", "echo @(a|b)"],
    ["descriptor variables", "exec {fd}>f"],
    ["job control", "coproc cat"],
    ["ERR traps", "trap 'echo x' ERR"],
    ["printing functions", "declare -f"],
    ["unknown expansions", `x=1; echo \${x@A}`],
  ])("bash: %s stop the build", (_, text) => {
    const { system } = world();
    const run = () => runScript(system, { text, dialect: "bash" }, { location: LOCATION });
    expect(failure(run).code).toBe("shell/unsupported-command");
  });

  it("a binary that is absent is 127, one that may not run is 126", () => {
    const { tree, run } = world();
    tree.write("/usr/bin/data", ELF);
    expect(run("nothere; echo $?; data; echo $?; /etc; echo $?; /no/where; echo $?").output).toBe(
      "127\n126\n126\n127\n",
    );
  });
});

describe("starting programs", () => {
  const show: Command = (process, args) => {
    process.stdout.write(`${args.join(",")}\n`);
    return 7;
  };

  it("emulates by the name of the real file, under the name that was called", () => {
    const { tree, run } = world({ mawk: show });
    tree.mkdirs("/etc/alternatives");
    tree.symlink("/usr/bin/mawk", "/etc/alternatives/awk");
    tree.symlink("/etc/alternatives/awk", "/usr/bin/awk");
    expect(run("awk a 'b c'; echo $?").output).toBe("awk,a,b c\n7\n");
  });

  it("follows #! with options, env, and takes text without #! for sh", () => {
    const { tree, run } = world();
    tree.write("/s1", "#!/bin/sh -e\nfalse\necho no\n", { mode: 0o755 });
    tree.write("/s2", `#!/usr/bin/env bash\na=(x "$@"); echo "\${a[1]}"\n`, { mode: 0o755 });
    tree.write("/s3", "echo plain $0 $1\n", { mode: 0o755 });
    expect(run("/s1; echo $?; /s2 'p q'; /s3 arg").output).toBe("1\np q\nplain /s3 arg\n");
  });

  it("imports the environment as exported, but not IFS", () => {
    const { run } = world({ env: (process) => Number(process.environment.get("IFS") !== undefined) });
    const environment = { PATH: "/usr/bin", FOO: "bar", IFS: "b" };
    const { output } = run('set -- $FOO; echo $#; sh -c \'echo "$FOO"\'; y=1 sh -c \'echo "$y"\'; echo "[$y]"', {
      environment,
    });
    expect(output).toBe("1\nbar\n1\n[]\n");
  });

  it("gives the same process ids in every run", () => {
    const { run } = world();
    const text = "echo $$; (:) & echo $!; sh -c 'echo $$'";
    expect(run(text).output).toBe(run(text).output);
  });

  it("lets commands run others with changed environment, descriptors, directory and root", () => {
    const inner = new Tree();
    inner.mkdirs("/usr/bin");
    inner.write("/usr/bin/where", '#!/bin/sh\necho inside; pwd; echo err >&2; read x <&5; echo "$x $A [$B]"\n', {
      mode: 0o755,
    });
    const files = new Map<number, Stream>([[5, lines(["five\n"])]]);
    const jail: Command = (process) => {
      const environment = { A: "1", B: undefined };
      const result = process.capture(["where"], { tree: inner, cwd: "/usr", environment, files });
      process.stdout.write(`<${result.output}>${result.status}`);
      return 0;
    };
    const { run } = world({ jail });
    const result = run("B=2; export B; jail");
    expect(result.output).toBe("<inside\n/usr\nfive 1 []\n>0");
    expect(result.errors).toBe("err\n");
  });

  it("runs a file of the tree by its path", () => {
    const { tree, system } = world();
    tree.write("/var.postinst", '#!/bin/sh\necho "$0:$1:$#"\nexit 3\n', { mode: 0o755 });
    const result = runScript(system, { path: "/var.postinst", args: ["configure", ""] }, { location: LOCATION });
    expect(result).toEqual({ status: 3, output: "/var.postinst:configure:2\n", errors: "" });
    expect(runCommand(system, ["nothere"], { location: LOCATION }).status).toBe(127);
  });
});

/** A stream of given lines. */
function lines(list: string[]): Stream {
  const rest = [...list];
  return { read: () => rest.shift() ?? "", readLine: () => rest.shift(), write: () => {} };
}

describe("streams", () => {
  it("a command that reads one line leaves the rest to the loop around it", () => {
    const line: Command = (process) => {
      process.stdout.write(`(${process.stdin.readLine() ?? ""})`);
      return 0;
    };
    const { run } = world({ line });
    expect(run('while read x; do echo "<$x>"; line; done', { stdin: lines(["1\n", "2\n", "3\n"]) }).output).toBe(
      "<1>\n(2\n)<3>\n()",
    );
  });

  it("answers can appear on stdin while the script writes to stdout: the debconf protocol", () => {
    const replies: string[] = [];
    const asked: string[] = [];
    const stdin: Stream = { read: () => replies.shift() ?? "", readLine: () => replies.shift(), write: () => {} };
    const stdout: Stream = {
      read: () => "",
      readLine: () => undefined,
      write: (bytes) => {
        asked.push(bytes.trimEnd());
        replies.push(`0 answer to ${bytes.trimEnd()}\n`);
      },
    };
    const { run } = world();
    const text =
      'get() { echo "GET $1"; read status reply; }\nget a/b; first=$reply; get c/d; echo "$first|$reply" >&2';
    const result = run(text, { stdin, stdout });
    expect(asked).toEqual(["GET a/b", "GET c/d"]);
    expect(result.errors).toBe("answer to GET a/b|answer to GET c/d\n");
  });

  it("ends a writer that nobody reads, as SIGPIPE would", () => {
    const { run } = world();
    const yes =
      "yes() { while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done; }";
    expect(run(`${yes}; { yes; echo no >&2; } | { read x; echo \${#x}; }; echo $?`)).toEqual({
      status: 0,
      output: "68\n0\n",
      errors: "",
    });
    const error = failure(() => run(`${yes}; yes | while read x; do :; done`));
    expect(error.code).toBe("shell/limit-exceeded");
  });

  it("tells a command's broken pipe as status 141", () => {
    const spam: Command = (process) => {
      for (;;) process.stdout.write("x".repeat(65536));
    };
    const { system } = world({ spam });
    const text = `set -o pipefail; spam | read -n 1 x; echo "$? \${PIPESTATUS[0]}"`;
    expect(runScript(system, { text, dialect: "bash" }, { location: LOCATION }).output).toBe("141 141\n");
  });

  it("has the usual devices without their nodes", () => {
    const { run } = world();
    expect(run("echo a >/dev/null && : </dev/null && [ -c /dev/null ] && [ -e /dev/zero ] && echo ok").output).toBe(
      "ok\n",
    );
    expect(run("echo x >/dev/full; echo $?").output).toBe("1\n");
    expect(run("(: </dev/tty) 2>/dev/null; echo $?").output).toBe("2\n");
    expect(run("read x </dev/fd/3; echo $x", { files: new Map([[3, lines(["three\n"])]]) }).output).toBe("three\n");
  });

  it("shares the offset of duplicated descriptors, and appends at the end", () => {
    const { tree, run } = world();
    run("exec 3>/tmp/f 4>&3; echo a >&3; echo b >&4; (echo c >&3); echo d >>/tmp/f; echo e >&4");
    expect(tree.readText("/tmp/f")).toBe("a\nb\nc\ne\n");
  });
});

describe("bounds", () => {
  it.each([
    ["steps", "while :; do :; done", { steps: 1000 }],
    ["steps of for", "for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do x=$j; done; done", { steps: 100 }],
    ["bytes", "while :; do echo xxxxxxxxxxxxxxxxxxxxxx >>/tmp/f; done", { bytesWritten: 10_000 }],
    ["bytes of a substitution", "x=$(while :; do echo xxxxxxxxxxxxxxxxxxxxxx; done)", { bytesWritten: 10_000 }],
    ["depth", "f() { f; }; f", { depth: 50 }],
    ["depth of sourcing", "echo '. /tmp/f' >/tmp/f; . /tmp/f", {}],
    ["depth of programs", "echo /tmp/f >/tmp/f; /bin/sh /tmp/f", {}],
    ["nesting", `f() { ${"{ ".repeat(150)}f; ${"}; ".repeat(150)} }; f`, {}],
    ["substitutions", "f() { x=$(f); }; f", {}],
    ["eval", 'x=\'eval "$x"\'; eval "$x"', {}],
    ["operands", `f() { echo ${`\${x-`.repeat(100)}$(f)${"}".repeat(100)}; }; f`, {}],
    ["the size of values", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", {}],
    ["the size of lists", 'set -- a; while :; do set -- "$@" "$@"; done', {}],
    ["traps", "trap 'kill -USR1 $$' USR1; kill -USR1 $$", {}],
  ])("%s", (_, text, limits) => {
    const { tree, run } = world({}, limits);
    tree.write("/tmp/f", "", { mode: 0o755 });
    expect(failure(() => run(text)).code).toBe("shell/limit-exceeded");
  });

  it("start anew with each top-level script", () => {
    const { run } = world({}, { steps: 50 });
    const text = "i=0; while [ $i -lt 10 ]; do i=$((i+1)); done; echo $i";
    expect([run(text), run(text)].map((result) => result.output)).toEqual(["10\n", "10\n"]);
  });
});

describe("what a process sees", () => {
  it("has its own directory, umask and variables in a subshell", () => {
    const seen: string[] = [];
    const spy: Command = (process: Process) => {
      seen.push(`${process.cwd} ${process.umask.toString(8)} ${process.environment.get("V")} ${process.absolute("x")}`);
      return 0;
    };
    const { run } = world({ spy });
    run("export V=1; (cd /usr/bin; umask 077; V=2; spy); spy; V=3 spy; spy");
    expect(seen).toEqual(["/usr/bin 77 2 /usr/bin/x", "/ 22 1 /x", "/ 22 3 /x", "/ 22 1 /x"]);
  });

  it("works on bytes", () => {
    const { tree, run } = world();
    const bytes = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1))
      .filter((char) => char !== "'" && char !== "\n")
      .join("");
    run(`x='${bytes}'; printf %s "$x" >/tmp/f; set -- $x; echo $# >/tmp/n`);
    expect(tree.readText("/tmp/f")).toBe(bytes);
    expect(tree.readText("/tmp/n")).toBe("3\n");
  });
});
