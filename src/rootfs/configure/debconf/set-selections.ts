/**
 * debconf-set-selections(1): answers ahead of the questions, from lines of `owner question type value`. The recipe's `debconf`
 * lines are the same.
 */
import { AssembleError } from "../../../errors/assemble-error.js";
import type { DebconfDatabase } from "./debconf-database.js";

const TYPES = new Set(["select", "boolean", "string", "multiselect", "note", "password", "text", "title"]);

const DUMMY =
  "This is a fake template used to pre-seed the debconf database. If you are seeing this, something is probably wrong.";

/** What became of the lines. */
export interface SelectionsResult {
  /** Lines that could not be read, or that set a flag of a question that is not there. */
  readonly errors: readonly string[];
  /** Lines of a type that is not known; they are skipped. */
  readonly warnings: readonly string[];
}

/** How to set them. */
export interface SelectionsOptions {
  /** Do not mark the questions as seen. */
  readonly unseen?: boolean;
  /** Only look at the lines. */
  readonly checkOnly?: boolean;
}

/** Sets the selections of a text. */
export function setSelections(
  database: DebconfDatabase,
  text: string,
  options: SelectionsOptions = {},
): SelectionsResult {
  const errors: string[] = [];
  const warnings: string[] = [];
  const joined = text.replaceAll("\r\n", "\n").replace(/\\\n/g, "");
  for (const line of joined.split("\n")) {
    if (/^[ \t]*(?:#|$)/.test(line)) continue;
    const match = /^[ \t]*([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)(?:[ \t](.*))?$/s.exec(line);
    if (match === null) {
      errors.push(`parse error on line '${line}'`);
      continue;
    }
    const [, owner = "", name = "", type = "", value = ""] = match;
    if (type === "seen") {
      if (options.checkOnly === true) continue;
      if (database.question(name) === undefined) errors.push(`Cannot find a question for ${name}`);
      else database.setFlag(name, { name: "seen", value });
      continue;
    }
    if (!TYPES.has(type)) {
      warnings.push(`Unknown type ${type}, skipping line '${line}'`);
      continue;
    }
    if (options.checkOnly !== true) setAnswer(database, { owner, name, type, value, seen: options.unseen !== true });
  }
  return { errors, warnings };
}

/** Sets the recipe's preseeds. @throws AssembleError `configure/bad-preseed` */
export function applyPreseeds(database: DebconfDatabase, lines: readonly string[]): void {
  const { errors, warnings } = setSelections(database, lines.join("\n"));
  const [fault] = [...errors, ...warnings];
  if (fault !== undefined)
    throw new AssembleError(
      "configure/bad-preseed",
      `Cannot preseed debconf: ${fault}, \`<package> <question> <type> <value>\` was wanted`,
      { hint: "See debconf-set-selections(1) for the form of the recipe's `debconf` lines." },
    );
}

interface Answer {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly seen: boolean;
}

function setAnswer(database: DebconfDatabase, answer: Answer): void {
  const { owner, name, type } = answer;
  if (!database.templates.has(name)) {
    const fields = new Map([
      ["type", type],
      ["description", "Dummy template"],
      ["extended_description", DUMMY],
    ]);
    database.loadTemplate({ name, type, fields }, owner);
  }
  database.setTemplateField(name, { field: "type", value: type });
  database.addQuestionOwner(name, owner);
  database.setValue(name, answer.value);
  if (answer.seen) database.setFlag(name, { name: "seen", value: "true" });
}
