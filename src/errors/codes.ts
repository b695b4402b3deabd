/**
 * Every error code with its exit status and meaning. docs/errors.md is made from this table; a test compares the two and
 * looks for codes in the source that the table does not have.
 */

/** Exit status of the command line (contract §3). */
export type ExitStatus = 1 | 2 | 3 | 4 | 130;

/** One row. */
export interface ErrorCode {
  readonly exit: ExitStatus;
  readonly meaning: string;
}

/** Exit status of an error; an unknown code counts as "the work failed". */
export function exitStatusOf(code: string): ExitStatus {
  return errorCodes[code]?.exit ?? 1;
}

export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  "rootfs/account-exists": { exit: 2, meaning: "A recipe user or group has a name that a package has already made." },
  "rootfs/id-taken": { exit: 2, meaning: "A recipe user or group wants an id that a package has already taken." },
  "rootfs/group-unknown": { exit: 2, meaning: "A recipe user is to be in a group that is not in the tree." },
  "rootfs/owner-unknown": { exit: 2, meaning: "`permissions` or a tree names an owner that is not in the tree." },
  "rootfs/path-missing": { exit: 2, meaning: "`permissions` names a path that is not in the tree." },
  "rootfs/service-unknown": { exit: 2, meaning: "`services` names a service that is not in the tree." },
  "rootfs/service-failed": { exit: 1, meaning: "Enabling, disabling or masking a service failed." },
  "rootfs/timezone-unknown": { exit: 2, meaning: "`timezone` names a zone that no package of the tree ships." },
  "rootfs/no-root-account": { exit: 2, meaning: "`rootPassword` is set, but the tree has no root account." },
  "template/key-missing": { exit: 2, meaning: "A template uses a name that the template data does not have." },
  "template/invalid": { exit: 2, meaning: "A template has bad mustache syntax." },
};
