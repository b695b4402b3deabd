import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { chooseMirrors } from "#dist/apt/mirrors.js";
import type { AssembleError } from "#dist/errors/assemble-error.js";
import { readHostMirrorSettings } from "#dist/io/mirror.js";

const nothing = { variable: undefined, aptSources: [] };
const list = (text: string) => ({ variable: undefined, aptSources: [{ path: "/etc/apt/sources.list", text }] });
const sources = (text: string) => ({ variable: undefined, aptSources: [{ path: "/etc/apt/x.sources", text }] });

describe("chooseMirrors", () => {
  it("asks --mirror, the variable, the recipe's and the host's, in this order, each once", () => {
    const mirrors = chooseMirrors({
      option: "https://option.example/debian",
      host: {
        variable: "https://variable.example/debian/  security=https://variable.example/sec",
        aptSources: [{ path: "/etc/apt/sources.list", text: "deb https://host.example/debian trixie main\n" }],
      },
      recipe: { debian: "https://recipe.example/debian", security: "https://option.example/debian-security" },
    });
    expect(mirrors).toEqual({
      debian: ["option", "variable", "recipe", "host"].map((name) => `https://${name}.example/debian`),
      security: [
        "https://option.example/debian-security",
        "https://variable.example/sec",
        "https://host.example/debian-security",
      ],
    });
  });

  it("makes the sibling of /debian and of nothing else", () => {
    expect(chooseMirrors({ option: "file:///srv/debian/", host: nothing })).toEqual({
      debian: ["file:///srv/debian"],
      security: ["file:///srv/debian-security"],
    });
    expect(chooseMirrors({ option: "http://127.0.0.1:8000", host: nothing }).security).toEqual([]);
    expect(chooseMirrors({ option: ["http://a/debian", "security=http://b/s"], host: nothing })).toEqual({
      debian: ["http://a/debian"],
      security: ["http://b/s"],
    });
  });

  it.each(["", "mirror", "ftp://a/debian", "security=", "https://a/debian?x", "securty=https://a/debian"])(
    "refuses %j",
    (option) => {
      let code: string | undefined;
      try {
        chooseMirrors({ option, host: nothing });
      } catch (error) {
        code = (error as AssembleError).code;
      }
      expect(code).toBe("apt/mirror-invalid");
    },
  );

  it("reads one-line sources", () => {
    const host = list(
      [
        "# deb http://comment.example/debian trixie main",
        "deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://a.example/debian/ bookworm main contrib # here",
        "deb http://s.example/debian-security bookworm-security main",
        "deb-src http://src.example/debian trixie main",
        "deb cdrom:[Debian]/debian trixie main",
        "deb http://flat.example/debian ./",
        "deb https://docker.example/linux/debian bookworm stable",
        "deb http://ubuntu.example/ubuntu noble main",
        "deb https://other.example/debian cloud-sdk-bookworm main",
      ].join("\n"),
    );
    expect(chooseMirrors({ host })).toEqual({
      debian: ["http://a.example/debian"],
      security: ["http://s.example/debian-security"],
    });
  });

  it("reads deb822 sources", () => {
    const host = sources(
      [
        "Types: deb deb-src",
        "# http://comment.example/debian",
        "URIs: http://a.example/debian http://b.example/debian/",
        "Suites: trixie trixie-updates",
        "Components: main",
        "",
        "Enabled: no",
        "Types: deb",
        "URIs: http://disabled.example/debian",
        "Suites: trixie",
        "Components: main",
        "",
        "Types: deb-src",
        "URIs: http://source.example/debian",
        "Suites: trixie",
        "Components: main",
        "",
      ].join("\n"),
    );
    expect(chooseMirrors({ host }).debian).toEqual(["http://a.example/debian", "http://b.example/debian"]);
    expect(chooseMirrors({ host: sources("no field here\n") }).debian).toEqual([]);
  });
});

describe("readHostMirrorSettings", () => {
  const directories: string[] = [];
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  it("reads the files that apt would, in its order", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "mirrors-"));
    directories.push(directory);
    await mkdir(path.join(directory, "sources.list.d"));
    await writeFile(path.join(directory, "sources.list"), "first");
    for (const name of ["b.list", "B.sources", "a.list.save", "a.sources"]) {
      await writeFile(path.join(directory, "sources.list.d", name), name);
    }
    const environment = { TDX_ASSEMBLE_MIRROR: " https://a/debian " };
    const settings = await readHostMirrorSettings({ environment, aptDirectory: directory });
    expect(settings.variable).toBe("https://a/debian");
    expect(settings.aptSources.map((file) => file.text)).toEqual(["first", "B.sources", "a.sources", "b.list"]);
  });

  it("finds nothing where there is no apt", async () => {
    expect(await readHostMirrorSettings({ environment: {}, aptDirectory: "/nonexistent" })).toEqual(nothing);
  });
});
