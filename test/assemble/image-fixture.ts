/**
 * Whole images out of the fixture archive: a base of a few tiny packages, one kernel, one stub. What a test needs is a scene: the
 * archive served on loopback, a cache and a recipe's directory of its own, and a host that knows no other mirror.
 */

import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { exitStatusOf } from "#dist/errors/codes.js";
import {
  type AssembleEvent,
  assemble,
  defineImage,
  type Format,
  type Lock,
  lock,
  type Options,
  readContent,
  writeImage,
} from "#dist/index.js";
import { buildArchive, type FixtureArchive, type FixtureSuite } from "../fixtures/archive/build-archive.js";
import type { FixturePackage } from "../fixtures/archive/build-deb.js";
import { type FixtureServer, type ServeOptions, serveArchive } from "../fixtures/archive/serve-archive.js";
import { makeKernel, makeStub, pattern } from "../fixtures/pe/make-pe.js";

export const RELEASE = "6.12.60+test";
const program = (seed: number) => ({
  content: Buffer.concat([Buffer.from("\x7fELF"), pattern(3000, seed)]),
  mode: 0o755,
});
const script = (text: string): string => `#!/bin/sh\nset -e\n${text}\n`;

/** The packages that every scene has. */
export const PACKAGES: readonly FixturePackage[] = [
  {
    name: "base-files",
    essential: true,
    priority: "required",
    files: {
      bin: { type: "symlink", target: "usr/bin" },
      sbin: { type: "symlink", target: "usr/sbin" },
      lib: { type: "symlink", target: "usr/lib" },
      "usr/bin": { type: "directory" },
      "usr/sbin": { type: "directory" },
      "usr/lib/os-release": { content: "ID=debian\nVERSION_ID=13\n" },
      "etc/os-release": { type: "symlink", target: "../usr/lib/os-release" },
      "etc/passwd": { content: "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/sh\n" },
      "etc/group": { content: "root:x:0:\ndaemon:x:1:\nstaff:x:50:\n" },
      "etc/shadow": { content: "root:*:1:0:99999:7:::\ndaemon:*:1:0:99999:7:::\n", mode: 0o640 },
      "etc/gshadow": { content: "root:*::\ndaemon:*::\nstaff:*::\n", mode: 0o640 },
      root: { type: "directory", mode: 0o700 },
      tmp: { type: "directory", mode: 0o1777 },
      "etc/issue": { content: "Debian\n" },
    },
    conffiles: ["/etc/issue"],
  },
  {
    name: "dash",
    essential: true,
    priority: "required",
    architecture: "amd64",
    files: { "usr/bin/dash": program(1), "usr/bin/sh": { type: "symlink", target: "dash" } },
  },
  {
    name: "coreutils",
    essential: true,
    priority: "required",
    architecture: "amd64",
    files: Object.fromEntries(
      ["cat", "chmod", "cp", "ln", "mkdir", "mv", "rm", "touch", "echo", "dpkg-trigger", "dpkg-divert"].map(
        (name, i) => [`usr/bin/${name}`, program(i + 10)],
      ),
    ),
  },
  {
    name: "hello",
    version: "2.10-3",
    architecture: "amd64",
    depends: "libhello0 (>= 1)",
    files: {
      "usr/bin/hello": program(40),
      "usr/bin/hallo": { type: "link", target: "usr/bin/hello", mode: 0o755 },
      "etc/hello.conf": { content: "greeting=hello\n", mode: 0o600 },
      "usr/share/doc/hello/copyright": { content: "free\n" },
    },
    conffiles: ["/etc/hello.conf"],
    scripts: {
      postinst: script(
        '[ "$1" = configure ]\nmkdir -p /var/lib/hello\necho "$DPKG_MAINTSCRIPT_PACKAGE" > /var/lib/hello/state\nln -sf hello /usr/bin/hi',
      ),
    },
  },
  {
    name: "libhello0",
    version: "1.5",
    architecture: "amd64",
    multiArch: "same",
    files: { "usr/lib/libhello.so.0": { content: pattern(200_000, 7) } },
  },
  {
    name: "linux-image-test",
    version: "6.12.60-1",
    architecture: "amd64",
    files: { [`boot/vmlinuz-${RELEASE}`]: { content: makeKernel() } },
  },
  {
    name: "systemd-boot-efi",
    version: "257.9-1",
    architecture: "amd64",
    files: { "usr/lib/systemd/boot/efi/linuxx64.efi.stub": { content: makeStub() } },
  },
];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A directory that is removed after the test. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tdx-image-"));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files below a directory: path → text, with 0755 for those that start with `#!`. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
    chmodSync(join(directory, path), text.startsWith("#!") ? 0o755 : 0o644);
  }
}

