/**
 * Programs of dictionaries-common where no dictionary of their class (ispell, aspell, a list of words) is installed: there is nothing to
 * choose and nothing to link. Its lists of dictionaries for other programs are left out (left-out.ts).
 */
import type { Command } from "../../shell/process.js";

/** Where packages declare their dictionaries, by class. */
const DECLARATIONS = "/var/lib/dictionaries-common";

/** A command that does nothing unless there is a dictionary of one of the classes. */
function withoutDictionaries(...classes: readonly string[]): Command {
  return (process, args) => {
    for (const name of classes) {
      const directory = process.tree.lookup(`${DECLARATIONS}/${name}`);
      if (directory?.type === "directory" && directory.entries.size > 0)
        return process.unsupported(`${args[0]} with dictionaries for ${name}`);
    }
    return 0;
  };
}

/** The package's config script, which asks for the default dictionaries. */
export const dictionariesConfig: Command = withoutDictionaries("ispell", "wordlist");

/** update-dictcommon-aspell(8). */
export const updateAspell: Command = withoutDictionaries("aspell");

/** update-default-ispell(8). */
export const updateIspell: Command = withoutDictionaries("ispell");

/** update-default-wordlist(8). */
export const updateWordlist: Command = withoutDictionaries("wordlist");
