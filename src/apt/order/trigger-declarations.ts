/**
 * The `triggers` member of a .deb: which triggers a package is interested in, and which it activates.
 *
 * Specification: deb-triggers(5).
 */
import { AssembleError } from "../../errors/assemble-error.js";

/** One directive. */
export interface TriggerDeclaration {
  readonly kind: "interest" | "activate";
  /** A name, or an absolute path. */
  readonly trigger: string;
  /** Nobody awaits the processing. */
  readonly noAwait: boolean;
}

const DIRECTIVE = /^(interest|activate)(-noawait|-await)?\s+(\S+)$/;

/** Parses the text of a `triggers` member. @throws AssembleError `apt/triggers-invalid` */
export function parseTriggerDeclarations(text: string, packageName: string): readonly TriggerDeclaration[] {
  const declarations: TriggerDeclaration[] = [];
  for (const line of text.split("\n")) {
    const directive = line.replace(/#.*/, "").trim();
    if (directive === "") continue;
    const match = DIRECTIVE.exec(directive);
    if (match === null)
      throw new AssembleError(
        "apt/triggers-invalid",
        `Cannot read the triggers of ${packageName}: the line "${directive}" is neither \`interest\` nor \`activate\``,
      );
    const [, kind, suffix, trigger] = match;
    declarations.push({
      kind: kind as TriggerDeclaration["kind"],
      trigger: trigger as string,
      noAwait: suffix === "-noawait",
    });
  }
  return declarations;
}
