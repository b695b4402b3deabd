/**
 * The native tools, by the base name of the program file they stand for (where a symbolic link leads in the end).
 */
import type { Command } from "../process.js";
import { basename } from "./basename.js";
import { cat } from "./cat.js";
import { chmod } from "./chmod.js";
import { chgrp, chown } from "./chown.js";
import { cp } from "./cp.js";
import { date } from "./date.js";
import { dirname } from "./dirname.js";
import { echo } from "./echo.js";
import { env } from "./env.js";
import { falseCommand } from "./false.js";
import { grep } from "./grep/grep.js";
import { groups } from "./groups.js";
import { head } from "./head.js";
import { id } from "./id.js";
import { install } from "./install.js";
import { ln } from "./ln.js";
import { mkdir } from "./mkdir.js";
import { mktemp } from "./mktemp.js";
import { mv } from "./mv.js";
import { printenv } from "./printenv.js";
import { printf } from "./printf.js";
import { pwd } from "./pwd.js";
import { readlink } from "./readlink.js";
import { realpath } from "./realpath.js";
import { rm } from "./rm.js";
import { rmdir } from "./rmdir.js";
import { sed } from "./sed/sed.js";
import { sleep } from "./sleep.js";
import { stat } from "./stat.js";
import { sync } from "./sync.js";
import { tail } from "./tail.js";
import { tee } from "./tee.js";
import { bracket, test } from "./test.js";
import { touch } from "./touch.js";
import { trueCommand } from "./true.js";
import { arch, uname } from "./uname.js";
import { wc } from "./wc.js";
import { whoami } from "./whoami.js";

/** Text and file tools of coreutils, grep, sed, mawk, findutils, diffutils, util-linux and the like. */
export const textTools: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["[", bracket],
  ["arch", arch],
  ["basename", basename],
  ["cat", cat],
  ["chgrp", chgrp],
  ["chmod", chmod],
  ["chown", chown],
  ["cp", cp],
  ["date", date],
  ["dirname", dirname],
  ["echo", echo],
  ["env", env],
  ["false", falseCommand],
  ["grep", grep],
  ["groups", groups],
  ["head", head],
  ["id", id],
  ["install", install],
  ["ln", ln],
  ["mkdir", mkdir],
  ["mktemp", mktemp],
  ["mv", mv],
  ["printenv", printenv],
  ["printf", printf],
  ["pwd", pwd],
  ["readlink", readlink],
  ["realpath", realpath],
  ["rm", rm],
  ["rmdir", rmdir],
  ["sed", sed],
  ["sleep", sleep],
  ["stat", stat],
  ["sync", sync],
  ["tail", tail],
  ["tee", tee],
  ["test", test],
  ["touch", touch],
  ["true", trueCommand],
  ["uname", uname],
  ["wc", wc],
  ["whoami", whoami],
]);
