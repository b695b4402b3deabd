/**
 * Codes of errors about the command line, the recipe and the lock: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const recipeCodes: Readonly<Record<string, ErrorCode>> = {
  "cli/format-unknown": { exit: 2, meaning: "`--format` names a format that does not exist." },
  "cli/usage": { exit: 2, meaning: "The command line has an unknown command or option, or a value that does not fit." },
  "recipe/ambiguous": { exit: 2, meaning: "A directory holds image.yaml and image.json." },
  "recipe/command-line-control-character": {
    exit: 2,
    meaning: "A word of `kernel.commandLine` holds a control character.",
  },
  "recipe/command-line-too-long": { exit: 2, meaning: "`kernel.commandLine` has more than 2047 bytes." },
  "recipe/conflicting-keys": {
    exit: 2,
    meaning: "Keys that exclude each other are stated together, or one without the one it belongs to.",
  },
  "recipe/duplicate-key": { exit: 2, meaning: "A key is stated twice in one object." },
  "recipe/duplicate-name": { exit: 2, meaning: "Two items of one list have the same name." },
  "recipe/environment-missing": {
    exit: 2,
    meaning: "A value that comes from the host is not set there and has no default.",
  },
  "recipe/id-collision": { exit: 2, meaning: "Two users or two groups have one id, or none is left." },
  "recipe/include-cycle": { exit: 2, meaning: "Recipes include each other in a circle." },
  "recipe/invalid-syntax": { exit: 2, meaning: "A recipe is not the YAML (or JSON) that recipes are written in." },
  "recipe/invalid-value": { exit: 2, meaning: "A value is not what its key takes." },
  "recipe/missing-key": { exit: 2, meaning: "A key that has to be there is missing." },
  "recipe/not-found": { exit: 2, meaning: "There is no recipe at the path given or included." },
  "recipe/not-supported-yet": {
    exit: 2,
    meaning: "The recipe asks for something that this version does not build yet.",
  },
  "recipe/root-unverified": {
    exit: 1,
    meaning:
      "A warning that does not end the build: whoever holds the disk can change the root, since `root.verity` is false.",
  },
  "recipe/secret-in-image": {
    exit: 1,
    meaning: "A warning that does not end the build: the image can hold a secret that its host can read.",
  },
  "recipe/unknown-key": { exit: 2, meaning: "A recipe has a key that does not exist." },
  "recipe/unknown-profile": { exit: 2, meaning: "`--profile` names a profile that the recipe does not have." },
  "recipe/unreadable": { exit: 2, meaning: "A recipe is there but cannot be read." },
  "lock/invalid": {
    exit: 2,
    meaning: "A lock's text is not a lock: no JSON, an unknown key, a wrong hash, or a name that its tables lack.",
  },
  "lock/missing": { exit: 1, meaning: "There is no lock, or it has no entry for these profiles." },
  "lock/unknown-package": { exit: 2, meaning: "`lock --update` names a package that the lock does not have." },
  "lock/stale": { exit: 1, meaning: "The lock was made from another recipe." },
  "template/data-invalid": { exit: 2, meaning: "The file of `templates.data` is missing or is not JSON." },
  "template/data-missing": { exit: 2, meaning: "A tree has a template, but the recipe names no `templates.data`." },
  "template/invalid": { exit: 2, meaning: "A template has bad mustache syntax." },
  "template/key-missing": { exit: 2, meaning: "A template uses a name that the template data does not have." },
};
