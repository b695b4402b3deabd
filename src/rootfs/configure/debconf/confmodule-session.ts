/**
 * One conversation of debconf with a script: the debconf protocol, version 2.0, with nobody there to answer.
 *
 * Specification: debconf-devel(7), "THE DEBCONF PROTOCOL". Behaviour as of debconf 1.5's noninteractive frontend with
 * DEBCONF_NONINTERACTIVE_SEEN=true, the way mmdebstrap runs it: a question that would have been shown counts as seen.
 */
import { toByteString } from "../../../bytes/content.js";
import type { Tree } from "../../tree/tree.js";
import type { DebconfDatabase } from "./debconf-database.js";
import { PROTOCOL_COMMANDS, type Reply } from "./protocol-commands.js";
import { splitChoices, splitEscaped } from "./protocol-words.js";
import { parseTemplates } from "./templates-file.js";

/** Status codes of the protocol. */
const OK = 0;
const ESCAPED_DATA = 1;
const BAD_PARAMETERS = 10;
const SYNTAX_ERROR = 20;
const INVISIBLE = 30;

const PRIORITIES = ["low", "medium", "high", "critical"];

/** What a conversation needs to know. */
export interface SessionOptions {
  /** The package that questions belong to. */
  readonly owner: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Gets the text of an error message that nobody can be shown. */
  readonly display: (text: string) => void;
}

/** A question that is to be shown. */
interface Element {
  /** The question's type when it was put in: the template may change before GO. */
  readonly type: string;
  /** Whether it then counts as seen. */
  readonly marks: boolean;
}

/** The state of one conversation. */
export class ConfmoduleSession {
  readonly #database: DebconfDatabase;
  readonly #tree: Tree;
  readonly #options: SessionOptions;
  #capabilities: readonly string[] = [];
  /** Questions that the next GO would show, and whether they then count as seen. */
  #elements = new Map<string, Element>();
  #seen = new Set<string>();

  constructor(database: DebconfDatabase, tree: Tree, options: SessionOptions) {
    this.#database = database;
    this.#tree = tree;
    this.#options = options;
  }

  /** Answers one line (without its newline); undefined after STOP, which has no answer. */
  answer(line: string): string | undefined {
    const [word, ...parameters] = this.#escapes
      ? splitEscaped(line)
      : line.split(/[ \t\n\r\f\v]+/).filter((part) => part !== "");
    if (word === undefined) return `${SYNTAX_ERROR} Bad line "${line}" received from confmodule.`;
    const name = word.toLowerCase();
    if (name === "stop") {
      this.finish();
      return undefined;
    }
    const handler = PROTOCOL_COMMANDS[name];
    if (handler === undefined)
      return `${SYNTAX_ERROR} Unsupported command "${name}" (full line was "${line}") received from confmodule.`;
    if (parameters.length < handler.least || parameters.length > handler.most)
      return `${SYNTAX_ERROR} Incorrect number of arguments`;
    return handler.run(this, parameters).join(" ").split("\n")[0] as string;
  }

