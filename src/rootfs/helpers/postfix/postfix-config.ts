/**
 * The config script of Debian's postfix, which is perl: what it asks debconf and derives from the answers where nobody is there to
 * answer. It stands for one text of the script, by its hash; another one stops the build.
 */
import { createHash } from "node:crypto";
import { type AskDebconf, withDebconf } from "../../configure/debconf/debconf-client.js";
import type { Command, Process } from "../../shell/process.js";

/** Of postfix 3.10 in trixie. */
const KNOWN_SCRIPTS = ["243d72775b3a800c8bf8f4692b22279ff629f2ae501f85624c5d7892a46bf5f8"];
const INVISIBLE = 30;
const MAIN = "/etc/postfix/main.cf";

export const postfixConfig: Command = (process, args) => {
  const text = process.tree.read(process.absolute(args[0]!));
  const digest = createHash("sha256").update(text).digest("hex");
  if (!KNOWN_SCRIPTS.includes(digest)) return process.unsupported(`the postfix.config with the sha256 ${digest}`);
  return withDebconf(process, { argv: args, body: (ask) => configurePostfix(process, ask) });
};

/** The conversation. */
export function configurePostfix(process: Process, ask: AskDebconf): number {
  const get = (name: string): string => ask(`GET postfix/${name}`).text;
  const set = (name: string, value: string): void => void ask(`SET postfix/${name} ${value}`);
  const hasFlag = (name: string, flag: string): boolean => ask(`FGET postfix/${name} ${flag}`).text === "true";
  const input = (priority: string, name: string): void => {
    const { status } = ask(`INPUT ${priority} postfix/${name}`);
    if (status !== INVISIBLE) process.unsupported(`postfix.config with somebody to answer ${name}`);
  };
  const fromMain = (name: string): string | undefined =>
    process.tree.lookup(MAIN)?.type === "file"
      ? process.capture(["postconf", "-hx", name]).output.split("\n")[0]!
      : undefined;
  // Perl's `||`: the text of nothing, and of zero, is false.
  const hostname = (option: string, otherwise: string): string => {
    const { output } = process.capture(["hostname", option]);
    return output === "" || output === "0" ? otherwise : output.replace(/\n$/, "");
  };

  ask("VERSION 2.0");
  ask("CAPB backup");
  ask("TITLE Postfix Configuration");
  if (hasFlag("main_mailer_type", "isdefault") && process.tree.lookup(MAIN)?.type === "file")
    set("main_mailer_type", "No configuration");
  input("high", "main_mailer_type");
  const type = get("main_mailer_type");
  if (type === "No configuration") {
    ask("FSET postfix/newaliases run false");
    return 0;
  }

  let mailName = firstLine(process, "/etc/mailname") || hostname("--fqdn", "localdomain");
  if (isUnusable(mailName)) {
    ask("FSET postfix/mailname isdefault true");
    mailName = hostname("--fqdn", "localdomain");
  }
  if (hasFlag("mailname", "isdefault")) set("mailname", mailName);
  input("high", "mailname");

  if (type === "Internet with smarthost" || type === "Satellite system") {
    if (hasFlag("relayhost", "isdefault")) set("relayhost", `smtp.${hostname("--domain", "localdomain")}`);
    input("high", "relayhost");
  }
  hasFlag("root_address", "isdefault");
  input("medium", "root_address");

  if (hasFlag("destinations", "set")) {
    const known = fromMain("mydestination");
    if (known !== undefined) set("destinations", known);
  } else {
    const names = { host: hostname("--fqdn", "localhost"), domain: hostname("--domain", "localdomain") };
    set("destinations", destinations(type, get("mailname") || "localhost", names));
    ask("FSET postfix/destinations set true");
  }
  input(type === "Local only" ? "low" : "medium", "destinations");

  const networks = fromMain("mynetworks");
  if (networks !== undefined) set("mynetworks", networks);
  input("low", "mynetworks");
  const procmail = process.tree.lookup("/usr/bin/procmail");
  const hasProcmail = procmail?.type === "file" && (procmail.mode & 0o111) !== 0;
  if (hasFlag("procmail", "isdefault")) set("procmail", `${hasProcmail}`);
  if (hasProcmail) input("low", "procmail");
  input("low", "mailbox_limit");
  input("low", "recipient_delim");
  const protocols = fromMain("inet_protocols");
  // A kernel that runs has both.
  if (protocols !== undefined || hasFlag("protocols", "isdefault")) set("protocols", protocols ?? "all");
  input("low", "protocols");
  return 0;
}

/** What is to be delivered here. The comma before a comma is the script's. */
function destinations(type: string, mailName: string, { host, domain }: { host: string; domain: string }): string {
  const common = [host, `localhost.${domain}, localhost`];
  if (type === "Internet Site")
    return host === mailName
      ? ["$myhostname", mailName, `localhost.${domain}`, ", localhost"].join(", ")
      : ["$myhostname", mailName, ...common].join(", ");
  const plain = ["$myhostname", ...common].join(", ");
  const ends = host === mailName || host.endsWith(`.${mailName}`);
  return ends ? plain : `${mailName}, ${plain}`;
}

function firstLine(process: Process, path: string): string {
  return process.tree.lookup(path)?.type === "file" ? process.tree.readText(path).split("\n")[0]! : "";
}

function isUnusable(name: string): boolean {
  return ["ubuntu.com", "debian.org"].includes(name.toLowerCase());
}
