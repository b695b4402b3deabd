/**
 * What is said of an error code.
 */

/** Exit status of the command line (contract §3). */
export type ExitStatus = 1 | 2 | 3 | 4;

/** One row of docs/errors.md. */
export interface ErrorCode {
  readonly exit: ExitStatus;
  /** One sentence. */
  readonly meaning: string;
}
