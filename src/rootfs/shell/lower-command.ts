/**
 * Commands of unbash's syntax tree to the shell's own. unbash reads bash; where dash reads the same text differently, it is
 * settled here: what dash calls an error becomes one, and what it merely runs as another command becomes that command.
 */
import type * as unbash from "unbash";
import { parse } from "unbash";
import { lowerTest } from "./lower-bash.js";
import { lowerRedirections } from "./lower-redirection.js";
import type { Source } from "./lower-source.js";
import { finishWord, lowerWord, PartList } from "./lower-word.js";
import type { Argument, Assignment, Block, CommandNode, ListItem, SimpleCommand, Word } from "./syntax.js";

/** Lowers the statements of a list. */
export function lowerStatements(source: Source, statements: readonly unbash.Statement[]): CommandNode[] {
  return statements.flatMap((statement) => lowerStatement(source, statement));
}

function lowerStatement(source: Source, statement: unbash.Statement): CommandNode[] {
  const { command } = statement;
  const line = source.line(statement.pos);
  if (source.dialect === "dash" && command.type === "Command" && isBoth(command)) return splitBoth(source, command);
  const node = command.type === "AndOr" ? lowerAndOr(source, command) : lowerPipelineNode(source, command);
  return [statement.background === true ? { type: "background", command: node, line } : node];
}

function isBoth(command: unbash.Command): boolean {
  return command.redirects.some((item) => item.type === "Redirect" && item.operator.startsWith("&>"));
}

/** dash reads `x &>y` as `x &` and `>y`. */
function splitBoth(source: Source, command: unbash.Command): CommandNode[] {
  const line = source.line(command.pos);
  const last = command.suffix.at(-1);
  if (last?.type !== "Redirect" || !last.operator.startsWith("&>")) return [unsupported(line, "&> in a dash script")];
  const { name, prefix, args, pos } = command;
  const first = lowerSimple(source, { name, prefix, args, pos, redirects: command.redirects.slice(0, -1) });
  const operator = last.operator === "&>" ? ">" : ">>";
  const redirections = lowerRedirections(source, [{ ...last, operator }]);
  return [
    { type: "background", command: first, line },
    { type: "simple", line, assignments: [], words: [], redirections },
  ];
}

function lowerAndOr(source: Source, node: unbash.AndOr): CommandNode {
  const [first, ...others] = node.commands.map((command) => lowerPipelineNode(source, command));
  const rest: ListItem[] = others.map((command, index) => ({ operator: node.operators[index]!, command }));
  return { type: "list", first: first!, rest };
}

function lowerPipelineNode(source: Source, node: unbash.PipelineNode): CommandNode {
  if (node.type !== "Pipeline") return lowerCommand(source, node);
  if (node.prefixes.some((prefix) => prefix.type === "Time")) return unsupported(source.line(node.pos), "time");
  const stderrToo = node.operators.map((operator) => operator === "|&");
  if (source.dialect === "dash" && stderrToo.includes(true)) source.problem(node.pos, '"&" unexpected');
  const commands = node.commands.map((command) => lowerCommand(source, command));
  if (source.dialect === "dash" && node.prefixes.length > 1) source.problem(node.prefixes[1]!.pos, '"!" unexpected');
  let result: CommandNode = commands.length === 1 ? commands[0]! : { type: "pipeline", commands, stderrToo };
  for (const _ of node.prefixes) result = { type: "not", command: result };
  return result;
}

/** A command that stops the build when it is reached. */
export function unsupported(line: number, what: string): CommandNode {
  return { type: "unsupported", line, what };
}

/** Lowers a list in a compound command. */
export function lowerBlock(source: Source, list: unbash.CompoundList): Block {
  return { commands: lowerStatements(source, list.commands) };
}

function lowerCommand(source: Source, node: unbash.CommandNode): CommandNode {
  const line = source.line(node.pos);
  switch (node.type) {
    case "Command":
      return lowerSimple(source, node);
    case "Redirected":
      return {
        type: "redirected",
        line,
        command: lowerCommand(source, node.command),
        redirections: lowerRedirections(source, node.redirects),
      };
    case "BraceGroup":
      return { type: "block", body: lowerBlock(source, node.body) };
    case "Subshell":
      return { type: "subshell", body: lowerBlock(source, node.body), line };
    case "If": {
      const branches = [node, ...node.elif].map((branch) => ({
        condition: lowerBlock(source, branch.clause),
        body: lowerBlock(source, branch.then),
      }));
      return { type: "if", branches, otherwise: node.else && lowerBlock(source, node.else) };
    }
    case "While":
      return {
        type: "while",
        until: node.kind === "until",
        condition: lowerBlock(source, node.clause),
        body: lowerBlock(source, node.body),
      };
    case "For": {
      const words = node.wordlist?.map((word) => lowerWord(source, word, { braces: true }));
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(node.name.text)) source.problem(node.name.pos, "Bad for loop variable");
      return { type: "for", line, name: node.name.value, words, body: lowerBlock(source, node.body) };
    }
    case "Case":
      return lowerCase(source, node);
    case "Function":
      return lowerFunction(source, node);
    case "TestCommand":
      if (source.dialect === "dash") return lowerDashTest(source, node);
      return { type: "test", line, expression: lowerTest(source, node.expression) };
    case "ArithmeticCommand":
      if (source.dialect === "dash") return lowerNestedSubshell(source, node);
      return { type: "arithmetic", line, expression: source.lowerArithmetic(node.body, node.pos) };
    case "ArithmeticFor":
      if (source.dialect === "dash") source.problem(node.pos, "Bad for loop variable");
      return lowerArithmeticFor(source, node);
    case "Select":
    case "Coproc":
      return unsupported(line, node.type.toLowerCase());
  }
}

