/**
 * The one error class of the project. Codes are stable and listed in docs/errors.md with their exit status.
 */

/** What caused an error to be raised, and what helps. */
export interface AssembleErrorOptions {
  readonly cause?: unknown;
  /** A command or change that helps; printed as a `hint:` line. */
  readonly hint?: string;
}

/**
 * An expected failure: bad input, an untrusted byte, a mirror that is down.
 *
 * The message has the form "Cannot <do what> <to what>: <what is>, <what was wanted>".
 */
export class AssembleError extends Error {
  override readonly name = "AssembleError";
  /** Stable code, for instance `apt/signature-invalid`; see docs/errors.md. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: AssembleErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
