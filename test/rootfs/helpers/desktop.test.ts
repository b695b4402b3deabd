/** Helpers of desktop packages. */
import { describe, expect, it } from "vitest";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

describe("gnome-menus-blacklist", () => {
  const LIST = "/etc/gnome/menus.blacklist";
  const COPY = "/usr/share/gnome/applications/kde4/x.desktop";

  it("copies the entries that are named, hidden, with their time", () => {
    const tree = treeOf({
      [LIST]: "# hidden\nkde4/x.desktop\n\nz.desktop\n",
      "/usr/share/applications/kde4/x.desktop": "[Desktop Entry]\nNoDisplay=false\nName=x",
      "/usr/share/applications/sub/z.desktop": "Name=z\n",
      "/usr/share/applications/x.desktop": "Name=another\n",
    });
    tree.get("/usr/share/applications/kde4/x.desktop").mtime = -7;
    expect(runHelper(tree, ["gnome-menus-blacklist"]).status).toBe(0);
    expect(tree.readText(COPY)).toBe("[Desktop Entry]\nName=x\nNoDisplay=true\n");
    expect(tree.get(COPY).mtime).toBe(-7);
    expect(tree.readText("/usr/share/gnome/applications/sub/z.desktop")).toBe("Name=z\nNoDisplay=true\n");
    expect(tree.lookup("/usr/share/gnome/applications/x.desktop")).toBeUndefined();
  });

  it("takes away what is no longer named, with its directory", () => {
    const tree = treeOf({ [LIST]: "", [COPY]: "", "/usr/share/gnome/applications/other": "" });
    runHelper(tree, ["gnome-menus-blacklist"]);
    expect([...tree.directory("/usr/share/gnome/applications").entries.keys()]).toEqual(["other"]);
  });
});

describe("update-desktop-database", () => {
  it("sorts the programs of one type", () => {
    const entry = "[Desktop Entry]\nMimeType=text/x\n";
    const directory = "/usr/share/applications";
    const tree = treeOf({ [`${directory}/b.desktop`]: entry, [`${directory}/a.desktop`]: entry });
    runHelper(tree, ["update-desktop-database"]);
    expect(tree.readText(`${directory}/mimeinfo.cache`)).toBe("[MIME Cache]\ntext/x=a.desktop;b.desktop;\n");
  });
});

describe("programs of dictionaries-common", () => {
  const PROGRAMS = [
    ["dictionaries-common.config", "ispell"],
    ["update-default-ispell", "ispell"],
    ["update-default-wordlist", "wordlist"],
    ["update-dictcommon-aspell", "aspell"],
  ] as const;

  it.each(PROGRAMS)(
    "%s has nothing to do without dictionaries for %s, and stops where there are some",
    (name, kind) => {
      expect(runHelper(treeOf({ "/var/lib/dictionaries-common/hunspell/en": "" }), [name]).status).toBe(0);
      const tree = treeOf({ [`/var/lib/dictionaries-common/${kind}/en`]: "" });
      expect(() => runHelper(tree, [name])).toThrow(Unsupported);
    },
  );
});

describe("modprobe", () => {
  it("finds no module for the running kernel", () => {
    const ran = runHelper(treeOf({}), ["modprobe", "fuse"]);
    expect(ran.status).toBe(1);
    expect(ran.err).toBe("modprobe: FATAL: Module fuse not found in directory /lib/modules/6.12.0\n");
    expect(runHelper(treeOf({}), ["modprobe", "-q", "fuse"]).err).toBe("");
    expect(() => runHelper(treeOf({ "/lib/modules/6.12.0/x": "" }), ["modprobe", "fuse"])).toThrow(Unsupported);
  });
});
