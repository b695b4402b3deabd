/**
 * Elements of schema files: each may have certain attributes, and elements or text.
 */
import type { XmlElement } from "../xml-document.js";
import { SchemaError } from "./schema.js";

/** Of an element that does not belong there. */
export function notAllowed(element: XmlElement, parent: XmlElement): SchemaError {
  return new SchemaError(`Element <${element.name}> not allowed inside <${parent.name}>`);
}

/** The attributes of those names; true for one that has to be there. @throws SchemaError */
export function attributesOf<N extends string>(
  { name: element, attributes }: XmlElement,
  names: Readonly<Record<N, boolean>>,
): Readonly<Record<N, string | undefined>> {
  for (const name of attributes.keys())
    if (!Object.hasOwn(names, name)) throw new SchemaError(`attribute '${name}' invalid for element '${element}'`);
  const values = Object.entries<boolean>(names).map(([name, required]) => {
    const value = attributes.get(name);
    if (value === undefined && required) throw new SchemaError(`element '${element}' requires attribute '${name}'`);
    return [name, value];
  });
  return Object.fromEntries(values);
}

/** The elements in an element that has no text of its own. @throws SchemaError */
export function elementsOf({ name, children }: XmlElement): XmlElement[] {
  return children.flatMap((child) => {
    if (typeof child !== "string") return [child];
    if (child.trim() !== "") throw new SchemaError(`Text may not appear inside <${name}>`);
    return [];
  });
}

/** The text of an element that has nothing else. @throws SchemaError */
export function textOf(element: XmlElement): string {
  return element.children
    .map((child) => {
      if (typeof child === "string") return child;
      throw notAllowed(child, element);
    })
    .join("");
}

/** @throws SchemaError if there is anything in an element */
export function requireEmpty(element: XmlElement): void {
  for (const child of elementsOf(element)) throw notAllowed(child, element);
}
