// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of dpkg and debconf
import { describe, expect, test } from "vitest";
import { packageCommands } from "#dist/rootfs/configure/commands/package-commands.js";
import { ConfmoduleSession } from "#dist/rootfs/configure/debconf/confmodule-session.js";
import { withDebconf } from "#dist/rootfs/configure/debconf/debconf-client.js";
import { debconfCommands } from "#dist/rootfs/configure/debconf/debconf-commands.js";
import { DebconfDatabase } from "#dist/rootfs/configure/debconf/debconf-database.js";
import { splitChoices, splitEscaped } from "#dist/rootfs/configure/debconf/protocol-words.js";
import { applyPreseeds, setSelections } from "#dist/rootfs/configure/debconf/set-selections.js";
import { parseTemplates } from "#dist/rootfs/configure/debconf/templates-file.js";
import { createSystem, runScript } from "#dist/rootfs/shell/system.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

// Expectations are what debconf 1.5.91 answers and writes for the same input (75 random conversations of 120 lines agreed).

const TEMPLATES = `Template: t/str
Type: string
Default: def \${x}
Description: A string \${x} \\\${y}
 para one
 continues
 .
 para two
   verbatim  
   more
 end

Template: t/bool
Type: boolean
Default: true
Description: bool
Description-de.UTF-8: wahr


Template: t/sel
Type: select
Choices: one, two\\, three, \${list}
Choices-C: c-one, c-two
Default: two
Description: sel

Template: t/pw
Type: password
Description: pw

Template: t/note
Type: note
Description: note

Template: t/err
Type: error
Description: err \${x}
`;

function setUp(environment: Record<string, string> = { DEBCONF_NONINTERACTIVE_SEEN: "true" }) {
  const tree = new Tree();
  tree.mkdirs("/var/cache/debconf");
  tree.write("/t.templates", TEMPLATES);
  const database = new DebconfDatabase(tree);
  let shown = "";
  const session = new ConfmoduleSession(database, tree, {
    owner: "pkg",
    environment: new Map(Object.entries(environment)),
    display: (text) => {
      shown += text;
    },
  });
  const ask = (...lines: string[]) => lines.map((line) => session.answer(line));
  ask("X_LOADTEMPLATEFILE /t.templates");
  return { tree, database, session, ask, shown: () => shown };
}

function stanza(text: string, name: string): string {
  return text.split("\n\n").find((part) => part.startsWith(`Name: ${name}\n`)) ?? "";
}

test("a templates file: fields, paragraphs and verbatim lines", () => {
  const [first, second] = parseTemplates(TEMPLATES, "t");
  expect(Object.fromEntries(first!.fields)).toEqual({
    type: "string",
    default: "def ${x}",
    description: "A string ${x} \\${y}",
    extended_description: "para one continues\n\npara two\n  verbatim\n  more\nend",
  });
  expect(second!.fields.get("description-de.utf-8")).toBe("wahr");
  const bad = expect.objectContaining({ code: "configure/bad-templates" });
  expect(() => parseTemplates("Template: a\nDescription: x\n", "t")).toThrow(bad);
  expect(() => parseTemplates("Template: a\nType: b\nType: c\n", "t")).toThrow(bad);
  expect(() => parseTemplates("Template: a\nType: b\n?\n", "t")).toThrow(bad);
});