export type ImageInput = Parameters<typeof defineImage>[0];

/** The recipe of a scene: everything that a test leaves out. */
export function inputOf(input: Partial<ImageInput> = {}): ImageInput {
  return {
    image: "test",
    packages: ["hello"],
    kernel: { package: "linux-image-test", modules: [], commandLine: ["console=ttyS0"] },
    initrd: { compression: { type: "zstd", level: 3 } },
    outputs: ["tar", "cpio", "initrd", "kernel", "uki"],
    cleanPackageMetadata: false,
    ...input,
    archive: { suite: "trixie", updates: false, security: false, ...input.archive },
  } as ImageInput;
}

/** What a build came to. */
export interface Built {
  readonly sums: Readonly<Record<string, string>>;
  readonly lock: Lock;
  readonly manifest: string;
  readonly events: readonly AssembleEvent[];
  readonly paths: readonly string[];
  readonly files: readonly string[];
}

export interface BuildInput {
  readonly input?: Partial<ImageInput>;
  readonly options?: Partial<Options>;
  readonly lock?: Lock;
  readonly directory?: string;
  readonly output?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly formats?: readonly Format[];
}

export interface Scene {
  readonly archive: FixtureArchive;
  readonly server: FixtureServer;
  readonly cacheDir: string;
  /** The recipe's directory. */
  readonly directory: string;
  readonly options: Options;
  build(input?: BuildInput): Promise<Built>;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Opens a scene. `packages` are added to those there are, in place of one of the same name. */
export async function openScene(
  packages: readonly FixturePackage[] = [],
  { suite = {}, serve = {} }: { readonly suite?: Partial<FixtureSuite>; readonly serve?: ServeOptions } = {},
): Promise<Scene> {
  const names = new Set(packages.map(({ name }) => name));
  const all = [...PACKAGES.filter(({ name }) => !names.has(name)), ...packages];
  const archive = await buildArchive({ suites: [{ packages: all, ...suite }] });
  const server = await serveArchive(archive, serve);
  cleanups.push(() => server.close());
  const directory = scratchDirectory();
  const cacheDir = join(scratchDirectory(), "cache");
  const options = hostlessOptions({ url: server.url, certificate: archive.certificate, cacheDir });
  const build = async (what: BuildInput = {}): Promise<Built> => {
    const recipe = defineImage(inputOf(what.input), {
      directory: what.directory ?? directory,
      profiles: what.profiles,
      environment: what.environment ?? {},
    });
    const events: AssembleEvent[] = [];
    const own = { ...options, onEvent: (event: AssembleEvent) => events.push(event), ...what.options };
    const made = what.lock ?? (await lock(recipe, own));
    const image = await assemble(recipe, { ...own, lock: made, formats: what.formats });
    try {
      const sums: Record<string, string> = {};
      for (const [format, content] of image.outputs) sums[format] = sha256(await readContent(content));
      const files = what.output === undefined ? [] : await writeImage(image, what.output, own);
      const paths = [...image.tree.walk()].map(({ path }) => path);
      return { sums, lock: made, manifest: JSON.stringify(image.manifest), events, paths, files };
    } finally {
      await image.close();
    }
  };
  return { archive, server, cacheDir, directory, options, build };
}

/** Options of a host that knows no mirror but one, at a moment when the fixture's Release is one day old. */
export function hostlessOptions(scene: {
  readonly url: string;
  readonly certificate: string;
  readonly cacheDir: string;
}): Options {
  const hidden = {
    host: { environment: {}, aptDirectory: "/nonexistent" },
    snapshotUrl: scene.url,
    now: Date.parse("2026-08-02T00:00:00Z"),
    retryDelayMs: 1,
  };
  return { ...hidden, cacheDir: scene.cacheDir, mirror: `${scene.url}/debian`, archiveKeys: scene.certificate };
}

/** What a build that failed left aside in its cache: temporary files, leases. */
export function leftovers(cacheDir: string): readonly string[] {
  if (!existsSync(cacheDir)) return [];
  const entries = readdirSync(cacheDir, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(cacheDir.length + 1));
  return paths.filter((path) => /(^|\/)(tmp|lease)\/./.test(path));
}

/** What the error that a promise ends with says, and the exit status that it has on the command line. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ readonly code: string; readonly exit: number; readonly text: string; readonly hint: string }> {
  return promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: Error & { code?: unknown; hint?: string }) => ({
      code: typeof error.code === "string" ? error.code : error.name,
      exit: exitStatusOf(String(error.code)),
      text: error.message,
      hint: error.hint ?? "",
    }),
  );
}
