// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of main.cf
/**
 * Postfix's programs: what postconf 3.10 and the config script of Debian's package do with the same files and preseeds.
 */
import { describe, expect, it } from "vitest";
import { ConfmoduleSession } from "#dist/rootfs/configure/debconf/confmodule-session.js";
import { DebconfDatabase } from "#dist/rootfs/configure/debconf/debconf-database.js";
import { applyPreseeds } from "#dist/rootfs/configure/debconf/set-selections.js";
import { parseTemplates } from "#dist/rootfs/configure/debconf/templates-file.js";
import { configurePostfix } from "#dist/rootfs/helpers/postfix/postfix-config.js";
import { helperCommands } from "#dist/rootfs/helpers/table.js";
import { createSystem, runCommand } from "#dist/rootfs/shell/system.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const MAIN = "/etc/postfix/main.cf";

describe("postconf", () => {
  it.each([
    [
      "every setting of a name",
      "a = 1\n# x\nb = 2\n  more\n and more\n# y\nc=3\nb = 9\n",
      ["-e", "b=7"],
      "a = 1\n# x\nb = 7\n# y\nc=3\nb = 7\n",
    ],
    ["an empty value, and a new name", "a = 1\nb = 2\n", ["-e", "z = 5 ", "a="], "a = \nb = 2\nz = 5\n"],
    ["a file without a last newline", "a = 1", ["-e", "c=3"], "a = 1\nc = 3\n"],
    [
      "a comment inside a setting",
      "b = 2\n  # in between\n  more\nc = 3\n",
      ["-e", "b=7"],
      "b = 7\n  # in between\nc = 3\n",
    ],
    ["white space before the first name", "  b = 2\nc = 3\n", ["-e", "b=7"], "  b = 2\nc = 3\nb = 7\n"],
    ["a line without a value", "a\nb\nc = 1\n", ["c=2"], "a\nb\nc = 2\n"],
    ["a setting that becomes a comment", "a = 1\nb = 2\n cont\n", ["-#", "b"], "a = 1\n#b = 2\n# cont\n"],
    ["a comment of what is not there", "a = 1\n", ["-#", "nope"], "a = 1\n"],
  ])("edits: %s", (_, before, words, after) => {
    const tree = treeOf({ [MAIN]: before });
    expect(runHelper(tree, ["postconf", ...words])).toMatchObject({ status: 0, out: "" });
    expect(tree.readText(MAIN)).toBe(after);
  });

  it("shows settings in the order asked for, the last of a name, with defaults and expanded", () => {
    const tree = treeOf({ [MAIN]: "alias_database = hash:/a\n , hash:/b\na = b\ndefault_transport = x$a\na = c\n" });
    const show = (...words: string[]) => runHelper(tree, ["postconf", ...words]).out;
    expect(show("-hx", "default_transport", "alias_database")).toBe("xc\nhash:/a , hash:/b\n");
    expect(show("-h", "default_transport", "inet_protocols")).toBe("x$a\nall\n");
    expect(show("default_transport")).toBe("default_transport = x$a\n");
  });

  it("says what it does not take, and refuses what is not emulated", () => {
    const tree = treeOf({ [MAIN]: "a = 1\nb = ${a}\n" });
    expect(runHelper(tree, ["postconf", "-e", "nope"])).toMatchObject({
      status: 1,
      err: "postconf: fatal: missing '=' after attribute name: \"nope\"\n",
    });
    expect(runHelper(tree, ["postconf", "-e", "a=1\n2"]).status).toBe(1);
    for (const words of [
      ["-M"],
      ["-X", "a"],
      ["-e"],
      ["-n"],
      ["-hx", "mynetworks"],
      ["-hx", "b"],
      ["-e", "x=1", "y=1"],
    ])
      expect(() => runHelper(tree, ["postconf", ...words]), words.join(" ")).toThrow(Unsupported);
    expect(tree.readText(MAIN)).toBe("a = 1\nb = ${a}\n");
  });
});

const TEMPLATES = [
  ["main_mailer_type", "select", "Internet Site"],
  ["mailname", "string", "/etc/mailname"],
  ["relayhost", "string", ""],
  ["root_address", "string", ""],
  ["destinations", "string", ""],
  ["mynetworks", "string", "127.0.0.0/8"],
  ["procmail", "boolean", ""],
  ["mailbox_limit", "string", "0"],
  ["recipient_delim", "string", "+"],
  ["protocols", "select", ""],
]
  .map(([name, type, value]) => `Template: postfix/${name}\nType: ${type}\nDefault: ${value}\nDescription: x\n`)
  .join("\n");

