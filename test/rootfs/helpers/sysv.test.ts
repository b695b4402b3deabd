/**
 * insserv and update-rc.d: numbers as insserv 1.26 gave them for the same scripts.
 */
import { describe, expect, it } from "vitest";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

interface Script {
  readonly provides?: string;
  readonly needs?: string;
  readonly should?: string;
  readonly before?: string;
  readonly stopNeeds?: string;
  readonly start?: string;
  readonly stop?: string;
  readonly interactive?: boolean;
}

const CONF =
  "$local_fs +mountall +umountfs\n$remote_fs $local_fs +mountnfs\n$network +networking\n<interactive> udev\n";

function linksOf(scripts: Readonly<Record<string, Script>>, level: string): string {
  const files: Record<string, string> = { "/etc/insserv.conf": CONF };
  for (const [name, script] of Object.entries(scripts)) {
    files[`/etc/init.d/${name}`] =
      `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: ${script.provides ?? name}\n# Required-Start: ${script.needs ?? ""}\n` +
      `# Required-Stop: ${script.stopNeeds ?? ""}\n# Should-Start: ${script.should ?? ""}\n# X-Start-Before: ${script.before ?? ""}\n` +
      `# X-Interactive: ${script.interactive === true}\n# Default-Start: ${script.start ?? "S"}\n# Default-Stop: ${script.stop ?? "0 6"}\n### END INIT INFO\n`;
  }
  const tree = treeOf(files);
  for (const name of Object.keys(scripts)) tree.get(`/etc/init.d/${name}`).mode = 0o755;
  expect(runHelper(tree, ["insserv", "-f", ...Object.keys(scripts).sort()]).status).toBe(0);
  return [...tree.directory(`/etc/rc${level}.d`).entries.keys()].sort().join(" ");
}

describe("insserv and scripts that are no programs", () => {
  const make = () => {
    const header = (name: string) =>
      `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: ${name}\n# Default-Start: S\n# Default-Stop: 0\n### END INIT INFO\n`;
    const tree = treeOf({
      "/etc/insserv.conf": CONF,
      "/etc/init.d/a": header("a"),
      "/etc/init.d/b": header("b"),
      "/etc/init.d/plain": "#!/bin/sh\n",
    });
    for (const name of ["a", "b", "plain"]) tree.get(`/etc/init.d/${name}`).mode = 0o755;
    expect(runHelper(tree, ["insserv", "a", "b"]).status).toBe(0);
    return tree;
  };
  const links = (tree: ReturnType<typeof make>) =>
    ["S", "0"].flatMap((level) => [...tree.directory(`/etc/rc${level}.d`).entries.keys()]).sort();
  const skipped = (name: string) =>
    `insserv: script ${name} is not an executable file, will be skipped in boot sequence!\n`;

  it("keeps the links of one, and removes them when asked", () => {
    const tree = make();
    tree.get("/etc/init.d/a").mode = 0o644;
    expect(runHelper(tree, ["insserv", "-f", "b"])).toEqual({ status: 0, out: "", err: "" });
    expect(runHelper(tree, ["insserv", "-f", "a"])).toEqual({ status: 0, out: "", err: skipped("a") });
    expect(links(tree)).toEqual(["K01a", "K01b", "S01a", "S01b"]);
    expect(tree.readText("/etc/init.d/.depend.boot")).toContain("TARGETS = a b\n");
    expect(runHelper(tree, ["insserv", "-f", "-r", "a"])).toEqual({ status: 0, out: "", err: skipped("a") });
    expect(links(tree)).toEqual(["K01b", "S01b"]);
    expect(tree.readText("/etc/init.d/.depend.boot")).toContain("TARGETS = b\n");
    expect(runHelper(tree, ["insserv", "-q", "-r", "a"]).err).toBe("");
  });

  it("warns of one that says nothing of itself, and changes nothing", () => {
    const tree = make();
    const tags = "insserv: warning: script 'plain' missing LSB tags\n";
    expect(runHelper(tree, ["insserv", "plain"])).toEqual({
      status: 0,
      out: "",
      err: `${tags}${tags}insserv: Default-Start undefined, assuming empty start runlevel(s) for script \`plain'\ninsserv: Default-Stop  undefined, assuming empty stop runlevel(s) for script \`plain'\n`,
    });
    tree.get("/etc/init.d/plain").mode = 0o644;
    expect(runHelper(tree, ["insserv", "-r", "plain"]).err).toBe(`${tags}${skipped("plain")}`);
    expect(links(tree)).toEqual(["K01a", "K01b", "S01a", "S01b"]);
  });

  it("takes its own places by name, and no others", () => {
    const places = ["--override", "/etc/insserv/overrides/", "--insserv-dir", "/etc/init.d/"];
    const args = [...places, "--config", "/etc/insserv.conf"];
    expect(runHelper(make(), ["insserv", "--path", "/etc/init.d", ...args]).status).toBe(0);
    expect(() => runHelper(make(), ["insserv", "--path", "/x/etc/init.d", ...args])).toThrow(Unsupported);
  });
});

