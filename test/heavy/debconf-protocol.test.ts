/**
 * Random conversations with debconf: Debian's own debconf-communicate answers every line and leaves every file as ours does.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: debconf's own syntax
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfmoduleSession } from "#dist/rootfs/configure/debconf/confmodule-session.js";
import { DebconfDatabase } from "#dist/rootfs/configure/debconf/debconf-database.js";
import { setSelections } from "#dist/rootfs/configure/debconf/set-selections.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const FILES = ["config.dat", "passwords.dat", "templates.dat"];
const QUESTIONS = ["t/str", "t/bool", "t/sel", "t/multi", "t/pw", "t/note", "t/text", "t/new", "t/new2", "nosuch"];
const SELECTIONS =
  "pkg t/str string hello world\npkg t/pw password sec\n# c\nfoo t/unknown select a, b\nfoo t/unknown seen false\npkg t/bool boolean false\\\n\n";

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

Template: t/sel
Type: select
Choices: one, two\\, three, \${list}
Choices-de.UTF-8: eins, zwei, drei
Default: two
Description: sel

Template: t/multi
Type: multiselect
Choices: a, b, c
Description: multi

Template: t/pw
Type: password
Description: pw

Template: t/note
Type: note
Description: note

Template: t/text
Type: text
Description: text
`;

const scratch = oracleScratch();
afterAll(() => scratch.remove());

/** A conversation of its own for every seed (a linear congruential generator). */
function conversation(seed: number): string[] {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const question = () => pick(QUESTIONS);
  const makers: (() => string)[] = [
    () => `INPUT ${pick(["low", "medium", "high", "critical", "bogus"])} ${question()}`,
    () => `INPUT high ${question()}`,
    () => "GO",
    () => "GO",
    () => `GET ${question()}`,
    () => `SET ${question()} ${pick(["", "one", "two, three", "false", "a  b\\nc", "x\\\\y \xc3\xa4", "${list}"])}`,
    () => `RESET ${question()}`,
    () => `SUBST ${question()} ${pick(["x", "list", "y"])} ${pick(["", "val ue", "p, q\\, r"])}`,
    () => `REGISTER ${question()} ${pick(["t/new", "t/new2"])}`,
    () => `UNREGISTER ${pick(["t/new", "t/new2", "nosuch"])}`,
    () => `FGET ${question()} ${pick(["seen", "foo", "isdefault"])}`,
    () => `FSET ${question()} ${pick(["seen", "isdefault"])} ${pick(["true", "false"])}`,
    () =>
      `METAGET ${question()} ${pick(["description", "Extended_Description", "choices", "type", "default", "owners", "value"])}`,
    () =>
      pick([
        "CAPB backup",
        "CAPB escape",
        "CAPB",
        "VERSION 2.0",
        "VERSION 3.0",
        "VERSION 1.0",
        "VERSION",
        "SETTITLE t/str",
      ]),
    () => pick(["CLEAR", "INFO t/str", "INFO", "bogus x", "", "GET", "GO x", "INPUT high", "BEGINBLOCK", "ENDBLOCK"]),
    () => pick(["DATA x/t type string", "DATA x/t description hello\\nx", `PROGRESS START 0 10 ${question()}`]),
    () => `EXIST ${question()}`,
  ];
  return Array.from({ length: 120 }, () => pick(makers)());
}

function real(lines: readonly string[], preseed: boolean): { output: string; files: string[] } {
  const { inside, outside } = scratch;
  const stanza = (name: string, rest: string) =>
    `Name: ${name}\nDriver: File\n${rest}Filename: ${inside}/${name}.dat\n\n`;
  writeFileSync(
    join(outside, "rc"),
    `Config: configdb\nTemplates: templates\n\n${stanza("config", "Mode: 644\nReject-Type: password\n")}` +
      `${stanza("passwords", "Mode: 600\nBackup: false\nRequired: false\nAccept-Type: password\n")}` +
      `Name: configdb\nDriver: Stack\nStack: config, passwords\n\n${stanza("templates", "Mode: 644\n")}`,
  );
  writeFileSync(join(outside, "t.templates"), TEMPLATES);
  writeFileSync(join(outside, "selections"), preseed ? SELECTIONS : "");
  writeFileSync(join(outside, "lines"), Buffer.from(`${lines.join("\n")}\n`, "latin1"));
  const script =
    "rm -f *.dat; export DEBCONF_SYSTEMRC=$PWD/rc DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LANG=C.UTF-8 HOME=/root; " +
    "debconf-set-selections selections && debconf-communicate pkg < lines > answers 2> errors || true; cat errors";
  expect(runInOracle(inside, ["sh", "-c", script])).toBe("");
  const read = (name: string): string => readFileSync(join(outside, name), "latin1");
  return { output: read("answers"), files: FILES.map(read) };
}

function ours(lines: readonly string[], preseed: boolean): { output: string; files: string[] } {
  const tree = new Tree();
  tree.mkdirs("/var/cache/debconf");
  tree.mkdirs(scratch.inside);
  tree.write(`${scratch.inside}/t.templates`, TEMPLATES);
  const database = new DebconfDatabase(tree);
  if (preseed) setSelections(database, SELECTIONS);
  const session = new ConfmoduleSession(database, tree, {
    owner: "pkg",
    environment: new Map([["DEBCONF_NONINTERACTIVE_SEEN", "true"]]),
    display: () => {},
  });
  const output = lines.map((line) => `${session.answer(line) ?? ""}\n`).join("");
  session.finish();
  database.save();
  return { output, files: FILES.map((name) => tree.readText(`/var/cache/debconf/${name}`)) };
}

test.each(Array.from({ length: 20 }, (_, i) => i + 1))("conversation %i", (seed) => {
  const load = `X_LOADTEMPLATEFILE ${scratch.inside}/t.templates`;
  const lines = [load, ...(seed % 2 === 0 ? [`${load} other`] : []), ...conversation(seed * 7919)];
  expect(ours(lines, seed % 3 === 0)).toEqual(real(lines, seed % 3 === 0));
});
