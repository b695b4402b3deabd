/**
 * The makers of host keys. No key is made while an image is built: every copy would have it, and everybody who has a copy. They succeed
 * and leave no file, so that packages configure; the machine (or a file of the recipe) has to bring its keys.
 */
import type { Command, Process } from "../../shell/process.js";
import { parseOptions } from "../../shell/tools/options.js";

function say(process: Process, name: string, file: string): void {
  process.stderr.write(`${name}: ${file} is not made: a key in an image is no secret\n`);
}

/** ssh-keygen(1): making keys, and showing the fingerprint of one that was not made. */
export const sshKeygen: Command = (process, args) => {
  const parsed = parseOptions({ short: "qvAlf:N:t:b:C:P:" }, args.slice(1));
  if (parsed.kind !== "parsed" || parsed.operands.length > 0) return process.unsupported(args.join(" "));
  const value = (name: string): string | undefined => parsed.options.findLast((option) => option.name === name)?.value;
  const file = value("f");
  if (value("l") !== undefined) {
    const node = file === undefined ? undefined : process.tree.lookup(process.absolute(file));
    const isKey = node?.type === "file" && !/ none\n$/.test(process.tree.readText(process.absolute(file!)));
    return isKey ? process.unsupported(args.join(" ")) : 0;
  }
  if (value("A") !== undefined) say(process, "ssh-keygen", "/etc/ssh/ssh_host_*_key");
  else if (file !== undefined && value("N") === "") say(process, "ssh-keygen", file);
  else return process.unsupported(args.join(" "));
  return 0;
};

/** dropbearkey(1). Its output names the kind of key, as scripts look for that. */
export const dropbearkey: Command = (process, args) => {
  const parsed = parseOptions({ short: "t:f:s:" }, args.slice(1));
  if (parsed.kind !== "parsed") return process.unsupported(args.join(" "));
  const value = (name: string): string | undefined => parsed.options.findLast((option) => option.name === name)?.value;
  const [type, file] = [value("t"), value("f")];
  const kind = type === "ecdsa" ? "ecdsa-sha2-nistp256" : `ssh-${type}`;
  if (file === undefined || !["rsa", "ecdsa", "ed25519"].includes(type ?? ""))
    return process.unsupported(args.join(" "));
  say(process, "dropbearkey", file);
  process.stdout.write(`${kind} none\n`);
  return 0;
};

/** dropbearconvert(1): a key of the machine in another format is as much of a secret. */
export const dropbearconvert: Command = (process, args) => {
  const [from = "", to = "", source = "", target] = args.slice(1);
  const isFormat = (name: string): boolean => name === "openssh" || name === "dropbear";
  if (target === undefined || args.length !== 5 || !isFormat(from) || !isFormat(to))
    return process.unsupported(args.join(" "));
  if (process.tree.lookup(process.absolute(source)) === undefined) {
    process.stderr.write(`Error: Unable to open key file\nError reading key from '${source}'\n`);
    return 1;
  }
  say(process, "dropbearconvert", target);
  return 0;
};

/** make-ssl-cert(8): the certificate that says nothing, with its key. */
export const makeSslCert: Command = (process, args) => {
  if (args[1] !== "generate-default-snakeoil") return process.unsupported(args.join(" "));
  say(process, "make-ssl-cert", "/etc/ssl/private/ssl-cert-snakeoil.key");
  return 0;
};