function lowerFunction(source: Source, node: unbash.Function): CommandNode {
  const line = source.line(node.pos);
  const bare = node.name.pos === node.pos;
  if (source.dialect === "dash" && !bare) source.problem(node.pos, '"}" unexpected');
  if (node.body.type === "CompoundList") return unsupported(line, "a function without a body");
  return { type: "function", line, name: node.name.value, body: lowerCommand(source, node.body) };
}

function lowerCase(source: Source, node: unbash.Case): CommandNode {
  const items = node.items.map((item) => {
    const then = item.terminator ?? ";;";
    if (source.dialect === "dash" && then !== ";;") source.problem(item.pos, '";" unexpected');
    return {
      patterns: item.pattern.map((word) => lowerWord(source, word)),
      body: lowerBlock(source, item.body),
      then,
    };
  });
  return { type: "case", line: source.line(node.pos), word: lowerWord(source, node.word), items };
}

function lowerArithmeticFor(source: Source, node: unbash.ArithmeticFor): CommandNode {
  const text = (part: unbash.ArithmeticExpression | undefined): Word =>
    source.lowerArithmetic(part === undefined ? "" : source.text.slice(part.pos, part.end), part?.pos ?? node.pos);
  return {
    type: "arithmetic-for",
    line: source.line(node.pos),
    initialize: text(node.initialize),
    test: text(node.test),
    update: text(node.update),
    body: lowerBlock(source, node.body),
  };
}

/** dash reads `((a) b)` as a subshell in a subshell. */
function lowerNestedSubshell(source: Source, node: unbash.ArithmeticCommand): CommandNode {
  const text = `( (${node.body}) )`;
  const script = parse(text);
  const nested = source.nested(text, node.pos);
  for (const error of script.errors ?? []) nested.problem(error.pos, error.message);
  return lowerStatements(nested, script.commands)[0] ?? unsupported(source.line(node.pos), "(( in a dash script");
}

/** dash has no `[[`: it looks for a command of that name, which is only the same where no operator stands inside. */
function lowerDashTest(source: Source, node: unbash.TestCommand): CommandNode {
  const line = source.line(node.pos);
  const text = source.text.slice(node.pos, node.end);
  if (/[&|<>();\n]/.test(text)) return unsupported(line, "[[ in a dash script");
  const script = parse(text.replace("[[", "\\[["));
  return lowerStatements(source.nested(text, node.pos), script.commands)[0] ?? unsupported(line, "[[ in a dash script");
}

type SimpleSource = Pick<unbash.Command, "name" | "prefix" | "args" | "redirects" | "pos">;

function lowerSimple(source: Source, node: SimpleSource): SimpleCommand {
  const assignments: Assignment[] = [];
  const words: Argument[] = [];
  for (const item of node.prefix) {
    if (item.type !== "Assignment") continue;
    const lowered = lowerAssignment(source, item);
    if (lowered === undefined || words.length > 0)
      words.push({ word: assignmentWord(source, item), assignment: lowered });
    else assignments.push(lowered);
  }
  if (node.name !== undefined) words.push(plainArgument(source, node.name));
  for (const item of node.args) {
    if (item.type === "Word") words.push(plainArgument(source, item));
    else words.push({ word: assignmentWord(source, item), assignment: lowerAssignment(source, item) });
  }
  const redirections = lowerRedirections(source, node.redirects);
  return { type: "simple", line: source.line(node.pos), assignments, words, redirections };
}

const plainArgument = (source: Source, word: unbash.Word): Argument => ({
  word: lowerWord(source, word, { braces: true }),
  assignment: undefined,
});

/** An assignment, or undefined where dash takes it for an ordinary word (`x+=1`, `a[1]=2`). */
function lowerAssignment(source: Source, node: unbash.Assignment): Assignment | undefined {
  const bash = source.dialect === "bash";
  if (!bash && node.value.type === "ArrayValue") source.problem(node.value.pos, '"(" unexpected');
  if (!bash && (node.append === true || node.index !== undefined)) return undefined;
  const index = node.index && lowerWord(source, node.index, { tilde: "none" });
  const base = { name: node.name, append: node.append === true, index };
  if (node.value.type !== "ArrayValue") {
    return { ...base, value: lowerWord(source, node.value, { tilde: "assignment" }), elements: undefined };
  }
  const elements = node.value.elements.flatMap((word) => lowerElement(source, word));
  return { ...base, value: { parts: [], literal: "" }, elements };
}

/** An element of `name=(…)`: a word, or `[index]=value`. */
function lowerElement(source: Source, word: unbash.Word) {
  const match = /^\[([^\]]*)\]=/.exec(word.text);
  if (match === null) return [{ index: undefined, value: lowerWord(source, word, { braces: true }) }];
  const inner = `a[${match[1]}]=${word.text.slice(match[0].length)}`;
  const command = parse(inner).commands[0]?.command;
  const assignment = command?.type === "Command" ? command.prefix[0] : undefined;
  const lowered =
    assignment?.type === "Assignment" ? lowerAssignment(source.nested(inner, word.pos), assignment) : undefined;
  return lowered === undefined ? [] : [{ index: lowered.index, value: lowered.value }];
}

/** The same text as an ordinary word: `name=` and the value. */
function assignmentWord(source: Source, node: unbash.Assignment): Word {
  if (node.value.type === "ArrayValue") return { parts: [], literal: "" };
  const parts = new PartList();
  parts.text(node.text.slice(0, node.text.length - node.value.text.length), false);
  for (const part of lowerWord(source, node.value, { tilde: "none" }).parts) parts.push(part);
  return finishWord(parts.list, { tilde: "none" });
}
