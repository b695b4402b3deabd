/**
 * The words of the recipe's schema: what a name, a path, a size, a mode may look like. The message of each is what
 * an error says was wanted. Types follow Debian policy (package names), useradd(8) (accounts), hostname(7).
 */

import { z } from "zod";

/** A string of a pattern; `wanted` completes "… was wanted". */
function word(pattern: RegExp, wanted: string) {
  // Aborting keeps zod from taking this branch of a union for the one that was meant.
  return z.string().regex(pattern, { error: wanted, abort: true });
}

const maximumId = 4_294_967_294;

export const imageName = word(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a file name of letters, digits, `.`, `_` and `-`");
export const imageVersion = word(
  /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/,
  "a version of letters, digits, `.`, `_`, `+`, `~` and `-`",
);
export const profileName = word(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  "a profile name of letters, digits, `.`, `_` and `-`",
);
export const hostName = word(
  /^(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
  "a host name of letters, digits, `-` and `.`, at most 64 characters",
);
export const timeZone = word(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, "a time zone such as `Etc/UTC`");
export const localeName = word(
  /^[A-Za-z]{1,8}(_[A-Za-z]{2})?(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/,
  "a locale such as `C.UTF-8`",
);
export const passwordHash = word(/^([$!*][^\s:]*)$/, "a crypt(5) hash such as `$y$…` (or `!` for none)");

export const suiteName = word(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "a suite such as `trixie`");
export const componentName = word(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "a component such as `main`");
export const snapshotTime = word(
  /^20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$/,
  "a time such as `20260815T000000Z`",
);
export const url = word(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/, "an http or https URL");
export const gitUrl = word(/^(https?|ssh|git|file):\/\/\S+$/, "a URL with https, http, ssh, git or file");

const name = "[a-z0-9][a-z0-9+.-]*";
const architecture = "(?::[a-z0-9-]+)?";
export const packageName = word(new RegExp(`^${name}$`), "a package name (lower-case letters, digits, `+`, `-`, `.`)");
export const packageRequest = word(
  new RegExp(`^(?:-${name}${architecture}|${name}${architecture}(?:=[0-9A-Za-z.+:~*?-]+|/[A-Za-z0-9._-]+)?)$`),
  "a package such as `curl`, `curl=8.*`, `foo/trixie-backports` or `-bar`",
);
export const packageGlob = word(/^[a-z0-9+.*?[\]!-]+$/, "a package name or a glob over package names");

export const accountName = word(/^[a-z_][a-z0-9_-]{0,31}$/, "a name of lower-case letters, digits, `_` and `-`");
export const accountId = z
  .int({ error: "a whole number" })
  .min(0, { error: "an id from 0 up" })
  .max(maximumId, { error: `an id of at most ${maximumId}` })
  .refine((id) => id !== 65_535, { error: "an id other than 65535, which systemd and the kernel reserve" });
export const accountRef = z.union([accountName, accountId], { error: "the name or number of an account" });
export const plainText = word(/^[^\x00-\x1f\x7f:]*$/, "one line without `:`");

export const fileMode = word(/^0?[0-7]{3,4}$/, 'a mode in octal digits and quotes, such as "0644"');
/** Absolute, without `.`, `..`, empty components or control characters. */
export const imagePath = word(
  /^\/(?!\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!.*\/\/)[^\x00-\x1f\x7f]*$/,
  "an absolute path in the image, without `..`",
);
export const imageGlob = imagePath.refine(balanced, { error: "a glob whose brackets and braces are closed" });
/** Marked so that host-paths.ts finds it: relative to the file that states it. */
export const hostPath = word(/^[^\x00-\x1f\x7f]+$/, "the path of a file or directory").meta({ format: "path" });
/** A package request, or a file if `isStubFile` says so. */
export const packageOrPath = word(/^[^\x00-\x1f\x7f]+$/, "a package, or the path of a file").meta({
  format: "path-or-package",
});
export const sourcePath = word(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\x00-\x1f\x7f]+$/, "a relative path without `..`");

/** Bytes as a number, or a string with K, M, G or T: powers of 1024. */
export const size = z.union(
  [word(/^[1-9][0-9]{0,8}[KMGT]?$/, "a size such as `512M`"), z.int().min(1, { abort: true })],
  { error: "a size such as `512M`" },
);
export const sizeOrAuto = z.union([z.literal("auto"), size], { error: "`auto` or a size such as `512M`" });

export const sha256 = word(/^[0-9a-f]{64}$/, "a sha256 in 64 lower-case hex digits");
export const commitId = word(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "a whole commit id in 40 (or 64) lower-case hex digits");
export const uuid = word(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "a UUID");
export const variableName = word(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable name (letters, digits, `_`)");
export const variableValue = word(/^[^\x00]*$/, "a text without NUL");
export const moduleName = word(/^[A-Za-z0-9_-]+$/, "a module name without `.ko`");
export const kernelVersion = word(/^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/, "a kernel version such as `6.12.60`");
export const serviceName = word(/^[A-Za-z0-9@:._\\-]+$/, "the name of a service");
export const debconfLine = word(/^\S+[ \t]+\S+[ \t]+\S+([ \t].*)?$/, "`owner question type value`, one line");
export const commandText = word(/^[^\x00]+$/, "a command");
export const partitionLabel = word(/^[^\x00-\x1f\x7f]{1,36}$/, "a label of at most 36 characters");
export const allowWord = word(/^[a-z][a-z0-9-]*$/, "a word such as `cmdline-unmeasured`");
export const phaseWord = word(/^[a-z-]+(:[a-z-]+)*$/, "a boot phase such as `enter-initrd`");

function balanced(glob: string): boolean {
  let braces = 0;
  let bracket = false;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i];
    if (char === "\\") i++;
    else if (bracket) bracket = char !== "]";
    else if (char === "[") bracket = true;
    else if (char === "{") braces++;
    else if (char === "}" && --braces < 0) return false;
  }
  return braces === 0 && !bracket;
}
