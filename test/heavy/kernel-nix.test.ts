/**
 * kernel/*.nix, parsed and evaluated by Debian's nix against a stub of nixpkgs: nothing can be fetched here.
 */

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oracleScratch, oracleTree } from "../fixtures/oracle/oracle-tree.js";

const root = resolve(import.meta.dirname, "../..");
let scratch: ReturnType<typeof oracleScratch>;

beforeAll(() => {
  scratch = oracleScratch();
  cpSync(join(root, "kernel"), join(scratch.outside, "kernel"), { recursive: true });
  cpSync(join(root, "test/kernel/stub-nixpkgs"), join(scratch.outside, "nixpkgs"), { recursive: true });
});
afterAll(() => scratch.remove());

/** nix asks /proc for its own path, so it gets one, in a mount namespace of its own. */
function nix(program: string, ...args: string[]): string {
  const script = 'mount -t proc proc "$1/proc" && cd / && shift && exec chroot "$@"';
  const tree = oracleTree();
  const home = ["env", "-i", "PATH=/usr/bin:/bin", `HOME=${scratch.inside}`, "LC_ALL=C.UTF-8"];
  const command = [tree, ...home, "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", scratch.inside, program, ...args];
  return execFileSync("unshare", ["--mount", "sh", "-c", script, "sh", tree, ...command], {
    encoding: "utf8",
    stdio: "pipe",
  });
}

const flake = (...args: string[]) =>
  nix(
    "nix",
    ...["--extra-experimental-features", "nix-command flakes", "--offline", "--store", `${scratch.inside}/store`],
    ...args,
    ...["--no-write-lock-file", "--override-input", "nixpkgs", `path:${scratch.inside}/nixpkgs`],
  );

describe("kernel/*.nix", () => {
  it("parse", () => {
    for (const file of ["kernel/flake.nix", "kernel/kernel.nix"]) nix("nix-instantiate", "--parse", file);
    writeFileSync(
      join(scratch.outside, "broken.nix"),
      readFileSync(join(scratch.outside, "kernel/kernel.nix"), "utf8").replace("assert", "asert"),
    );
    expect(() => nix("nix-instantiate", "--parse", "broken.nix")).toThrow(/syntax error|undefined variable/);
  });

  it("evaluate to one derivation a fragment, with time, user, host and build number fixed", () => {
    const apply =
      "builtins.mapAttrs (name: drv: { inherit (drv) drvPath configurePhase KBUILD_BUILD_TIMESTAMP KBUILD_BUILD_USER KBUILD_BUILD_HOST KBUILD_BUILD_VERSION; url = drv.src.url; hash = drv.src.outputHash; })";
    const packages = JSON.parse(flake("eval", "--json", "path:./kernel#packages.x86_64-linux", "--apply", apply));
    expect(Object.keys(packages).sort()).toEqual(["azure", "cmdline-override", "default", "gcp", "lock-down"]);
    expect(new Set(Object.values(packages).map((each) => (each as { drvPath: string }).drvPath)).size).toBe(5);
    expect(packages.default).toMatchObject({
      KBUILD_BUILD_TIMESTAMP: "Thu Jan  1 00:00:00 UTC 1970",
      KBUILD_BUILD_USER: "nixbuild",
      KBUILD_BUILD_HOST: "nixbuilder",
      KBUILD_BUILD_VERSION: "1",
      url: expect.stringMatching(/^mirror:\/\/kernel\/linux\/kernel\/v6\.x\/linux-6\.(1[2-9]|[2-9]\d)\.\d+\.tar\.xz$/),
      // lib.fakeHash, until somebody with network has checked the real one: never an invented hash.
      hash: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    });
    expect(packages["lock-down"].configurePhase).toMatch(
      /configure\.sh \. \. \S+-base\.config \S+-lock-down\.config\n/,
    );
  });

  it("pass nix flake check, with a configuration a fragment as the checks", () => {
    flake("flake", "check", "--no-build", "path:./kernel");
    const names = JSON.parse(
      flake("eval", "--json", "path:./kernel#checks.x86_64-linux", "--apply", "builtins.attrNames"),
    );
    expect(names).toEqual(["all", "azure", "base", "cmdline-override", "gcp", "lock-down"]);
    expect(flake("eval", "--raw", "path:./kernel#devShells.x86_64-linux.default.name")).toBe("shell");
  });

  it("refuse a kernel that cannot be a TDX guest", () => {
    const call = (version: string) =>
      `let lib = import ./nixpkgs/lib.nix; pkgs = import ./nixpkgs/packages.nix { inherit lib; }; in (pkgs.callPackage ./kernel/kernel.nix { kernelVersion = "${version}"; }).version`;
    const evaluate = (version: string) =>
      nix("nix-instantiate", "--eval", "--store", `${scratch.inside}/store`, "--expr", call(version));
    expect(evaluate("6.18.1")).toBe('"6.18.1"\n');
    expect(() => evaluate("6.1.123")).toThrow(/TDX guests need Linux 6\.12 or later, this is 6\.1\.123/);
  });
});