describe("insserv", () => {
  const cases: [string, Record<string, Script>, string, string][] = [
    [
      "puts a script after what it needs",
      { a: {}, b: { needs: "a" }, c: { needs: "b", start: "2" } },
      "S",
      "S01a S02b",
    ],
    ["does not wait for boot scripts later", { a: {}, b: { needs: "a" }, c: { needs: "b", start: "2" } }, "2", "S01c"],
    [
      "gives an interactive script its slot",
      { a: {}, b: { interactive: true }, c: { needs: "b" } },
      "S",
      "S01b S02a S02c",
    ],
    [
      "closes gaps that no script fills",
      { p: { before: "$network" }, m: { should: "$network" }, q: { needs: "m" } },
      "S",
      "S01p S02m S03q",
    ],
    [
      "opens them again when a slot moves",
      { p: { before: "foo" }, m: { should: "foo" }, i: { interactive: true }, x: {} },
      "S",
      "S01i S02p S02x S04m",
    ],
    ["knows who is interactive by insserv.conf", { udev: {}, x: {} }, "S", "S01udev S02x"],
    [
      "puts $all last among its run levels",
      { a: { start: "2" }, b: { start: "2", needs: "a" }, c: { start: "2", needs: "$all" } },
      "2",
      "S01a S02b S03c",
    ],
    ["stops before what is needed", { a: { stopNeeds: "b" }, b: { stopNeeds: "c" }, c: {} }, "0", "K01a K02b K03c"],
  ];
  it.each(cases)("%s", (_, scripts, level, links) => {
    expect(linksOf(scripts, level)).toBe(links);
  });
});

describe("update-rc.d", () => {
  const script = "### BEGIN INIT INFO\n# Provides: x\n# Default-Start: 2 3\n# Default-Stop: 0\n### END INIT INFO\n";

  it("numbers all scripts 01 without insserv, and touches no links that are there", () => {
    const tree = treeOf({ "/etc/init.d/x": script, "/usr/bin/systemctl": "" });
    expect(runHelper(tree, ["update-rc.d", "x", "defaults"]).status).toBe(0);
    const links = (): string[] =>
      [...tree.walk("/etc")].flatMap(({ path, node }) => (node.type === "symlink" ? [path] : []));
    expect(links()).toEqual(["/etc/rc0.d/K01x", "/etc/rc2.d/S01x", "/etc/rc3.d/S01x"]);
    runHelper(tree, ["update-rc.d", "x", "disable"]);
    expect(links()).toEqual(["/etc/rc0.d/K01x", "/etc/rc2.d/K01x", "/etc/rc3.d/K01x"]);
    runHelper(tree, ["update-rc.d", "x", "defaults"]);
    expect(links()).toContain("/etc/rc2.d/K01x");
    runHelper(tree, ["update-rc.d", "x", "remove"]);
    expect(links()).toEqual([]);
  });

  it("complains about a script that is not there", () => {
    expect(runHelper(treeOf({ "/etc/x": "" }), ["update-rc.d", "y", "defaults"]).status).toBe(1);
    expect(runHelper(treeOf({ "/etc/x": "" }), ["update-rc.d", "y"]).err).toContain("not enough arguments");
  });
});
