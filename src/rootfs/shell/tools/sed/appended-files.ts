/** The files of sed's `r` and `R`: one that cannot be read is as an empty one. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { openRead, readAll } from "../open.js";
import type { Tool } from "../tool.js";
import type { SedOutput } from "./files.js";

/** Files that a script appends, of `R` each with its place. */
export class AppendedFiles {
  private readonly tool: Tool;
  private readonly lineReaders = new Map<string, () => string | undefined>();

  constructor(tool: Tool) {
    this.tool = tool;
  }

  /** Copies a whole file. */
  copyAll(file: string, output: SedOutput): undefined {
    const { process } = this.tool;
    try {
      output.raw(readAll(file === "/dev/stdin" ? process.stdin : openRead(process, file)));
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
    }
  }

  /** Copies the next line of a file. */
  copyLine(file: string, output: SedOutput): undefined {
    let reader = this.lineReaders.get(file);
    if (reader === undefined) {
      try {
        const stream = openRead(this.tool.process, file);
        reader = () => stream.readLine();
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        reader = () => undefined;
      }
      this.lineReaders.set(file, reader);
    }
    const line = reader();
    if (line !== undefined) output.raw(line);
  }
}