describe("the protocol", () => {
  test("questions are skipped, and get their default", () => {
    const { ask } = setUp();
    expect(ask("VERSION 2.0", "VERSION 3.0", "VERSION 1.0", "CAPB backup")).toEqual([
      "0 2.0",
      "30 Version too high (3.0)",
      "30 Version too low (1.0)",
      "0 multiselect escape ",
    ]);
    expect(ask("INPUT high t/bool", "INPUT bogus t/bool", "INPUT high nosuch", "GO", "GET t/bool")).toEqual([
      "30 question skipped",
      '20 "bogus" is not a valid priority',
      '10 "nosuch" doesn\'t exist',
      "0 ok",
      "0 true",
    ]);
    expect(ask("SET t/str a  b", "GET t/str", "GET nosuch", "RESET t/str", "GET t/str")).toEqual([
      "0 value set",
      "0 a b",
      "10 nosuch doesn't exist",
      "0",
      "0 def ${x}",
    ]);
  });

  test("a select question whose value is no choice gets the first choice", () => {
    const { ask } = setUp();
    expect(ask("INPUT high t/sel", "GO", "GET t/sel", "SET t/sel c-two", "GO", "GET t/sel").slice(2)).toEqual([
      "0 c-one",
      "0 value set",
      "0 ok",
      "0 c-two",
    ]);
  });

  test("seen: only what would have been shown, and only when the conversation ends", () => {
    const { ask, session, database } = setUp();
    ask("INPUT medium t/str", "INPUT high t/bool", "INPUT critical t/note", "GO");
    expect(ask("FGET t/bool seen")).toEqual(["0 false"]);
    ask("FSET t/note seen true", "FSET t/note seen false");
    session.finish();
    expect(["t/str", "t/bool", "t/note"].map((name) => database.question(name)!.flags.has("seen"))).toEqual([
      false,
      true,
      false,
    ]);
    expect(ask("FGET t/bool isdefault", "FSET t/bool isdefault true", "FGET t/bool seen")).toEqual([
      "0 false",
      "0 true",
      "0 false",
    ]);
    const quiet = setUp({});
    quiet.ask("INPUT high t/bool", "GO");
    quiet.session.finish();
    expect(quiet.database.question("t/bool")!.flags.size).toBe(0);
  });

  test("variables, metadata and the escape capability", () => {
    const { ask } = setUp();
    expect(
      ask(
        "SUBST t/str x val ue",
        "METAGET t/str description",
        "METAGET t/str extended_description",
        "METAGET t/str nosuch",
      ),
    ).toEqual(["0", "0 A string val ue ${y}", "0 para one continues", "0 "]);
    expect(
      ask("CAPB escape", "METAGET t/str extended_description", "SET t/str a\\n\\\\b", "GET t/str").slice(1),
    ).toEqual(["1 para one continues\\n\\npara two\\n  verbatim\\n  more\\nend", "0 value set", "1 a\\n\\\\b"]);
    expect(ask("METAGET t/bool owners", "METAGET t/bool Type")).toEqual(["1 pkg", "1 boolean"]);
  });

  test("register, unregister, purge", () => {
    const { ask, database } = setUp();
    expect(
      ask(
        "REGISTER t/str t/new",
        "REGISTER nosuch t/x",
        "GET t/new",
        "EXIST t/new",
        "INPUT high t/new",
        "UNREGISTER t/new",
      ),
    ).toEqual([
      "0",
      '10 No such template, "nosuch"',
      "0 def ${x}",
      "0 true",
      "30 question skipped",
      "10 t/new is busy, cannot unregister right now",
    ]);
    expect(ask("CLEAR", "UNREGISTER t/new", "EXIST t/new", "PURGE")).toEqual(["0", "0", "0 false", "0"]);
    expect(database.questionNames()).toEqual([]);
    expect(database.templates.names()).toEqual([]);
  });

  test("an error is displayed where nobody can be shown it", () => {
    const { ask, shown } = setUp();
    ask("SUBST t/err x disk", "INPUT low t/err", "GO");
    expect(shown()).toBe("err disk\n\n\n\n");
  });

  test("nonsense", () => {
    const { ask } = setUp();
    expect(ask("", "bogus x", "GET", "PROGRESS START 0 1 nosuch", "PROGRESS FOO", "DATA x/t description d")).toEqual([
      '20 Bad line "" received from confmodule.',
      '20 Unsupported command "bogus" (full line was "bogus x") received from confmodule.',
      "20 Incorrect number of arguments",
      "10 nosuch doesn't exist",
      "20 Unknown subcommand",
      "10 Template data field 'description' received before type field",
    ]);
    expect(ask("STOP")).toEqual([undefined]);
  });
});

