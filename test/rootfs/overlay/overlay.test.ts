import { describe, expect, it } from "vitest";
import { addAccounts } from "#dist/rootfs/overlay/accounts.js";
import { globPaths } from "#dist/rootfs/overlay/glob.js";
import { applyIdentity } from "#dist/rootfs/overlay/identity.js";
import { normalise } from "#dist/rootfs/overlay/normalise.js";
import { applyPermissions } from "#dist/rootfs/overlay/permissions.js";
import { removeFiles } from "#dist/rootfs/overlay/remove-files.js";
import { applyServices } from "#dist/rootfs/overlay/services.js";
import { renderTemplate } from "#dist/rootfs/overlay/templates.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

function accountsTree(): Tree {
  const tree = new Tree();
  tree.mkdirs("/etc");
  tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
  tree.write("/etc/group", "root:x:0:\nshadow:x:42:\n");
  tree.write("/etc/shadow", "root:*:::::::\n", { mode: 0o640, gid: 42 });
  tree.write("/etc/gshadow", "root:*::\nshadow:*::\n", { mode: 0o640, gid: 42 });
  return tree;
}

const user = {
  name: "reth",
  system: true,
  group: "reth",
  groups: ["eth"],
  home: "/nonexistent",
  shell: "/bin/false",
  gecos: "",
  passwordHash: "!",
};

describe("accounts", () => {
  it("adds groups, users and memberships with the lock's ids", () => {
    const tree = accountsTree();
    addAccounts(
      tree,
      { groups: [{ name: "eth", system: true, gid: 980 }], users: [user] },
      { users: { reth: 400 }, groups: { reth: 401 } },
    );
    expect(tree.readText("/etc/passwd")).toContain("reth:x:400:401::/nonexistent:/bin/false\n");
    expect(tree.readText("/etc/group")).toBe("root:x:0:\nshadow:x:42:\neth:x:980:reth\nreth:x:401:\n");
    expect(tree.readText("/etc/shadow")).toContain("reth:!:::::::\n");
    expect(tree.readText("/etc/gshadow")).toContain("eth:!::reth\n");
    expect(tree.get("/etc/shadow")).toMatchObject({ mode: 0o640, gid: 42 });
  });

  it.each([
    ["a taken id", { groups: [{ name: "x", system: true, gid: 42 }], users: [] }, "rootfs/id-taken"],
    ["a taken name", { groups: [{ name: "shadow", system: true, gid: 999 }], users: [] }, "rootfs/account-exists"],
    ["an unknown group", { groups: [], users: [{ ...user, uid: 500 }] }, "rootfs/group-unknown"],
    ["an id nobody gave", { groups: [], users: [user] }, "lock/stale"],
  ])("refuses %s", (_, recipe, code) => {
    expect(() => addAccounts(accountsTree(), recipe, { users: {}, groups: {} })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("globs", () => {
  const tree = new Tree();
  for (const path of ["/etc/passwd-", "/etc/.hidden-", "/etc/sub/x-", "/usr/share/doc/a/b", "/usr/share/doc/c"]) {
    tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
    tree.write(path, "");
  }
  tree.symlink("usr/share", "/share");

  it.each([
    ["/etc/*-", ["/etc/.hidden-", "/etc/passwd-"]],
    ["/etc/**/*-", ["/etc/.hidden-", "/etc/passwd-", "/etc/sub/x-"]],
    ["/usr/share/doc", ["/usr/share/doc"]],
    ["/usr/share/doc/*", ["/usr/share/doc/a", "/usr/share/doc/c"]],
    ["/usr/**/b", ["/usr/share/doc/a/b"]],
    ["/share/d*", ["/usr/share/doc"]],
    ["/share", ["/share"]],
    ["/nothing/*", []],
  ])("%s", (pattern, expected) => {
    expect(globPaths(tree, pattern)).toEqual(expected);
  });

  it("removes what matches and counts it", () => {
    const counts = removeFiles(tree, ["/etc/*-", "/none"]);
    expect([...counts]).toEqual([
      ["/etc/*-", 2],
      ["/none", 0],
    ]);
    expect(tree.lookup("/etc/passwd-")).toBeUndefined();
    expect(tree.lookup("/etc/sub/x-")).toBeDefined();
  });
});

describe("templates", () => {
  it("renders without HTML escaping", () => {
    expect(renderTemplate("a={{a.b}} {{#list}}<{{.}}>{{/list}}", { a: { b: "<&>" }, list: [1, 2] }, "x")).toBe(
      "a=<&> <1><2>",
    );
  });
  it.each([
    ["{{missing}}", "template/key-missing"],
    ["{{a.c}}", "template/key-missing"],
    ["{{#none}}x{{/none}}", "template/key-missing"],
    ["{{#a}}", "template/invalid"],
  ])("%s fails with %s", (template, code) => {
    expect(() => renderTemplate(template, { a: { b: 1 } }, "conf.mustache")).toThrow(expect.objectContaining({ code }));
  });
  it("sees the outer scope from a section and false values as present", () => {
    expect(renderTemplate("{{#s}}{{x}}{{y}}{{/s}}{{#no}}!{{/no}}", { s: { x: 1 }, y: 2, no: false }, "f")).toBe("12");
  });
});

describe("identity, permissions, services, normalise", () => {
  it("refuses what is not there", () => {
    const tree = accountsTree();
    expect(() => applyPermissions(tree, [{ path: "/no" }])).toThrow(
      expect.objectContaining({ code: "rootfs/path-missing" }),
    );
    expect(() => applyPermissions(tree, [{ path: "/etc", owner: "nobody" }])).toThrow(
      expect.objectContaining({ code: "rootfs/owner-unknown" }),
    );
    expect(() =>
      applyServices(tree, { enable: ["x"], disable: [], mask: [] }, () => ({ status: 0, output: "" })),
    ).toThrow(expect.objectContaining({ code: "rootfs/service-unknown" }));
    expect(() => applyIdentity(tree, { timezone: "Mars/Base" })).toThrow(
      expect.objectContaining({ code: "rootfs/timezone-unknown" }),
    );
  });

  it("writes host name, UTC and root's hash", () => {
    const tree = accountsTree();
    applyIdentity(tree, { hostname: "box", timezone: "UTC", locale: "C.UTF-8", rootPasswordHash: "$6$x" });
    expect(tree.readText("/etc/hostname")).toBe("box\n");
    expect(tree.get("/etc/localtime", { follow: false })).toMatchObject({ target: "/usr/share/zoneinfo/UTC" });
    expect(tree.readText("/etc/shadow")).toBe("root:$6$x:::::::\n");
  });

  it("empties runtime directories, clamps times and empties the machine id", () => {
    const tree = new Tree({ epoch: 100 });
    tree.mkdirs("/run/lock");
    tree.mkdirs("/etc");
    tree.write("/etc/machine-id", "abc\n");
    tree.write("/etc/new", "", { mtime: 500 });
    tree.write("/etc/old", "", { mtime: 5 });
    normalise(tree);
    expect(tree.directory("/run").entries.size).toBe(0);
    expect(tree.readText("/etc/machine-id")).toBe("");
    expect(tree.get("/etc/new").mtime).toBe(100);
    expect(tree.get("/etc/old").mtime).toBe(5);
  });
});
