/**
 * Schema files of GSettings, `*.gschema.xml` and `*.enums.xml` (GIO's documentation, "GSettings", and gschema.dtd).
 */
import type { XmlElement } from "../xml-document.js";
import { readKey, readOverride } from "./read-key.js";
import { findKey, type Schema, SchemaError, type Schemas } from "./schema.js";
import { attributesOf, elementsOf, notAllowed, requireEmpty } from "./schema-element.js";

/** Adds what a file has. @throws SchemaError */
export function addSchemaFile(into: Schemas, root: XmlElement): void {
  if (root.name !== "schemalist") throw new SchemaError(`Element <${root.name}> not allowed at the top level`);
  const { "gettext-domain": domain } = attributesOf(root, { "gettext-domain": false });
  for (const element of elementsOf(root)) {
    if (element.name === "schema") addSchema(into, { element, domain });
    else if (element.name === "enum" || element.name === "flags") addType(into, element);
    else throw notAllowed(element, root);
  }
}

function addType(into: Schemas, element: XmlElement): void {
  const { id } = attributesOf(element, { id: true });
  const types = element.name === "enum" ? into.enums : into.flags;
  if (types.has(id!)) throw new SchemaError(`<${element.name} id='${id}'> already specified`);
  const kind = element.name === "enum" ? "e" : "f";
  const values = new Map<string, number>();
  for (const child of elementsOf(element)) {
    if (child.name !== "value") throw notAllowed(child, element);
    const { nick, value } = attributesOf(child, { nick: true, value: true });
    if (nick!.length < 2) throw new SchemaError("nick must be a minimum of 2 characters");
    if (values.has(nick!)) throw new SchemaError(`<value nick='${nick}'/> already specified`);
    const number = integerOf(value!);
    // A flag of no bits is allowed, and never heard of again.
    if (kind === "f" && number === 0) continue;
    const isFlag = number !== undefined && number > 0 && number < 2 ** 32 && Number.isInteger(Math.log2(number));
    if (number === undefined || (kind === "e" ? number < -(2 ** 31) || number >= 2 ** 31 : !isFlag))
      throw new SchemaError("invalid numeric value");
    if ([...values.values()].includes(number)) throw new SchemaError(`value='${value}' already specified`);
    values.set(nick!, number);
  }
  if (values.size === 0) throw new SchemaError(`<${element.name}> must contain at least one <value>`);
  types.set(id!, { kind, values, aliases: new Map() });
}

/** A number as strtoll(3) reads it. */
function integerOf(text: string): number | undefined {
  const match = /^\s*([-+]?)(0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*|$)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[2]!.replace(/^0(?=[0-7])/, "0o")) * (match[1] === "-" ? -1 : 1);
}

/** @throws SchemaError if a key, a child or a nickname may not be called so */
export function checkName(name: string, { anyName }: Schemas): void {
  if (name === "") throw new SchemaError("empty names are not permitted");
  if (anyName) return;
  if (!/^[a-z]/.test(name)) throw new SchemaError(`Invalid name '${name}': names must begin with a lowercase letter`);
  if (!/^[a-z0-9-]*$/.test(name)) throw new SchemaError(`Invalid name '${name}': invalid character`);
  if (name.includes("--")) throw new SchemaError(`Invalid name '${name}': two successive hyphens are not permitted`);
  if (name.endsWith("-")) throw new SchemaError(`Invalid name '${name}': the last character may not be a hyphen`);
  if (name.length > 1024) throw new SchemaError(`Invalid name '${name}': maximum length is 1024`);
}

function addSchema(into: Schemas, { element, domain }: { element: XmlElement; domain: string | undefined }): void {
  const given = attributesOf(element, {
    id: true,
    path: false,
    "gettext-domain": false,
    extends: false,
    "list-of": false,
  });
  const { id, path } = given;
  if (into.schemas.has(id!)) throw new SchemaError(`<schema id='${id}'> already specified`);
  const base = given.extends === undefined ? undefined : into.schemas.get(given.extends);
  if (given.extends !== undefined) {
    if (base === undefined)
      throw new SchemaError(`<schema id='${id}'> extends not yet existing schema '${given.extends}'`);
    if (base.path !== undefined) throw new SchemaError("Cannot extend a schema with a path");
  }
  const listOf = checkList(into, { id: id!, base, listOf: given["list-of"] });
  if (path !== undefined) checkPath(path, listOf);
  const schema: Schema = {
    id: id!,
    path,
    domain: given["gettext-domain"] ?? domain,
    extends: base,
    listOf,
    members: new Map(),
  };
  for (const child of elementsOf(element)) addMember(into, { schema, element: child, parent: element });
  into.schemas.set(id!, schema);
}

function checkList(
  { schemas }: Schemas,
  { id, base, listOf }: { id: string; base: Schema | undefined; listOf: string | undefined },
): string | undefined {
  if (listOf === undefined) return base?.listOf;
  const item = schemas.get(listOf);
  if (item === undefined) throw new SchemaError(`<schema id='${id}'> is list of not yet existing schema '${listOf}'`);
  if (item.path !== undefined) throw new SchemaError("Cannot be a list of a schema with a path");
  if (base === undefined) return listOf;
  if (base.listOf === undefined)
    throw new SchemaError(`<schema id='${id}'> is a list, extending <schema id='${base.id}'> which is not a list`);
  for (let at: Schema | undefined = item; at !== undefined; at = at.extends) if (at.id === base.listOf) return listOf;
  throw new SchemaError(`'${listOf}' does not extend '${base.listOf}'`);
}

function checkPath(path: string, listOf: string | undefined): void {
  if (!path.startsWith("/") || !path.endsWith("/"))
    throw new SchemaError("A path, if given, must begin and end with a slash");
  if (listOf !== undefined && !path.endsWith(":/")) throw new SchemaError("The path of a list must end with “:/”");
}

function addMember(
  into: Schemas,
  { schema, element, parent }: { schema: Schema; element: XmlElement; parent: XmlElement },
): void {
  switch (element.name) {
    case "key": {
      const name = element.attributes.get("name");
      if (name !== undefined) {
        checkName(name, into);
        if (schema.members.has(name)) throw new SchemaError(`<key name='${name}'> already specified`);
        if (findKey(schema.extends, name) !== undefined)
          throw new SchemaError(`<key name='${name}'> shadows a key of <schema id='${schema.extends!.id}'>`);
      }
      const key = readKey(into, { element, domain: schema.domain });
      schema.members.set(name!, key);
      return;
    }
    case "override": {
      const { name, key } = readOverride(element, schema);
      schema.members.set(name, key);
      return;
    }
    case "child": {
      const { name, schema: id } = attributesOf(element, { name: true, schema: true });
      checkName(name!, into);
      if (schema.members.has(`${name}/`)) throw new SchemaError(`<child name='${name}'> already specified`);
      requireEmpty(element);
      schema.members.set(`${name}/`, id!);
      return;
    }
    default:
      throw notAllowed(element, parent);
  }
}