test("the files: order, owners, flags, passwords apart; read back they are the same", () => {
  const { tree, database, ask, session } = setUp();
  ask("SET t/pw secret", "SUBST t/str b 2\\n", "SUBST t/str a 1", "INPUT high t/bool", "GO", "REGISTER t/str t/reg");
  session.finish();
  database.save();
  const read = (name: string): string => tree.readText(`/var/cache/debconf/${name}`);
  expect(stanza(read("config.dat"), "t/bool")).toBe(
    "Name: t/bool\nTemplate: t/bool\nValue: true\nOwners: pkg\nFlags: seen",
  );
  expect(stanza(read("config.dat"), "t/str")).toBe(
    "Name: t/str\nTemplate: t/str\nOwners: pkg\nVariables:\n a = 1\n b = 2\\n",
  );
  expect(read("passwords.dat")).toBe("Name: t/pw\nTemplate: t/pw\nValue: secret\nOwners: pkg\n\n");
  expect(tree.get("/var/cache/debconf/passwords.dat").mode).toBe(0o600);
  expect(stanza(read("templates.dat"), "t/str")).toBe(
    "Name: t/str\nDefault: def ${x}\nDescription: A string ${x} \\${y}\n" +
      "Extended_description: para one continues\\n\\npara two\\n  verbatim\\n  more\\nend\nType: string\nOwners: t/reg, t/str",
  );
  expect(stanza(read("templates.dat"), "t/bool")).toContain("Description-de.utf-8: wahr\n");
  const again = new DebconfDatabase(tree);
  again.setValue("t/bool", "true");
  const before = ["config.dat", "passwords.dat", "templates.dat"].map(read);
  again.save();
  expect(["config.dat", "passwords.dat", "templates.dat"].map(read)).toEqual(before);
});

test("preseeds: answers ahead of the questions", () => {
  const tree = new Tree();
  const database = new DebconfDatabase(tree);
  applyPreseeds(database, [
    "tzdata tzdata/Areas select Etc",
    "# comment",
    "",
    "tzdata tzdata/Zones/Etc select \\\nUTC",
    "x x/pw password p",
  ]);
  database.save();
  expect(tree.lookup("/var/cache/debconf")).toBeUndefined();
  expect(database.value("tzdata/Areas")).toBe("Etc");
  expect(database.value("tzdata/Zones/Etc")).toBe("UTC");
  expect(database.question("tzdata/Areas")!.flags.has("seen")).toBe(true);
  expect(setSelections(database, "a b\nx y/z fancy 1\nx x/pw seen false\nx nosuch seen true\n")).toEqual({
    errors: ["parse error on line 'a b'", "Cannot find a question for nosuch"],
    warnings: ["Unknown type fancy, skipping line 'x y/z fancy 1'"],
  });
  expect(database.question("x/pw")!.flags.has("seen")).toBe(false);
  expect(() => applyPreseeds(database, ["nonsense"])).toThrow(
    expect.objectContaining({ code: "configure/bad-preseed" }),
  );
});

test("splitting: escaped words, and choices", () => {
  expect(splitEscaped("SET a/b one\\ two  three\\n\\\\")).toEqual(["SET", "a/b", "one two", "three\n\\"]);
  expect(splitChoices("one, two\\, three,  four\\ x, ")).toEqual(["one", "two, three", "four x"]);
});

