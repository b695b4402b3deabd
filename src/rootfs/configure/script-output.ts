/**
 * What a maintainer script writes: forwarded line by line, and its end kept for the error message should it fail.
 */
import type { Stream } from "../shell/process.js";

/** Lines of output an error message shows. */
const TAIL_LINES = 12;

/** Gathers stdout and stderr of one script. */
export class ScriptOutput {
  readonly #lines: string[] = [];
  readonly #onLine: (line: string) => void;
  #unfinished = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** The stream to give to the script, for both of its outputs. */
  stream(): Stream {
    return { read: () => "", readLine: () => undefined, write: (bytes) => this.#write(bytes) };
  }

  /** The last lines. */
  tail(): string {
    return [...this.#lines, this.#unfinished]
      .filter((line) => line !== "")
      .slice(-TAIL_LINES)
      .join("\n");
  }

  #write(bytes: string): void {
    const lines = (this.#unfinished + bytes).split("\n");
    this.#unfinished = lines.pop() as string;
    for (const line of lines) {
      this.#onLine(line);
      this.#lines.push(line);
      if (this.#lines.length > TAIL_LINES) this.#lines.shift();
    }
  }
}
