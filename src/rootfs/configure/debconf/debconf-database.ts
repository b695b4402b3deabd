/**
 * debconf's databases: questions (passwords apart, in a file of their own) and templates.
 *
 * Specification: debconf(7), debconf-devel(7), debconf.conf(5) as Debian ships it. Byte-equal with debconf 1.5's files, without
 * the backups `*-old`.
 */
import type { Tree } from "../../tree/tree.js";
import { type DebconfItem, DebconfItems } from "./item-file.js";
import type { Template } from "./templates-file.js";

const DIRECTORY = "/var/cache/debconf";

/** Questions and templates of a tree. */
export class DebconfDatabase {
  readonly templates = new DebconfItems();
  readonly #questions = new DebconfItems();
  readonly #passwords = new DebconfItems();
  readonly #tree: Tree;

  /** Starts with what the tree has. */
  constructor(tree: Tree) {
    this.#tree = tree;
    for (const [name, items] of this.#files()) {
      const node = tree.lookup(`${DIRECTORY}/${name}`);
      if (node?.type === "file") items.load(tree.readText(`${DIRECTORY}/${name}`));
    }
  }

  /** Writes the files, if debconf is there to have them. */
  save(): void {
    if (this.#tree.lookup(DIRECTORY)?.type !== "directory") return;
    for (const [name, items] of this.#files()) {
      const path = `${DIRECTORY}/${name}`;
      if (!items.isChanged && this.#tree.lookup(path) !== undefined) continue;
      this.#tree.write(path, items.format(), { mode: name === "passwords.dat" ? 0o600 : 0o644, uid: 0, gid: 0 });
    }
  }

  /** The names of all questions, in byte order. */
  questionNames(): string[] {
    return [...this.#questions.names(), ...this.#passwords.names()].sort();
  }

  question(name: string): DebconfItem | undefined {
    return this.#questions.get(name) ?? this.#passwords.get(name);
  }

  /** Makes a question (if it is not there yet) like another one, whose name is taken for its template's, and adds an owner. */
  addQuestion(name: string, template: string, owner: string): void {
    this.#addOwner(name, { owner, type: this.typeOf(template) });
    this.setTemplate(name, template);
  }

  /** Adds an owner to a question that is there. */
  addQuestionOwner(name: string, owner: string): void {
    this.#addOwner(name, { owner, type: this.typeOf(name) });
  }

  /** Adds an owner to a question, which is made if it is not there. */
  #addOwner(name: string, options: { readonly owner: string; readonly type: string }): void {
    const known = this.#holder(name) ?? (/password/i.test(options.type) ? this.#passwords : this.#questions);
    known.addOwner(name, options.owner);
  }

  /** Says which template a question has. */
  setTemplate(name: string, template: string): void {
    const item = this.#change(name);
    const old = item?.fields.get("template");
    if (item === undefined || old === template) return;
    if (old !== undefined && old !== "") this.templates.removeOwner(old, name);
    item.fields.set("template", template);
    this.templates.addOwner(template, name);
  }

  /** Takes a question away from an owner; with the last one it goes, and its template if nobody else has it. */
  removeOwner(name: string, owner: string): void {
    const holder = this.#holder(name);
    const template = holder?.get(name)?.fields.get("template");
    if (holder === undefined) return;
    holder.removeOwner(name, owner);
    if (template !== undefined && template !== "" && !holder.has(name)) this.templates.removeOwner(template, name);
  }

  /** Takes a template in, with the question of its name. */
  loadTemplate(template: Template, owner: string): void {
    const { name } = template;
    if (this.#holder(name) !== undefined) this.#addOwner(name, { owner, type: template.type });
    else {
      this.#addOwner(name, { owner, type: template.type });
      this.setTemplate(name, name);
    }
    this.templates.addOwner(name, name);
    const known = this.templates.get(name) as DebconfItem;
    const isSame =
      known.fields.size === template.fields.size &&
      [...template.fields].every(([field, value]) => known.fields.get(field) === value);
    if (isSame) return;
    const { fields } = this.templates.change(name) as DebconfItem;
    fields.clear();
    for (const [field, value] of template.fields) fields.set(field, value);
  }

  /** Sets a field of a template. */
  setTemplateField(name: string, change: { readonly field: string; readonly value: string }): void {
    this.templates.change(name)?.fields.set(change.field, change.value);
  }

  /** Sets the value of a question. */
  setValue(name: string, value: string): void {
    this.#change(name)?.fields.set("value", value);
  }

  setFlag(name: string, flag: { readonly name: string; readonly value: string }): void {
    const flags = this.#change(name)?.flags;
    // Only "true" is ever written; any other value reads back as false from the file.
    if (flag.value === "true") flags?.add(flag.name);
    else flags?.delete(flag.name);
  }

  setVariable(name: string, variable: { readonly name: string; readonly value: string }): void {
    this.#change(name)?.variables.set(variable.name, variable.value);
  }

  /** The template of a question. */
  templateOf(name: string): DebconfItem | undefined {
    return this.templates.get(this.question(name)?.fields.get("template") ?? "");
  }

  /** The type of a question: `string`, `boolean`, `select`, … */
  typeOf(name: string): string {
    return this.templateOf(name)?.fields.get("type") ?? "";
  }

  /** The value of a question: as set, else its template's default. */
  value(name: string): string {
    return this.question(name)?.fields.get("value") ?? this.templateField(name, "default");
  }

  /** A field of a question's template in the C locale; empty where it is missing. */
  templateField(name: string, field: string): string {
    const fields = this.templateOf(name)?.fields;
    const plain = field.replace(/-.*$/, "");
    const keys =
      field === "choices-untranslated" ? ["choices-c", "choices"] : [`${field}-c.utf-8`, `${field}-en`, field, plain];
    for (const key of keys) {
      const value = fields?.get(key);
      if (value !== undefined) return value;
    }
    return "";
  }

  /** A text with the question's variables filled in. */
  expand(name: string, text: string): string {
    const variables = this.question(name)?.variables;
    return text.replace(/(\\)?\$\{([^{}]+)\}/g, (_, escaped: string | undefined, variable: string) =>
      escaped === undefined ? (variables?.get(variable) ?? "") : `\${${variable}}`,
    );
  }

  #holder(name: string): DebconfItems | undefined {
    return this.#questions.has(name) ? this.#questions : this.#passwords.has(name) ? this.#passwords : undefined;
  }

  #change(name: string): DebconfItem | undefined {
    return this.#holder(name)?.change(name);
  }

  #files(): readonly (readonly [string, DebconfItems])[] {
    return [
      ["config.dat", this.#questions],
      ["passwords.dat", this.#passwords],
      ["templates.dat", this.templates],
    ];
  }
}