  /** Ends the conversation: questions that were gone through now count as seen. */
  finish(): void {
    for (const name of this.#seen)
      if (this.#database.question(name) !== undefined) this.#database.setFlag(name, { name: "seen", value: "true" });
    this.#seen.clear();
  }

  input(priority: string, name: string): Reply {
    const question = this.#database.question(name);
    if (question === undefined) return [BAD_PARAMETERS, `"${name}" doesn't exist`];
    if (!PRIORITIES.includes(priority)) return [SYNTAX_ERROR, `"${priority}" is not a valid priority`];
    let visible = true;
    const type = this.#database.typeOf(name);
    if (type !== "error") visible = this.#highEnough(priority) && !question.flags.has("seen");
    const marks = visible && this.#options.environment.get("DEBCONF_NONINTERACTIVE_SEEN") === "true";
    if (!this.#elements.has(name)) this.#elements.set(name, { type, marks });
    return [INVISIBLE, "question skipped"];
  }

  go(): Reply {
    const values = [...this.#elements].map(
      ([name, { type }]) => [name, this.#noninteractiveValue(name, type)] as const,
    );
    for (const [name, value] of values) this.#database.setValue(name, value);
    for (const [name, { marks }] of this.#elements) if (marks) this.#seen.add(name);
    this.#elements.clear();
    return [OK, "ok"];
  }

  clear(): Reply {
    this.#elements.clear();
    return [OK];
  }

  version(wanted: string | undefined): Reply {
    const number = Math.trunc(Number.parseFloat(wanted ?? "2"));
    if (number < 2) return [INVISIBLE, `Version too low (${wanted})`];
    if (number > 2) return [INVISIBLE, `Version too high (${wanted})`];
    return [OK, "2.0"];
  }

  capb(capabilities: readonly string[]): Reply {
    this.#capabilities = capabilities;
    return [OK, "multiselect", "escape", ""];
  }

  get(name: string): Reply {
    return this.#withQuestion(name, () => this.#data(this.#database.value(name)));
  }

  set(name: string, words: readonly string[]): Reply {
    return this.#withQuestion(name, () => {
      this.#database.setValue(name, words.join(" "));
      return [OK, "value set"];
    });
  }

  reset(name: string): Reply {
    return this.#withQuestion(name, () => {
      this.#database.setValue(name, this.#database.templateField(name, "default"));
      this.#database.setFlag(name, { name: "seen", value: "false" });
      return [OK];
    });
  }

  subst(name: string, variable: string, words: readonly string[]): Reply {
    return this.#withQuestion(name, () => {
      this.#database.setVariable(name, { name: variable, value: words.join(" ") });
      return [OK];
    });
  }

  register(template: string, name: string): Reply {
    if (this.#database.question(template) === undefined) return [BAD_PARAMETERS, `No such template, "${template}"`];
    this.#database.addQuestion(name, template, this.#options.owner);
    return [OK];
  }

  unregister(name: string): Reply {
    return this.#withQuestion(name, () => {
      if (this.#elements.has(name)) return [BAD_PARAMETERS, `${name} is busy, cannot unregister right now`];
      this.#database.removeOwner(name, this.#options.owner);
      return [OK];
    });
  }

  purge(): Reply {
    for (const name of this.#database.questionNames()) this.#database.removeOwner(name, this.#options.owner);
    return [OK];
  }

  metaget(name: string, field: string): Reply {
    return this.#withQuestion(name, (database) => {
      const key = field.toLowerCase();
      const question = database.question(name)!;
      if (key === "owners") return this.#data([...question.owners].sort().join(", "));
      if (key === "name") return this.#data(name);
      if (key === "value") return this.#data(database.value(name));
      const own = question.fields.get(key);
      const value = own ?? database.templateField(name, key);
      return this.#data(
        /^(?:description|extended_description|choices)(?:-|$)/.test(key) ? database.expand(name, value) : value,
      );
    });
  }

  fget(name: string, flag: string): Reply {
    return this.#withQuestion(name, (database) => [OK, this.#flagValue(database, name, flag)]);
  }

  fset(name: string, flag: string, words: readonly string[]): Reply {
    return this.#withQuestion(name, (database) => {
      const value = words.join(" ");
      if (flag === "seen") this.#seen.delete(name);
      if (flag === "isdefault") database.setFlag(name, { name: "seen", value: value === "true" ? "false" : "true" });
      else database.setFlag(name, { name: flag, value });
      return [OK, flag === "isdefault" ? this.#flagValue(database, name, flag) : value];
    });
  }

  question(name: string): Reply {
    return this.#withQuestion(name, () => [OK]);
  }

  exist(name: string): Reply {
    return [OK, this.#database.question(name) === undefined ? "false" : "true"];
  }

  visible(name: string, priority: string): Reply {
    return this.#withQuestion(name, (database) => [
      OK,
      this.#highEnough(priority) && !database.question(name)!.flags.has("seen") ? "true" : "false",
    ]);
  }

  progress(words: readonly string[]): Reply {
    const [action = "", ...rest] = words;
    const wanted = { start: 3, set: 1, step: 1, info: 1, stop: 0 }[action.toLowerCase()];
    if (wanted === undefined) return [SYNTAX_ERROR, "Unknown subcommand"];
    if (rest.length !== wanted) return [SYNTAX_ERROR, "Incorrect number of arguments"];
    const name = action.toLowerCase() === "start" ? rest[2] : action.toLowerCase() === "info" ? rest[0] : undefined;
    return name === undefined ? [OK, "OK"] : this.#withQuestion(name, () => [OK, "OK"]);
  }

  /** Makes a template. Its texts are dropped, as debconf does on a system without Text::Iconv, to which Debian's base belongs. */
  data(template: string, item: string, words: readonly string[]): Reply {
    if (this.#database.templates.has(template))
      return item === "type" ? [BAD_PARAMETERS, "Template type already set"] : [OK];
    if (item !== "type") return [BAD_PARAMETERS, `Template data field '${item}' received before type field`];
    const type = words.join(" ").replace(/\\([n"\\])/g, (_, char: string) => (char === "n" ? "\n" : char));
    this.#database.loadTemplate({ name: template, type, fields: new Map([["type", type]]) }, this.#options.owner);
    return [OK];
  }

  loadTemplateFile(file: string, owner: string | undefined): Reply {
    const node = this.#tree.lookup(file);
    if (node?.type !== "file") return [BAD_PARAMETERS, `failed to open ${file}: No such file or directory`];
    for (const template of parseTemplates(toByteString(node.content.read()), file))
      this.#database.loadTemplate(template, owner ?? this.#options.owner);
    return [OK];
  }

  get #escapes(): boolean {
    return this.#capabilities.includes("escape");
  }

  #withQuestion(name: string, run: (database: DebconfDatabase) => Reply): Reply {
    return this.#database.question(name) === undefined
      ? [BAD_PARAMETERS, `${name} doesn't exist`]
      : run(this.#database);
  }

  #data(value: string): Reply {
    if (!this.#escapes) return [OK, value];
    return [ESCAPED_DATA, value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")];
  }

  #flagValue(database: DebconfDatabase, name: string, flag: string): string {
    const flags = database.question(name)!.flags;
    if (flag === "isdefault") return flags.has("seen") ? "false" : "true";
    return flags.has(flag) ? "true" : "false";
  }

  #highEnough(priority: string): boolean {
    const least =
      this.#options.environment.get("DEBIAN_PRIORITY") ?? (this.#database.value("debconf/priority") || "high");
    const rank = PRIORITIES.indexOf(priority);
    return rank < 0 || rank >= PRIORITIES.indexOf(least);
  }

  /** What a question gets when there is nobody to answer it. */
  #noninteractiveValue(name: string, type: string): string {
    const database = this.#database;
    if (type === "text") return "";
    if (type === "error") {
      if (!database.question(name)!.flags.has("seen")) {
        const description = database.expand(name, database.templateField(name, "description"));
        const extended = database.expand(name, database.templateField(name, "extended_description"));
        this.#options.display(`${description}\n\n${extended}\n\n`);
      }
      return "";
    }
    const value = database.value(name);
    if (type !== "select") return value;
    const choices = splitChoices(database.expand(name, database.templateField(name, "choices-untranslated")));
    return choices.includes(value) ? value : (choices[0] ?? "");
  }
}
