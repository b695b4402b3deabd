/**
 * One file of debconf's database (`config.dat`, `passwords.dat`, `templates.dat`): items with owners, fields, flags and variables.
 *
 * Format: debconf.conf(5), the File driver with the 822 format: stanzas by name, in each the fields by name (first letter upper
 * case, a newline as `\n`), Owners, Flags, Variables.
 */

/** A question, or a template. */
export interface DebconfItem {
  readonly owners: Set<string>;
  readonly fields: Map<string, string>;
  /** Only flags that are true are kept. */
  readonly flags: Set<string>;
  readonly variables: Map<string, string>;
}

/** Items by name. */
export class DebconfItems {
  readonly #items = new Map<string, DebconfItem>();
  /** The text of items that have not changed since they were last written. */
  readonly #texts = new Map<string, string>();
  #isChanged = false;

  /** Whether anything was changed since the last `format`. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Reads the text of a file. */
  load(text: string): void {
    for (const stanza of text.split("\n\n")) {
      const [name, item] = parseStanza(stanza);
      if (name !== undefined) this.#items.set(name, item);
    }
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  get(name: string): DebconfItem | undefined {
    return this.#items.get(name);
  }

  names(): string[] {
    return [...this.#items.keys()].sort();
  }

  /** The item of a name, to be changed. */
  change(name: string): DebconfItem | undefined {
    this.#isChanged = true;
    this.#texts.delete(name);
    return this.#items.get(name);
  }

  /** Adds an owner; an item that is not there is made. */
  addOwner(name: string, owner: string): void {
    if (this.#items.get(name)?.owners.has(owner)) return;
    let item = this.change(name);
    if (item === undefined) {
      item = { owners: new Set(), fields: new Map(), flags: new Set(), variables: new Map() };
      this.#items.set(name, item);
    }
    item.owners.add(owner);
  }

  /** Removes an owner; an item without any is removed. */
  removeOwner(name: string, owner: string): void {
    const item = this.change(name);
    item?.owners.delete(owner);
    if (item?.owners.size === 0) this.#items.delete(name);
  }

  /** The text of the file. */
  format(): string {
    this.#isChanged = false;
    return this.names()
      .map((name) => {
        const known = this.#texts.get(name);
        if (known !== undefined) return known;
        const text = formatItem(name, this.#items.get(name)!);
        this.#texts.set(name, text);
        return text;
      })
      .join("");
  }
}

function parseStanza(stanza: string): [string | undefined, DebconfItem] {
  const item: DebconfItem = { owners: new Set(), fields: new Map(), flags: new Set(), variables: new Map() };
  let name: string | undefined;
  let inVariables = false;
  for (const line of stanza.split("\n")) {
    if (inVariables && /^[ \t]/.test(line)) {
      const match = /^[ \t]+(.*?)[ \t]*=[ \t]?(.*)$/s.exec(line);
      if (match !== null) item.variables.set(match[1] as string, unescapeLine(match[2] as string));
      continue;
    }
    inVariables = false;
    const match = /^([^:]+):[ \t]?(.*)$/s.exec(line);
    if (match === null) continue;
    const key = (match[1] as string).toLowerCase();
    const value = match[2] as string;
    if (key === "name") name = value;
    else if (key === "owners") for (const owner of value.split(/,[ \t]+/)) item.owners.add(owner);
    else if (key === "flags") for (const flag of value.split(/,[ \t]+/)) item.flags.add(flag);
    else if (key === "variables") inVariables = true;
    else item.fields.set(key, unescapeLine(value));
  }
  return [name, item];
}

function formatItem(name: string, item: DebconfItem): string {
  let text = `Name: ${name}\n`;
  for (const field of [...item.fields.keys()].sort())
    text += `${field.charAt(0).toUpperCase()}${field.slice(1)}: ${escapeLine(item.fields.get(field) as string)}\n`;
  if (item.owners.size > 0) text += `Owners: ${[...item.owners].sort().join(", ")}\n`;
  if (item.flags.size > 0) text += `Flags: ${[...item.flags].sort().join(", ")}\n`;
  if (item.variables.size > 0) {
    text += "Variables:\n";
    for (const variable of [...item.variables.keys()].sort())
      text += ` ${variable} = ${escapeLine(item.variables.get(variable) as string)}\n`;
  }
  return `${text}\n`;
}

function escapeLine(value: string): string {
  return value.replaceAll("\n", "\\n");
}

function unescapeLine(value: string): string {
  return value.replaceAll("\\n", "\n");
}
