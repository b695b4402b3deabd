/**
 * `key` and `override` of a schema file: types, defaults, ranges and choices.
 */
import type { XmlElement } from "../xml-document.js";
import { type Choices, checkValue, findKey, type Schema, SchemaError, type SchemaKey, type Schemas } from "./schema.js";
import { attributesOf, elementsOf, notAllowed, requireEmpty, textOf } from "./schema-element.js";
import type { VariantData } from "./serialize-variant.js";
import { VariantError } from "./variant-text.js";
import { parseVariantType, type VariantType } from "./variant-type.js";
import { INTEGER_BOUNDS, parseVariant } from "./variant-value.js";

/** Reads a `key`. @throws SchemaError */
export function readKey(
  schemas: Schemas,
  { element, domain }: { element: XmlElement; domain: string | undefined },
): SchemaKey {
  const given = attributesOf(element, { name: true, type: false, enum: false, flags: false });
  const { type, choices } = typeOfKey(schemas, given);
  const parts: {
    range?: SchemaKey["range"];
    choices?: Choices | undefined;
    default?: Pick<SchemaKey, "value" | "localized">;
  } = { choices };
  for (const child of elementsOf(element)) {
    switch (child.name) {
      case "summary":
      case "description":
        attributesOf(child, {});
        textOf(child);
        break;
      case "default":
        parts.default = readDefault(child, { type, domain });
        break;
      case "range":
        if (parts.range !== undefined) throw new SchemaError("<range/> already specified for this key");
        parts.range = readRange(child, type);
        break;
      case "choices":
        if (choices !== undefined)
          throw new SchemaError("<choices> cannot be specified for keys tagged as having an enumerated type");
        if (parts.choices !== undefined) throw new SchemaError("<choices> already specified for this key");
        parts.choices = readChoices(child, type);
        break;
      case "aliases":
        if (parts.choices === undefined)
          throw new SchemaError(
            "<aliases> can only be specified for keys with enumerated or flags types or after <choices>",
          );
        if (parts.choices.aliases.size > 0) throw new SchemaError("<aliases> already specified for this key");
        parts.choices = { ...parts.choices, aliases: readAliases(child, parts.choices) };
        break;
      default:
        throw notAllowed(child, element);
    }
  }
  if (parts.default === undefined) throw new SchemaError("Element <default> is required in <key>");
  const key: SchemaKey = {
    type,
    choices: parts.choices,
    range: parts.range,
    ...parts.default,
    desktops: new Map(),
    isOverride: false,
  };
  checkValue(key, key.value);
  return key;
}

/** Reads an `override` of a key of the schema that is extended. @throws SchemaError */
export function readOverride(element: XmlElement, schema: Schema): { readonly name: string; readonly key: SchemaKey } {
  const { name } = attributesOf(element, { name: true, l10n: false, context: false });
  if (schema.extends === undefined) throw new SchemaError("<override> given but schema isn’t extending anything");
  const base = findKey(schema.extends, name!);
  if (base === undefined) throw new SchemaError(`No <key name='${name}'> to override`);
  if (schema.members.has(name!)) throw new SchemaError(`<override name='${name}'> already specified`);
  const { type, choices, range } = base;
  const attributes = new Map([...element.attributes].filter(([attribute]) => attribute !== "name"));
  const given = readDefault({ ...element, attributes }, { type, domain: schema.domain });
  const key: SchemaKey = { type, choices, range, ...given, desktops: new Map(), isOverride: true };
  checkValue(key, key.value);
  return { name: name!, key };
}

