/**
 * One script, seen statically: every simple command of every branch, each run by itself in a configured tree to see whether it is emulated
 * with the words that it has there. What only running tells (a variable's value) is guessed: its literal value where the script assigns
 * one and no other, else a placeholder. A command whose name is not literal, or that is refused for the placeholder, cannot be judged; it
 * is counted.
 */
import { parseScript } from "../dist/rootfs/shell/parse-script.js";
import { runScript } from "../dist/rootfs/shell/system.js";

/** What stands where dpkg gives arguments: `postinst configure ""`. */
const ARGUMENTS = new Map([
  ["1", "configure"],
  ["2", ""],
  ["#", "2"],
  ["0", "script"],
  ["?", "0"],
  ["$", "1000"],
  ["DPKG_ROOT", ""],
  ["DPKG_ADMINDIR", "/var/lib/dpkg"],
  ["HOME", "/root"],
]);

/** Not a word of any option or value that a tool knows. */
const GUESS = "guess";
/** Variables that hold options or nothing. */
const OPTIONS = /opt|arg|flag|quiet|verbose|force/i;

/**
 * Judges a script.
 *
 * @returns `missing`, of each the line and what is missing, and `unknown`, how many commands have a name that is not literal
 */
export function probeScript(system, { owner, script, text }) {
  const interpreter = /^#! *(\S+)/.exec(text)?.[1] ?? "/bin/sh";
  const name = interpreter.slice(interpreter.lastIndexOf("/") + 1);
  if (name !== "sh" && name !== "bash" && name !== "dash") {
    const isEmulated = system.commands.has(`${owner}.${script}`);
    return { missing: isEmulated ? [] : [{ line: 1, what: `a program for ${interpreter}` }], unknown: 0, commands: 0 };
  }
  const program = parseScript(text, { dialect: name === "bash" ? "bash" : "dash" });
  const found = collect(program);
  const missing = found.unsupported.map(({ line, what }) => ({ line, what: `the syntax ${what}` }));
  if (program.error !== undefined) missing.push({ line: program.error.line, what: program.error.message });
  found.values.set("DPKG_MAINTSCRIPT_PACKAGE", owner).set("DPKG_MAINTSCRIPT_NAME", script);
  const functions = new Set([...found.functions, ...sourced(system.tree, found, new Set())]);
  let unknown = 0;
  for (const command of found.commands) {
    const words = command.words.flatMap(({ word }, i) => render(word, { values: found.values, isName: i === 0 }));
    const [first] = words;
    if (first === undefined) unknown += command.words.length > 0 ? 1 : 0;
    else if (!functions.has(first) && first !== ".") {
      const what = probe(system, { words, command, dialect: program.dialect });
      if (what?.includes(GUESS)) unknown++;
      else if (what !== undefined) missing.push({ line: command.line, what });
    }
  }
  return { missing, unknown, commands: found.commands.length };
}

/** Walks all that a script contains, whether or not it can be reached. */
function collect(program) {
  const found = { commands: [], functions: [], unsupported: [], assigned: new Map() };
  const visit = (node, line) => {
    if (Array.isArray(node)) for (const one of node) visit(one, line);
    if (node === null || typeof node !== "object" || Array.isArray(node)) return;
    const at = node.line ?? line;
    if (node.type === "simple") found.commands.push(node);
    else if (node.type === "function") found.functions.push(node.name);
    else if (node.type === "unsupported") found.unsupported.push({ line: at, what: node.what ?? "of an expansion" });
    if (node.type === "for") found.assigned.set(node.name, []);
    if (typeof node.name === "string" && node.value?.parts !== undefined)
      found.assigned.set(node.name, [...(found.assigned.get(node.name) ?? []), node.value.literal]);
    for (const value of Object.values(node)) visit(value, at);
  };
  visit(program.commands, 1);
  const single = [...found.assigned].filter(([, values]) => values.length === 1 && values[0] !== undefined);
  return { ...found, values: new Map([...ARGUMENTS, ...single.map(([name, [value]]) => [name, value])]) };
}

/** The functions of the files that a script reads in, and of those that they read in. */
function sourced(tree, { commands, values }, seen) {
  return commands.flatMap(({ words }) => {
    if (words[0]?.word.literal !== "." || words[1] === undefined) return [];
    const path = render(words[1].word, { values }).join("");
    const node = path.startsWith("/") && !seen.has(path) ? tree.lookup(path) : undefined;
    if (node?.type !== "file") return [];
    seen.add(path);
    const found = collect(parseScript(tree.readText(path), { dialect: "dash" }));
    return [...found.functions, ...sourced(tree, found, seen)];
  });
}

/** A word as the shell might see it: none where an unquoted variable may be empty, or where a command's name isn't literal. */
function render(word, { values, isName = false }) {
  if (word.literal !== undefined) return [word.literal];
  let text = "";
  let isKnown = true;
  for (const part of word.parts) {
    if (part.type === "text") text += part.text;
    else if (part.type === "tilde") text += "/root";
    else {
      const value = part.type === "parameter" && part.operation === undefined ? values.get(part.name) : undefined;
      if (value === undefined) isKnown = false;
      text += value ?? (part.type === "arithmetic" ? "1" : GUESS);
    }
  }
  if (isName && !isKnown) return [];
  const [only] = word.parts;
  if (only === undefined || word.parts.length > 1 || only.quoted !== false) return [text];
  if (!isKnown) return only.type === "parameter" && OPTIONS.test(only.name) ? [] : [text];
  return text.split(/[ \t\n]+/).filter((one) => one !== "");
}

/** Runs one command by itself. @returns what is not emulated */
function probe(system, { words, command, dialect }) {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const devices = command.redirections
    .filter(({ operator, word }) => /^[<>]/.test(operator) && word.literal?.startsWith("/dev/"))
    .map(({ operator, descriptor, word }) => `${descriptor}${operator}${word.literal}`);
  const text = `( ${[...quoted, ...devices].join(" ")} )\n`;
  try {
    runScript(system, { text, dialect }, { location: { owner: "probe", script: "probe" } });
    return undefined;
  } catch (error) {
    if (error.code === "shell/unsupported-command")
      return /needs (.*), a command that is emulated was expected$/s.exec(error.message)?.[1] ?? error.message;
    if (error.code === "shell/limit-exceeded") return undefined;
    return `${words[0]}: ${error.code ?? "crash"} ${error.message}`;
  }
}