describe("the programs", () => {
  // What confmodule does, without it.
  const SCRIPT = `#!/bin/sh
[ "$DEBIAN_HAS_FRONTEND" ] || exec /usr/share/debconf/frontend "$0" "$@"
exec 3>&1 1>&2
ask() { printf '%s\\n' "$*" >&3; read -r answer; }
`;

  function world(): { tree: Tree; database: DebconfDatabase; run: (text: string) => ReturnType<typeof runScript> } {
    const tree = new Tree();
    for (const path of ["/usr/bin", "/usr/share/debconf", "/var/cache/debconf", "/var/lib/dpkg/info", "/root"])
      tree.mkdirs(path);
    tree.write("/usr/share/debconf/frontend", "#!/usr/bin/perl\n", { mode: 0o755 });
    const database = new DebconfDatabase(tree);
    const commands = new Map(debconfCommands(database));
    commands.set("helper", (process, args) =>
      withDebconf(process, {
        argv: ["/usr/bin/helper", ...args.slice(1)],
        body: (ask) => {
          process.stderr.write(JSON.stringify(ask("GET t/str")));
          return ask("GET nosuch").status;
        },
      }),
    );
    for (const name of commands.keys())
      if (name !== "frontend") tree.write(`/usr/bin/${name}`, "#!/usr/bin/perl\n", { mode: 0o755 });
    const system = createSystem({ tree, commands });
    const run = (text: string) =>
      runScript(
        system,
        { text },
        {
          location: { owner: "test", script: "test" },
          environment: { PATH: "/usr/bin", DEBCONF_NONINTERACTIVE_SEEN: "true", DEBIAN_FRONTEND: "noninteractive" },
        },
      );
    return { tree, database, run };
  }

  test("the frontend loads templates, runs config and then the script, which finds the answers", () => {
    const { tree, run } = world();
    const info = "/var/lib/dpkg/info/x:amd64";
    tree.write(`${info}.templates`, TEMPLATES);
    tree.write(`${info}.config`, `${SCRIPT}ask INPUT high t/bool\nask GO\nask SET t/str "from $1 $#"\n`, {
      mode: 0o755,
    });
    tree.write(`${info}.postinst`, `${SCRIPT}ask GET t/str\necho "$answer" > /out\necho STOP >&3\n`, { mode: 0o755 });
    expect(run(`${info}.postinst configure ""`)).toMatchObject({ status: 0, errors: "" });
    expect(tree.readText("/out")).toBe("0 from configure 2\n");
    const config = tree.readText("/var/cache/debconf/config.dat");
    expect(stanza(config, "t/bool")).toBe("Name: t/bool\nTemplate: t/bool\nValue: true\nOwners: x:amd64\nFlags: seen");
  });

  test("a preinst has its package's name from tmp.ci; a config script that fails ends it", () => {
    const { tree, run } = world();
    tree.mkdirs("/var/lib/dpkg/tmp.ci");
    tree.write("/var/lib/dpkg/tmp.ci/control", "Package: x\nVersion: 1\n");
    tree.write("/var/lib/dpkg/tmp.ci/templates", TEMPLATES);
    tree.write("/var/lib/dpkg/tmp.ci/preinst", `${SCRIPT}ask METAGET t/str owners\necho "$answer" > /out\n`, {
      mode: 0o755,
    });
    expect(run("/var/lib/dpkg/tmp.ci/preinst install").status).toBe(0);
    expect(tree.readText("/out")).toBe("0 x\n");
    tree.write("/var/lib/dpkg/tmp.ci/config", "#!/bin/sh\nexit 7\n", { mode: 0o755 });
    expect(run("/var/lib/dpkg/tmp.ci/preinst install").status).toBe(7);
  });

  test("debconf-set-selections, -show, -communicate, -escape", () => {
    const { run } = world();
    expect(run("echo 'p t/str string hello world' | debconf-set-selections").status).toBe(0);
    expect(run("debconf-show p; debconf-show --listowners").output).toBe("* t/str: hello world\np\n");
    expect(run("printf 'GET t/str\\nGET nosuch\\n' | debconf-communicate p")).toMatchObject({
      status: 10,
      output: "0 hello world\n10 nosuch doesn't exist\n",
    });
    expect(run("printf 'a\\\\b\\nc' | debconf-escape -e; printf 'a\\\\\\\\b\\\\nc' | debconf-escape -u").output).toBe(
      "a\\\\b\\nca\\b\nc",
    );
  });

  test("a configured tree's databases come back", () => {
    const { tree, database, run } = world();
    run("echo 'p t/str string hello' | debconf-set-selections");
    expect(database.value("t/str")).toBe("hello");
    const system = createSystem({ tree, commands: packageCommands(tree, "amd64") });
    const location = { owner: "test", script: "test" };
    const environment = { PATH: "/usr/bin" };
    expect(
      runScript(system, { text: "debconf-show p; dpkg --print-architecture" }, { location, environment }).output,
    ).toBe("* t/str: hello\n");
    tree.write("/usr/bin/dpkg", "\x7fELF", { mode: 0o755 });
    expect(runScript(system, { text: "dpkg --print-architecture" }, { location, environment }).output).toBe("amd64\n");
  });

  test("an emulated program talks with debconf through the client", () => {
    const { tree, run } = world();
    run("echo 'p t/str string hello' | debconf-set-selections");
    expect(run("helper --package")).toMatchObject({ status: 10, errors: '{"status":0,"text":"hello"}' });
    // Under a script that has loaded confmodule.
    tree.write("/root/x", `${SCRIPT}export DEBCONF_REDIR=1\nask CAPB escape\nask SET t/str 'a\\nb'\nhelper\n`, {
      mode: 0o755,
    });
    expect(run("/root/x")).toMatchObject({ status: 10, errors: '{"status":0,"text":"a\\nb"}' });
  });
});
