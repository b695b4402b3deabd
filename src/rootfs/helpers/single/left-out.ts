/**
 * Programs whose artefact is left for the first boot: it is of a format that only the program writes, or differs from copy to copy.
 * Each succeeds and says so; docs/fidelity.md lists what is missing then.
 */
import type { Command } from "../../shell/process.js";

const LEFT_OUT: Readonly<Record<string, string>> = {
  "fc-cache": "the index of fonts",
  mandb: "the index of manual pages",
  mariadbd: "the database",
  pg_createcluster: "the database cluster",
};

/** The left-out programs by name. */
export const leftOut: readonly (readonly [name: string, command: Command])[] = Object.entries(LEFT_OUT).map(
  ([name, artefact]) => [
    name,
    (process) => {
      // A program that reads its work from a pipe would read all of it.
      while (process.stdin.read(1 << 16) !== "");
      process.stderr.write(`${name}: ${artefact} is not made while an image is built\n`);
      return 0;
    },
  ],
);
