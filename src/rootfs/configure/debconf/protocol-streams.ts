/**
 * The two ends that a script holds of its conversation with debconf: what it writes line by line is answered at once, and it reads
 * the answers.
 */
import type { Stream } from "../../shell/process.js";

/** Stdin and stdout of a script under debconf. */
export interface ProtocolStreams {
  readonly stdin: Stream;
  readonly stdout: Stream;
}

/** Makes them; `answer` gets each line without its newline, and returns undefined for no answer. */
export function protocolStreams(answer: (line: string) => string | undefined): ProtocolStreams {
  let answers = "";
  let unfinished = "";
  const stdin: Stream = {
    read(max) {
      const part = answers.slice(0, max);
      answers = answers.slice(part.length);
      return part;
    },
    readLine() {
      if (answers === "") return undefined;
      const newline = answers.indexOf("\n");
      const end = newline < 0 ? answers.length : newline + 1;
      const line = answers.slice(0, end);
      answers = answers.slice(end);
      return line;
    },
    write() {},
  };
  const stdout: Stream = {
    read: () => "",
    readLine: () => undefined,
    write(bytes) {
      const lines = (unfinished + bytes).split("\n");
      unfinished = lines.pop() as string;
      for (const line of lines) {
        const reply = answer(line);
        if (reply !== undefined) answers += `${reply}\n`;
      }
    },
  };
  return { stdin, stdout };
}