/** Runs the script's conversation; the values that debconf has then. */
function configured(preseeds: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const tree = treeOf({
    "/etc/hosts": "127.0.0.1\tlocalhost\n",
    "/usr/bin/hostname": "",
    "/usr/bin/config": "",
    "/usr/sbin/postconf": "",
    "/var/cache/debconf/": "",
    ...files,
  });
  for (const path of ["/usr/bin/hostname", "/usr/bin/config", "/usr/sbin/postconf"]) tree.get(path).mode = 0o755;
  const database = new DebconfDatabase(tree);
  for (const template of parseTemplates(TEMPLATES, "templates")) database.loadTemplate(template, "postfix");
  applyPreseeds(
    database,
    preseeds.map((line) => `postfix postfix/${line}`),
  );
  const session = new ConfmoduleSession(database, tree, {
    owner: "postfix",
    environment: new Map([["DEBCONF_NONINTERACTIVE_SEEN", "true"]]),
    display: () => undefined,
  });
  const commands = new Map([
    ...textTools,
    ...helperCommands,
    [
      "config",
      (process: Parameters<typeof configurePostfix>[0]) =>
        configurePostfix(process, (line) => {
          const [, status, text = ""] = /^(\d+) ?(.*)$/.exec(session.answer(line) ?? "")!;
          return { status: Number(status), text };
        }),
    ] as const,
  ]);
  const { status } = runCommand(createSystem({ tree, commands }), ["config", "configure", ""], {
    location: { owner: "postfix", script: "config" },
  });
  expect(status).toBe(0);
  return Object.fromEntries(
    ["destinations", "mailname", "relayhost", "main_mailer_type", "mynetworks", "protocols", "procmail"].map((name) => [
      name,
      database.value(`postfix/${name}`),
    ]),
  );
}

describe("the config script of postfix", () => {
  const none = { destinations: "", procmail: "", protocols: "", mailname: "/etc/mailname" };
  const site = { main_mailer_type: "Internet Site", relayhost: "", mynetworks: "127.0.0.0/8", procmail: "false" };
  it.each([
    [
      "nothing",
      [],
      {
        ...site,
        destinations: "$myhostname, localhost, localhost.localdomain, , localhost",
        mailname: "localhost",
        protocols: "all",
      },
    ],
    ["no configuration", ["main_mailer_type select No configuration"], none],
    [
      "a smarthost",
      ["main_mailer_type select Internet with smarthost", "mailname string mail.example.org"],
      {
        destinations: "mail.example.org, $myhostname, localhost, localhost.localdomain, localhost",
        relayhost: "smtp.localdomain",
      },
    ],
    [
      "a site with a name",
      ["main_mailer_type select Internet Site", "mailname string example.org"],
      { destinations: "$myhostname, example.org, localhost, localhost.localdomain, localhost", relayhost: "" },
    ],
    [
      "a satellite",
      ["main_mailer_type select Satellite system", "relayhost string [r.example.org]", "mailname string host"],
      { destinations: "host, $myhostname, localhost, localhost.localdomain, localhost", relayhost: "[r.example.org]" },
    ],
    [
      "local mail only",
      ["main_mailer_type select Local only", "protocols select ipv4"],
      { destinations: "$myhostname, localhost, localhost.localdomain, localhost", protocols: "ipv4" },
    ],
  ] as const)("derives its values from %s", (_, preseeds, values) => {
    expect(configured(preseeds)).toMatchObject(values);
  });

  it("takes the mail name from its file, unless it is Debian's", () => {
    expect(configured([], { "/etc/mailname": "mail.example.org\n" })).toMatchObject({
      mailname: "mail.example.org",
      destinations: "$myhostname, mail.example.org, localhost, localhost.localdomain, localhost",
    });
    expect(configured(["main_mailer_type select Local only"], { "/etc/mailname": "Debian.org\n" })).toMatchObject({
      mailname: "localhost",
    });
  });

  it("leaves settings that are there alone, unless they were asked for", () => {
    const files = { [MAIN]: "mynetworks = 10.0.0.0/8\ninet_protocols = ipv6\n" };
    expect(configured([], files)).toMatchObject({ ...none, main_mailer_type: "No configuration" });
    expect(configured(["main_mailer_type select Internet Site"], files)).toMatchObject({
      mynetworks: "10.0.0.0/8",
      protocols: "ipv6",
      mailname: "localhost",
    });
  });

  it("stands for one text of the script only", () => {
    const path = "/var/lib/dpkg/info/postfix.config";
    expect(() => runHelper(treeOf({ [path]: "#!/usr/bin/perl\n" }), [path, "configure", ""])).toThrow(/sha256/);
  });
});
