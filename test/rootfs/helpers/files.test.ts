/**
 * systemd-tmpfiles, openssl rehash, file capabilities, and what makes no keys.
 */
import { describe, expect, it } from "vitest";
import { subjectHash } from "#dist/rootfs/helpers/single/subject-hash.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

function tmpfiles(lines: string, files: Readonly<Record<string, string>> = {}) {
  const tree = treeOf({
    "/etc/passwd": "root:x:0:0::/:/bin/sh\ndaemon:x:1:1::/:/bin/sh\n",
    "/etc/group": "root:x:0:\nadm:x:4:\n",
    "/usr/lib/tmpfiles.d/x.conf": lines,
    ...files,
  });
  return { tree, ran: runHelper(tree, ["systemd-tmpfiles", "--create", "x.conf"]) };
}

describe("systemd-tmpfiles", () => {
  it("makes directories, files and links with their attributes", () => {
    const { tree, ran } = tmpfiles(
      "d /a/b 2750 daemon adm\nf /a/f 0600 - - - one\\ttwo\nL /l - - - - ../t\nL+ /old - - - - new\nL? /no - - - - /missing\np /fifo 0622\n",
      {
        "/old": "x",
      },
    );
    expect(ran).toEqual({ status: 0, out: "", err: "" });
    expect(tree.get("/a/b")).toMatchObject({ type: "directory", mode: 0o2750, uid: 1, gid: 4 });
    expect(tree.readText("/a/f")).toBe("one\ttwo");
    expect(tree.get("/l", { follow: false })).toMatchObject({ target: "../t" });
    expect(tree.get("/old", { follow: false })).toMatchObject({ target: "new" });
    expect(tree.lookup("/no", { follow: false })).toBeUndefined();
    expect(tree.get("/fifo")).toMatchObject({ type: "fifo", mode: 0o622 });
  });

  it("keeps what `:` and `~` protect, the first line of a path, and lines of a running machine", () => {
    const { tree, ran } = tmpfiles(
      "d /d :0700\nd /d 0711\nz /f ~0777\nd! /boot\nf^ /cred - - - - c\nd /%m\nh /d - - - - +C\na+ /d - - - - u::rwx\n",
      {
        "/d/x": "",
        "/f": "",
      },
    );
    expect(ran.status).toBe(0);
    expect(ran.err).toContain("Duplicate line");
    expect([tree.get("/d").mode, tree.get("/f").mode]).toEqual([0o755, 0o666]);
    for (const path of ["/boot", "/cred", "/%m"]) expect(tree.lookup(path)).toBeUndefined();
  });

  it("reports what it cannot read and does the rest", () => {
    const { tree, ran } = tmpfiles("d /a - nobody\nd /b\n");
    expect(ran.status).toBe(65);
    expect(ran.err).toContain("Failed to resolve user 'nobody'");
    expect(tree.lookup("/b")).toBeDefined();
  });
});

/** A certificate of nothing but a subject: CN given as a string of a type, in the place RFC 5280 has it. */
function certificate(tag: number, name: string): Uint8Array {
  const wrap = (outer: number, ...parts: number[][]): number[] => {
    const content = parts.flat();
    return [outer, content.length, ...content];
  };
  const string = wrap(tag, [...Buffer.from(name, "latin1")]);
  const subject = wrap(0x30, wrap(0x31, wrap(0x30, [0x06, 3, 0x55, 4, 3], string)));
  const empty = wrap(0x30);
  const body = wrap(0x30, wrap(0xa0, [2, 1, 2]), [2, 1, 1], empty, empty, empty, subject);
  return Uint8Array.from(wrap(0x30, body));
}

describe("openssl rehash", () => {
  it("hashes names in canonical form, as openssl-x509 -subject_hash does", () => {
    const plain = subjectHash(certificate(0x0c, "Example Root"), "certificate");
    expect(plain).toMatch(/^[0-9a-f]{8}$/);
    expect(subjectHash(certificate(0x13, "  EXAMPLE   root "), "certificate")).toBe(plain);
    expect(subjectHash(certificate(0x13, "Example Roof"), "certificate")).not.toBe(plain);
    expect(subjectHash(Uint8Array.of(1, 2, 3), "certificate")).toBeUndefined();
  });

  it("links certificates, numbers equal names, and skips bundles and copies", () => {
    const pem = (tag: number, name: string): string =>
      `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate(tag, name)).toString("base64")}\n-----END CERTIFICATE-----\n`;
    const [one, two] = [pem(0x0c, "root"), pem(0x13, "ROOT")];
    const tree = treeOf({
      "/c/a.pem": one,
      "/c/b.pem": two,
      "/c/copy.crt": one,
      "/c/all.crt": one + two,
      "/c/note.txt": "",
    });
    tree.symlink("gone.pem", "/c/01234567.0");
    expect(runHelper(tree, ["openssl", "rehash", "/c"]).status).toBe(0);
    const hash = subjectHash(certificate(0x0c, "root"), "certificate");
    const links = [...tree.walk("/c")].flatMap(({ path, node }) =>
      node.type === "symlink" ? [`${path} ${node.target}`] : [],
    );
    expect(links).toEqual([`/c/${hash}.0 a.pem`, `/c/${hash}.1 b.pem`]);
    expect(() => runHelper(tree, ["openssl", "req"])).toThrow(Unsupported);
  });
});

describe("single programs", () => {
  it("writes file capabilities as version 2 and reads them back", () => {
    const tree = treeOf({ "/ping": "" });
    expect(runHelper(tree, ["setcap", "cap_net_raw+ep", "/ping"]).status).toBe(0);
    expect(Buffer.from(tree.get("/ping").xattrs!.get("security.capability")!).toString("hex")).toBe(
      "0100000200200000000000000000000000000000",
    );
    expect(runHelper(tree, ["getcap", "/ping"]).out).toBe("/ping cap_net_raw=ep\n");
    runHelper(tree, ["setcap", "-r", "/ping"]);
    expect(runHelper(tree, ["getcap", "/ping"]).out).toBe("");
  });

  it("makes no keys", () => {
    const tree = treeOf({ "/etc/x": "" });
    for (const command of [
      "ssh-keygen -q -f /k -N '' -t rsa",
      "dropbearkey -t ed25519 -f /k",
      "make-ssl-cert generate-default-snakeoil",
    ])
      expect(
        runHelper(
          tree,
          command.split(" ").map((word) => (word === "''" ? "" : word)),
        ).status,
      ).toBe(0);
    expect(tree.lookup("/k")).toBeUndefined();
    expect(() => runHelper(tree, ["ssh-keygen", "-y"])).toThrow(Unsupported);
  });

  it("keeps the locale file", () => {
    const tree = treeOf({ "/etc/locale.conf": "LANG=C\nLC_TIME=C\n" });
    expect(runHelper(tree, ["update-locale", "LANG=C.UTF-8", "LC_TIME"]).status).toBe(0);
    expect(tree.readText("/etc/locale.conf")).toBe("#  File generated by update-locale\nLANG=C.UTF-8\n");
    expect(() => runHelper(tree, ["update-locale", "LANG=de_DE.UTF-8"])).toThrow(Unsupported);
  });
});
