/**
 * Accounts: the lines and backups that Debian's programs left in trees made by mmdebstrap (sets b, c and d).
 */
import { describe, expect, it } from "vitest";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const BASE = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
  "/etc/group": "root:x:0:\nshadow:x:42:\nusers:x:100:\nnogroup:x:65534:\n",
  "/etc/shadow": "root:*::0:99999:7:::\nnobody:*::0:99999:7:::\n",
  "/etc/gshadow": "root:*::\nshadow:*::\nusers:*::\nnogroup:*::\n",
};

describe("systemd-sysusers", () => {
  const files = {
    "/etc/passwd": "root:*:0:0:root:/root:/bin/bash\n",
    "/etc/group": "root:*:0:\nnogroup:*:65534:\n",
    "/usr/lib/sysusers.d/journal.conf": "g systemd-journal - -\n",
    "/usr/lib/sysusers.d/network.conf": '# comment\nu! systemd-network - "systemd Network Management"\n',
    "/usr/lib/sysusers.d/sshd.conf": 'u sshd -:nogroup "sshd user" /run/sshd\n',
  };

  it("numbers downward from 999 and gives a user the number of its group", () => {
    const tree = treeOf(files);
    expect(runHelper(tree, ["systemd-sysusers", "journal.conf", "network.conf"]).status).toBe(0);
    expect(tree.readText("/etc/group")).toBe(`${files["/etc/group"]}systemd-journal:x:999:\nsystemd-network:x:998:\n`);
    expect(tree.readText("/etc/passwd")).toContain(
      "\nsystemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin\n",
    );
    expect(tree.readText("/etc/shadow")).toBe("systemd-network:!*:0:::::1:\n");
    expect(tree.readText("/etc/gshadow")).toBe("systemd-journal:!*::\nsystemd-network:!*::\n");
    expect([tree.get("/etc/shadow").mode, tree.get("/etc/gshadow").mode, tree.get("/etc/.pwd.lock").mode]).toEqual([
      0, 0, 0o600,
    ]);
    expect(tree.readText("/etc/group-")).toBe(files["/etc/group"]);
    expect(tree.lookup("/etc/shadow-")).toBeUndefined();
  });

  it("puts a user into a group that is there, and does nothing twice", () => {
    const tree = treeOf(files, 86_400 * 20_000);
    runHelper(tree, ["systemd-sysusers", "sshd.conf"]);
    expect(tree.readText("/etc/passwd")).toContain("sshd:x:999:65534:sshd user:/run/sshd:/usr/sbin/nologin\n");
    expect(tree.readText("/etc/shadow")).toBe("sshd:!*:20000::::::\n");
    const before = tree.readText("/etc/passwd");
    runHelper(tree, ["systemd-sysusers"]);
    expect(tree.readText("/etc/passwd").startsWith(before)).toBe(true);
    expect(tree.readText("/etc/passwd").match(/^sshd:/gm)).toHaveLength(1);
  });

  it("adds members and makes whom `m` lines name", () => {
    const tree = treeOf({ ...files, "/usr/lib/sysusers.d/m.conf": "m alice wheel\nm root wheel\n" });
    runHelper(tree, ["systemd-sysusers", "m.conf"]);
    expect(tree.readText("/etc/group")).toMatch(/^wheel:x:[0-9]+:alice,root$/m);
    expect(tree.readText("/etc/passwd")).toMatch(/^alice:x:/m);
  });
});

describe("adduser", () => {
  it("makes a system user and its group, each number upward from 100", () => {
    const tree = treeOf(BASE);
    const argv = "adduser --quiet --system --home /var/lib/p --no-create-home --group --gecos".split(" ");
    expect(runHelper(tree, [...argv, "P daemon", "prometheus"])).toEqual({ status: 0, out: "", err: "" });
    expect(tree.readText("/etc/passwd")).toBe(
      `${BASE["/etc/passwd"]}prometheus:x:100:101:P daemon:/var/lib/p:/usr/sbin/nologin\n`,
    );
    expect(tree.readText("/etc/group")).toBe(`${BASE["/etc/group"]}prometheus:x:101:\n`);
    expect(tree.readText("/etc/shadow")).toBe(`${BASE["/etc/shadow"]}prometheus:!:::::::\n`);
    expect(tree.readText("/etc/gshadow")).toBe(`${BASE["/etc/gshadow"]}prometheus:!::\n`);
    // The comment is set by a program of its own, after a backup.
    expect(tree.readText("/etc/passwd-")).toBe(
      `${BASE["/etc/passwd"]}prometheus:x:100:101::/var/lib/p:/usr/sbin/nologin\n`,
    );
    expect(tree.readText("/etc/shadow-")).toBe(BASE["/etc/shadow"]);
    expect(runHelper(tree, [...argv, "P daemon", "prometheus"]).status).toBe(0);
    expect(tree.lookup("/var/lib/p")).toBeUndefined();
  });

  it("adds a user to a group in both files, and takes it out again", () => {
    const tree = treeOf(BASE);
    runHelper(tree, ["addgroup", "--quiet", "--system", "ssl-cert"]);
    expect(runHelper(tree, ["adduser", "--quiet", "nobody", "ssl-cert"]).status).toBe(0);
    expect(tree.readText("/etc/group")).toContain("ssl-cert:x:101:nobody\n");
    expect(tree.readText("/etc/gshadow")).toContain("ssl-cert:!::nobody\n");
    expect(runHelper(tree, ["deluser", "--quiet", "nobody", "ssl-cert"]).status).toBe(0);
    expect(tree.readText("/etc/gshadow")).toContain("ssl-cert:!::\n");
  });

  it("makes the home of a system user and refuses what asks for a password", () => {
    const tree = treeOf(BASE);
    runHelper(tree, ["adduser", "--system", "--home", "/srv/x", "x"]);
    expect(tree.get("/srv/x")).toMatchObject({ mode: 0o755, uid: 100, gid: 65534 });
    expect(() => runHelper(tree, ["adduser", "alice"])).toThrow(Unsupported);
  });
});

