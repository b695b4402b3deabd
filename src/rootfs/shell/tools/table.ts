/**
 * The native tools, by the base name of the program file they stand for (where a symbolic link leads in the end).
 */
import type { Command } from "../process.js";
import { awk } from "./awk/awk.js";
import { gawk } from "./awk/gawk.js";
import { base64 } from "./base64.js";
import { basename } from "./basename.js";
import { cat } from "./cat.js";
import { chmod } from "./chmod.js";
import { chgrp, chown } from "./chown.js";
import { chroot } from "./chroot.js";
import { cksum } from "./cksum.js";
import { cmp } from "./cmp.js";
import { comm } from "./comm.js";
import { cp } from "./cp.js";
import { cut } from "./cut.js";
import { date } from "./date.js";
import { dd } from "./dd.js";
import { diff } from "./diff/diff.js";
import { b2sum, md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum } from "./digest.js";
import { dirname } from "./dirname.js";
import { echo } from "./echo.js";
import { env } from "./env.js";
import {
  hostname,
  ischroot,
  logger,
  logname,
  mountpoint,
  nproc,
  nscd,
  runlevel,
  sysctl,
  tty,
  users,
  who,
} from "./environment-tools.js";
import { expand } from "./expand.js";
import { expr } from "./expr.js";
import { falseCommand } from "./false.js";
import { find } from "./find/find.js";
import { fold } from "./fold.js";
import { getent } from "./getent.js";
import { getopt } from "./getopt.js";
import { grep } from "./grep/grep.js";
import { groups } from "./groups.js";
import { head } from "./head.js";
import { id } from "./id.js";
import { install } from "./install.js";
import { ln } from "./ln.js";
import { ls } from "./ls/ls.js";
import { mkdir } from "./mkdir.js";
import { mktemp } from "./mktemp.js";
import { mv } from "./mv.js";
import { nl } from "./nl.js";
import { link, mkfifo, mknod, unlink } from "./node-makers.js";
import { od } from "./od.js";
import { paste } from "./paste.js";
import { printenv } from "./printenv.js";
import { printf } from "./printf.js";
import { pwd } from "./pwd.js";
import { readlink } from "./readlink.js";
import { realpath } from "./realpath.js";
import { rev } from "./rev.js";
import { rm } from "./rm.js";
import { rmdir } from "./rmdir.js";
import { runParts } from "./run-parts.js";
import { sed } from "./sed/sed.js";
import { seq } from "./seq.js";
import { sleep } from "./sleep.js";
import { sort } from "./sort/sort.js";
import { splitCommand } from "./split.js";
import { stat } from "./stat.js";
import { sync } from "./sync.js";
import { tac } from "./tac.js";
import { tail } from "./tail.js";
import { tee } from "./tee.js";
import { tempfile } from "./tempfile.js";
import { bracket, test } from "./test.js";
import { touch } from "./touch.js";
import { tr } from "./tr.js";
import { trueCommand } from "./true.js";
import { truncate } from "./truncate.js";
import { arch, uname } from "./uname.js";
import { uniq } from "./uniq.js";
import { wc } from "./wc.js";
import { whoami } from "./whoami.js";
import { flock, ionice, nice, nohup, setsid, stdbuf, timeout } from "./wrappers.js";
import { xargs } from "./xargs.js";
import { yes } from "./yes.js";

/** Text and file tools of coreutils, grep, sed, mawk, findutils, diffutils, util-linux and the like. */
export const textTools: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["[", bracket],
  ["arch", arch],
  ["b2sum", b2sum],
  ["base64", base64],
  ["basename", basename],
  ["cat", cat],
  ["chgrp", chgrp],
  ["chmod", chmod],
  ["chown", chown],
  ["chroot", chroot],
  ["cksum", cksum],
  ["cmp", cmp],
  ["comm", comm],
  ["cp", cp],
  ["cut", cut],
  ["date", date],
  ["dd", dd],
  ["diff", diff],
  ["dirname", dirname],
  ["echo", echo],
  ["env", env],
  ["expand", expand],
  ["expr", expr],
  ["false", falseCommand],
  ["find", find],
  ["flock", flock],
  ["fold", fold],
  ["getent", getent],
  ["getopt", getopt],
  ["grep", grep],
  ["groups", groups],
  ["head", head],
  ["hostname", hostname],
  ["id", id],
  ["install", install],
  ["ionice", ionice],
  ["ischroot", ischroot],
  ["link", link],
  ["ln", ln],
  ["logger", logger],
  ["logname", logname],
  ["ls", ls],
  ["mawk", awk],
  ["gawk", gawk],
  ["md5sum", md5sum],
  ["mkdir", mkdir],
  ["mkfifo", mkfifo],
  ["mknod", mknod],
  ["mktemp", mktemp],
  ["mountpoint", mountpoint],
  ["mv", mv],
  ["nice", nice],
  ["nl", nl],
  ["nohup", nohup],
  ["nproc", nproc],
  ["nscd", nscd],
  ["od", od],
  ["paste", paste],
  ["printenv", printenv],
  ["printf", printf],
  ["pwd", pwd],
  ["readlink", readlink],
  ["realpath", realpath],
  ["rev", rev],
  ["rm", rm],
  ["rmdir", rmdir],
  ["run-parts", runParts],
  ["runlevel", runlevel],
  ["sed", sed],
  ["seq", seq],
  ["setsid", setsid],
  ["sha1sum", sha1sum],
  ["sha224sum", sha224sum],
  ["sha256sum", sha256sum],
  ["sha384sum", sha384sum],
  ["sha512sum", sha512sum],
  ["sleep", sleep],
  ["sort", sort],
  ["split", splitCommand],
  ["stat", stat],
  ["stdbuf", stdbuf],
  ["sync", sync],
  ["sysctl", sysctl],
  ["tac", tac],
  ["tail", tail],
  ["tee", tee],
  ["tempfile", tempfile],
  ["test", test],
  ["timeout", timeout],
  ["touch", touch],
  ["tr", tr],
  ["true", trueCommand],
  ["truncate", truncate],
  ["tty", tty],
  ["uname", uname],
  ["uniq", uniq],
  ["unlink", unlink],
  ["users", users],
  ["wc", wc],
  ["who", who],
  ["whoami", whoami],
  ["xargs", xargs],
  ["yes", yes],
]);
