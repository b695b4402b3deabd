import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildArchive, type FixtureArchive } from "../fixtures/archive/build-archive.js";

// The test archive is only of use if Debian's own tools take it for one.

const directory = mkdtempSync(path.join(tmpdir(), "archive-fixture-"));
const long = `usr/share/${"a-long-name/".repeat(12)}file`;
let archive: FixtureArchive;

beforeAll(async () => {
  archive = await buildArchive({
    packages: [
      {
        name: "one",
        version: "2:1.5-1",
        architecture: "amd64",
        depends: "two (>= 1.0)",
        files: {
          "/usr/bin/one": { content: "#!/bin/sh\n", mode: 0o755 },
          "usr/bin/link": { type: "symlink", target: "one" },
          "usr/bin/hard": { type: "link", target: "usr/bin/one" },
          "usr/share/big": Buffer.alloc(200_000, "x"),
          "dev/fifo": { type: "fifo" },
          "dev/null": { type: "character", major: 1, minor: 3 },
          [long]: "deep\n",
          "etc/one.conf": "a=b\n",
          "var/mail": { type: "directory", mode: 0o2775, gid: 8, group: "mail" },
        },
        conffiles: ["/etc/one.conf"],
        scripts: { postinst: "#!/bin/sh\nset -e\n" },
      },
      { name: "two", compression: "gzip", files: { "usr/lib/two": "2\n" } },
      { name: "three", compression: "none", files: { "usr/lib/three": "3\n" } },
    ],
  });
  for (const [name, bytes] of archive.files) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), bytes);
  }
  writeFileSync(path.join(directory, "key.asc"), archive.certificate);
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: directory, encoding: "utf8", env: { ...process.env, TZ: "UTC", LC_ALL: "C" } });

describe("the test archive", () => {
  it("has .debs that dpkg-deb reads", () => {
    const deb = archive.poolPath("one");
    expect(run("dpkg-deb", "--field", deb, "Version", "Depends")).toBe("Version: 2:1.5-1\nDepends: two (>= 1.0)\n");
    const listing = run("dpkg-deb", "--contents", deb)
      .split("\n")
      .map((line) => line.replace(/ +/g, " "));
    expect(listing).toContain("-rwxr-xr-x root/root 10 2024-01-01 00:00 ./usr/bin/one");
    expect(listing).toContain("lrwxrwxrwx root/root 0 2024-01-01 00:00 ./usr/bin/link -> one");
    expect(listing).toContain("hrw-r--r-- root/root 0 2024-01-01 00:00 ./usr/bin/hard link to ./usr/bin/one");
    expect(listing).toContain("crw-r--r-- root/root 1,3 2024-01-01 00:00 ./dev/null");
    expect(listing).toContain("prw-r--r-- root/root 0 2024-01-01 00:00 ./dev/fifo");
    expect(listing).toContain("drwxrwsr-x root/mail 0 2024-01-01 00:00 ./var/mail/");
    expect(listing).toContain(`-rw-r--r-- root/root 5 2024-01-01 00:00 ./${long}`);
    run("dpkg-deb", "--extract", deb, "tree-one");
    expect(readFileSync(path.join(directory, "tree-one/usr/share/big"), "latin1")).toBe("x".repeat(200_000));
    run("dpkg-deb", "--control", deb, "control-one");
    for (const form of ["xz", "gzip"]) {
      run(form, "--test", `debian/dists/trixie/main/binary-amd64/Packages.${form === "xz" ? "xz" : "gz"}`);
    }
    run("sh", "-c", "cd tree-one && md5sum --check --quiet ../control-one/md5sums");
    for (const name of ["two", "three"]) run("dpkg-deb", "--extract", archive.poolPath(name), `tree-${name}`);
    expect(readFileSync(path.join(directory, "tree-three/usr/lib/three"), "utf8")).toBe("3\n");
  });

  it("is one that apt updates from and downloads from, with its key", () => {
    for (const part of ["state/lists/partial", "cache/archives/partial", "etc/preferences.d"]) {
      mkdirSync(path.join(directory, "apt", part), { recursive: true });
    }
    writeFileSync(path.join(directory, "apt/status"), "");
    const source = `deb [signed-by=${directory}/key.asc] file://${directory}/debian trixie main\n`;
    writeFileSync(path.join(directory, "apt/etc/sources.list"), source);
    const options = [
      `Dir::State=${directory}/apt/state`,
      `Dir::State::status=${directory}/apt/status`,
      `Dir::Cache=${directory}/apt/cache`,
      `Dir::Etc=${directory}/apt/etc`,
      "APT::Architecture=amd64",
      "APT::Sandbox::User=root",
      "Acquire::Languages=none",
      "Acquire::GzipIndexes=false",
      "Acquire::CompressionTypes::Order::=gz",
    ].flatMap((option) => ["-o", option]);
    expect(run("apt-get", ...options, "update", "--error-on=any")).toContain("Get:1");
    const plan = run("apt-get", ...options, "--simulate", "install", "one");
    expect(plan.split("\n").filter((line) => line.startsWith("Inst "))).toEqual([
      "Inst two (1.0 Fixture:trixie [all])",
      "Inst one (2:1.5-1 Fixture:trixie [amd64])",
    ]);
    run("apt-get", ...options, "--download-only", "--yes", "install", "one");
  });
});