function typeOfKey(
  { enums, flags: allFlags }: Schemas,
  given: Readonly<Record<"type" | "enum" | "flags", string | undefined>>,
): { readonly type: VariantType; readonly choices: Choices | undefined } {
  const { type: text, enum: enumeration, flags } = given;
  if ([text, enumeration, flags].filter((one) => one !== undefined).length !== 1)
    throw new SchemaError("Exactly one of “type”, “enum” or “flags” must be specified as an attribute to <key>");
  if (text !== undefined) {
    const type = parseVariantType(text);
    if (type === undefined) throw new SchemaError(`Invalid GVariant type string '${text}'`);
    return { type, choices: undefined };
  }
  const choices = enumeration === undefined ? allFlags.get(flags!) : enums.get(enumeration);
  if (choices === undefined)
    throw new SchemaError(
      `<${enumeration === undefined ? "flags" : "enum"} id='${enumeration ?? flags}'> not (yet) defined.`,
    );
  return { type: parseVariantType(enumeration === undefined ? "as" : "s")!, choices };
}

const CATEGORIES = new Map([
  ["messages", "m"],
  ["time", "t"],
]);

function readDefault(
  element: XmlElement,
  { type, domain }: { type: VariantType; domain: string | undefined },
): Pick<SchemaKey, "value" | "localized"> {
  const { l10n, context } = attributesOf(element, { l10n: false, context: false });
  const text = textOf(element).replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, "");
  const value = parseDefault(text, type);
  if (l10n === undefined) {
    if (context !== undefined) throw new SchemaError("translation context given for value without l10n enabled");
    return { value, localized: undefined };
  }
  const category = CATEGORIES.get(l10n);
  if (category === undefined) throw new SchemaError(`unsupported l10n category: ${l10n}`);
  if (domain === undefined) throw new SchemaError("l10n requested, but no gettext domain given");
  return { value, localized: { category, text: context === undefined ? text : `${context}\x04${text}` } };
}

function parseDefault(text: string, type: VariantType): VariantData {
  try {
    return parseVariant(text, type).data;
  } catch (error) {
    if (!(error instanceof VariantError)) throw error;
    throw new SchemaError(`Failed to parse <default> value of type “${type.text}”: ${error.message}`);
  }
}

function readRange(element: XmlElement, type: VariantType): SchemaKey["range"] {
  const given = attributesOf(element, { min: false, max: false });
  requireEmpty(element);
  const bounds =
    type.code === "d" ? [-Infinity, Infinity] : "ynqiuxt".includes(type.code) ? INTEGER_BOUNDS[type.code] : undefined;
  if (bounds === undefined) throw new SchemaError(`<range> not allowed for keys of type “${type.text}”`);
  const least = given.min === undefined ? bounds[0]! : parseDefault(given.min, type);
  const most = given.max === undefined ? bounds[1]! : parseDefault(given.max, type);
  if (least! > most!) throw new SchemaError("<range> specified minimum is greater than maximum");
  return [least, most];
}

function readChoices(element: XmlElement, type: VariantType): Choices {
  if (!/^[am]*s$/.test(type.text)) throw new SchemaError(`<choices> not allowed for keys of type “${type.text}”`);
  const values = new Map<string, number>();
  for (const child of elementsOf(element)) {
    if (child.name !== "choice") throw notAllowed(child, element);
    const { value } = attributesOf(child, { value: true });
    requireEmpty(child);
    if (values.has(value!)) throw new SchemaError(`<choice value='${value}'/> already given`);
    values.set(value!, 0);
  }
  if (values.size === 0) throw new SchemaError("<choices> must contain at least one <choice>");
  return { kind: "c", values, aliases: new Map() };
}

function readAliases(element: XmlElement, { values }: Choices): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const child of elementsOf(element)) {
    if (child.name !== "alias") throw notAllowed(child, element);
    const { value, target } = attributesOf(child, { value: true, target: true });
    requireEmpty(child);
    if (values.has(value!)) throw new SchemaError(`<alias value='${value}'/> given when it was already given`);
    if (aliases.has(value!)) throw new SchemaError(`<alias value='${value}'/> already specified`);
    if (!values.has(target!)) throw new SchemaError(`alias target “${target}” is not in <choices>`);
    aliases.set(value!, target!);
  }
  if (aliases.size === 0) throw new SchemaError("<aliases> must contain at least one <alias>");
  return aliases;
}
