/**
 * Every error code with its exit status and meaning. docs/errors.md is made from this table (scripts/error-docs.mjs); a test
 * compares the two and looks for codes in the source that the table does not have.
 */
import { archiveCodes } from "./archive-codes.js";
import { commandCodes } from "./command-codes.js";
import { diskCodes } from "./disk-codes.js";
import { erofsCodes } from "./erofs-codes.js";
import type { ErrorCode, ExitStatus } from "./error-code.js";
import { ext4Codes } from "./ext4-codes.js";
import { imageCodes } from "./image-codes.js";
import { measureCodes } from "./measure-codes.js";
import { packageCodes } from "./package-codes.js";
import { recipeCodes } from "./recipe-codes.js";
import { squashfsCodes } from "./squashfs-codes.js";

export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  ...recipeCodes,
  ...archiveCodes,
  ...packageCodes,
  ...imageCodes,
  ...diskCodes,
  ...erofsCodes,
  ...squashfsCodes,
  ...commandCodes,
  ...ext4Codes,
  ...measureCodes,
};

/** Exit status of an error; an unknown code counts as "the work failed". */
export function exitStatusOf(code: string): ExitStatus {
  return errorCodes[code]?.exit ?? 1;
}
