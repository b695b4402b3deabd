/**
 * Mustache templates (mustache(5)): `*.mustache` in the recipe's trees are rendered without HTML escaping and lose the suffix.
 */
import mustache from "mustache";
import { AssembleError } from "../../errors/assemble-error.js";

/** Suffix of a template's file name. */
export const TEMPLATE_SUFFIX = ".mustache";

/** A context in which a name that is not there is an error, not an empty string. */
class StrictContext extends mustache.Context {
  private readonly file: string;

  constructor(view: unknown, file: string, parent?: mustache.Context) {
    super(view, parent);
    this.file = file;
  }

  override push(view: unknown): StrictContext {
    return new StrictContext(view, this.file, this);
  }

  override lookup(name: string): unknown {
    if (name === ".") return super.lookup(name);
    if (!has(this, name))
      throw new AssembleError(
        "template/key-missing",
        `Cannot render ${this.file}: the template data has no "${name}", a value was wanted`,
        { hint: "add the key to the file that templates.data names" },
      );
    return super.lookup(name);
  }
}

interface Scope {
  readonly view: unknown;
  readonly parent?: Scope | undefined;
}

function has(context: unknown, name: string): boolean {
  const [first, ...rest] = name.split(".");
  for (let scope = context as Scope | undefined; scope !== undefined; scope = scope.parent) {
    if (!owns(scope.view, first!)) continue;
    let value: unknown = scope.view;
    for (const key of [first!, ...rest]) {
      if (!owns(value, key)) return false;
      value = (value as Record<string, unknown>)[key];
    }
    return true;
  }
  return false;
}

function owns(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}

/**
 * Renders a template.
 *
 * @throws AssembleError `template/key-missing` for a name that the data does not have, `template/invalid` for bad syntax
 */
export function renderTemplate(template: string, data: unknown, file: string): string {
  const writer = new mustache.Writer();
  try {
    return writer.render(template, new StrictContext(data, file), undefined, { escape: String });
  } catch (cause) {
    if (cause instanceof AssembleError) throw cause;
    throw new AssembleError("template/invalid", `Cannot render ${file}: ${(cause as Error).message}`, { cause });
  }
}
