/**
 * How control leaves a shell: plain objects that are thrown, without a stack trace, since leaving is no error of ours.
 */

/** `exit`, an errexit, or the death of the (sub)shell by a signal (then no EXIT trap runs). */
export class ExitShell {
  readonly status: number;
  readonly killed: boolean;

  constructor(status: number, killed = false) {
    this.status = status;
    this.killed = killed;
  }
}

/** An error of the shell itself, already reported: it ends a special built-in's or an expansion's shell, or fails a built-in. */
export class ShellFailure {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** What `break`, `continue` and `return` leave behind for the commands around them. */
export interface Skip {
  readonly kind: "break" | "continue" | "return";
  /** Loops still to leave. */
  count: number;
}
