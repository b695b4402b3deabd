/**
 * The `templates` member of a package: debconf-devel(7), "THE TEMPLATES FILE".
 */
import { AssembleError } from "../../../errors/assemble-error.js";

/** One template: fields by lower-case name, long texts as `extended_<field>`. */
export interface Template {
  readonly name: string;
  readonly type: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Parses a templates file. @throws AssembleError `configure/bad-templates` */
export function parseTemplates(text: string, where: string): readonly Template[] {
  const templates: Template[] = [];
  for (const stanza of text.split(/\n\n+/)) {
    const lines = stanza.split("\n").filter((line) => line !== "");
    if (lines.length === 0) continue;
    const fields = parseStanza(lines, where);
    const name = fields.get("template");
    const type = fields.get("type");
    if (name === undefined || type === undefined)
      throw bad(where, `a stanza has no ${name === undefined ? "Template" : "Type"} field`);
    fields.delete("template");
    templates.push({ name, type, fields });
  }
  return templates;
}

function parseStanza(lines: readonly string[], where: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  let extended = "";
  const close = (): void => {
    const text = extended.replace(/\n+$/, "");
    if (text !== "") fields.set(`extended_${name}`, text);
    extended = "";
  };
  for (const line of lines) {
    const field = /^([-_@.A-Za-z0-9]*):[ \t\r\f\v]?(.*)$/s.exec(line);
    if (field !== null) {
      if (name !== "") close();
      name = (field[1] as string).toLowerCase();
      if (fields.has(name)) throw bad(where, `the field ${field[1]} is there twice`);
      fields.set(name, trimEnd(field[2] as string));
    } else if (/^[ \t]\.$/.test(line)) {
      extended += "\n\n";
    } else if (/^[ \t][ \t]+/.test(line)) {
      // A line that is indented further keeps its line break.
      if (extended !== "" && !/[\n ]$/.test(extended)) extended += "\n";
      extended += `${trimEnd(line.slice(1))}\n`;
    } else if (/^[ \t]/.test(line)) {
      if (extended !== "" && !/[\n ]$/.test(extended)) extended += " ";
      extended += trimEnd(line.slice(1));
    } else throw bad(where, `the line "${line}" is neither a field nor a continuation`);
  }
  close();
  return fields;
}

function trimEnd(text: string): string {
  return text.replace(/[ \t\r\f\v]+$/, "");
}

function bad(where: string, is: string): AssembleError {
  return new AssembleError("configure/bad-templates", `Cannot read the debconf templates ${where}: ${is}`);
}