describe("shadow's programs", () => {
  it("converts passwords and keeps lines that are there", () => {
    const tree = treeOf({
      "/etc/passwd": "root:*:0:0:root:/root:/bin/bash\nnet:x:998:998::/:/bin/false\n",
      "/etc/shadow": "net:!*:0:::::1:\n",
      "/etc/group": "root:*:0:\n",
      "/etc/login.defs": "PASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\n",
    });
    for (const name of ["pwconv", "grpconv"]) expect(runHelper(tree, [name]).status).toBe(0);
    expect(tree.readText("/etc/shadow")).toBe("net:!*:0:::::1:\nroot:*::0:99999:7:::\n");
    expect(tree.readText("/etc/passwd")).toBe("root:x:0:0:root:/root:/bin/bash\nnet:x:998:998::/:/bin/false\n");
    expect(tree.readText("/etc/gshadow")).toBe("root:*::\n");
    expect(tree.get("/etc/passwd-").mode).toBe(0o600);
  });

  it("chooses system numbers downward and others upward", () => {
    const tree = treeOf({ ...BASE, "/etc/login.defs": "USERGROUPS_ENAB yes\nUID_MIN 1000\nGID_MIN 1000\n" });
    runHelper(tree, ["groupadd", "-r", "a"]);
    runHelper(tree, ["groupadd", "-r", "b"]);
    runHelper(tree, ["useradd", "-m", "-s", "/bin/bash", "alice"]);
    expect(tree.readText("/etc/group")).toContain("a:x:999:\nb:x:998:\nalice:x:1000:\n");
    expect(tree.readText("/etc/passwd")).toContain("alice:x:1000:1000::/home/alice:/bin/bash\n");
    expect(runHelper(tree, ["useradd", "alice"]).status).toBe(9);
    expect(runHelper(tree, ["groupadd", "-g", "42", "c"]).status).toBe(4);
  });

  it("leaves a backup of the files that change alone", () => {
    // As observed with shadow 4.17: the comment stands in passwd, the day of expiry in shadow, the lock in both.
    const backups = (...options: string[]) => {
      const tree = treeOf(BASE);
      runHelper(tree, ["usermod", ...options, "nobody"]);
      return [...tree.directory("/etc").entries.keys()].filter((name) => name.endsWith("-"));
    };
    expect(backups("-c", "x")).toEqual(["passwd-"]);
    expect(backups("-e", "1")).toEqual(["shadow-"]);
    expect(backups("-L")).toEqual(["passwd-", "shadow-"]);
  });

  it("fails as adduser 3.152 does while its settings are not there", () => {
    const module = "/usr/share/perl5/Debian/AdduserLogging.pm";
    const tree = treeOf({ ...BASE, [module]: "" });
    for (const name of ["addgroup", "adduser"])
      expect(runHelper(tree, [name, "--quiet", "--system", "x"]).status).toBe(25);
    expect(tree.readText("/etc/group")).not.toContain("x:x:");
    tree.write("/etc/adduser.conf", "");
    expect(runHelper(tree, ["addgroup", "--quiet", "--system", "x"]).status).toBe(0);
    expect(tree.readText("/etc/group")).toContain("x:x:101:\n");
  });

  it("changes a user in place", () => {
    const tree = treeOf(BASE);
    runHelper(tree, ["usermod", "-aG", "users", "-s", "/bin/sh", "-L", "nobody"]);
    expect(tree.readText("/etc/passwd")).toContain("nobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n");
    expect(tree.readText("/etc/shadow")).toContain("nobody:!*:");
    expect(tree.readText("/etc/group")).toContain("users:x:100:nobody\n");
    runHelper(tree, ["chage", "-E", "2025-01-01", "-M", "-1", "nobody"]);
    expect(tree.readText("/etc/shadow")).toContain("nobody:!*::0::7::20089:\n");
    runHelper(tree, ["chpasswd", "-e"], "nobody:$6$x$y\n");
    expect(tree.readText("/etc/shadow")).toContain("nobody:$6$x$y:");
    expect(() => runHelper(tree, ["chpasswd"], "nobody:x\n")).toThrow(Unsupported);
    runHelper(tree, ["userdel", "nobody"]);
    expect(tree.readText("/etc/passwd") + tree.readText("/etc/shadow") + tree.readText("/etc/group")).not.toContain(
      "nobody",
    );
  });
});
