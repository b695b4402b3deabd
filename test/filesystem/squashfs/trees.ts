/**
 * Trees for the tests of file systems: one with everything in it, and random ones.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { contentOfBytes } from "#dist/bytes/content.js";
import type { Node } from "#dist/rootfs/tree/node.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

/** Bytes that look random and are always the same. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let x = seed >>> 0 || 1;
  for (let i = 0; i < size; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x;
  }
  return bytes;
}

/** Bytes that compress as text does. */
export function prose(size: number, seed = 1): Uint8Array {
  const words = ["alpha ", "beta\n", "gamma, ", "delta = ", "epsilon;"];
  const choice = noise(Math.ceil(size / 4) + 1, seed);
  const text: string[] = [];
  for (let i = 0, length = 0; length < size; i++) {
    const word = words[choice[i]! % words.length]!;
    text.push(word);
    length += word.length;
  }
  return new Uint8Array(Buffer.from(text.join("").slice(0, size), "latin1"));
}

const CAPABILITY = Uint8Array.from(Buffer.from("0100000200040000000000000000000000000000", "hex"));

/**
 * A tree with all kinds of nodes, links, attributes, and data of all shapes for blocks of 128 KiB. What is extracted onto an ext4 has room for
 * 4 KiB of attributes a file.
 */
export function richTree(longAttribute = 9000): Tree {
  const tree = new Tree({ epoch: 1_700_000_000 });
  tree.mkdirs("/usr/bin");
  tree.mkdirs("/usr/share/many");
  tree.mkdir("/empty", { mode: 0o700, uid: 1000, gid: 1001 });
  tree.mkdir("/tmp", { mode: 0o1777 });
  tree.symlink("usr/bin", "/bin");
  tree.symlink("/nowhere\xff", "/usr/dangling");
  tree.write("/usr/bin/su", prose(70_000), { mode: 0o4755 });
  tree.write("/usr/bin/ping", prose(50_000, 2), {
    mode: 0o755,
    xattrs: new Map([["security.capability", CAPABILITY]]),
  });
  tree.link("/usr/bin/su", "/usr/share/su-hard");
  tree.link("/usr/dangling", "/usr/dangling-hard");
  tree.write("/usr/share/large", prose(1_000_003, 3), { mtime: 12345 });
  tree.write("/usr/share/large-copy", prose(1_000_003, 3), { uid: 65534, gid: 65534 });
  tree.write("/usr/share/noise", noise(300_000, 4));
  tree.write("/usr/share/exact", prose(262_144, 5));
  tree.write("/usr/share/hole", sparse());
  tree.write("/usr/share/zeros", new Uint8Array(400_000));
  tree.write("/usr/share/empty-file", "");
  const attributes = new Map([
    ["user.comment", new TextEncoder().encode("hello")],
    ["trusted.empty", new Uint8Array(0)],
    ["user.long", prose(longAttribute, 6)],
  ]);
  tree.write("/usr/share/attributes", "x", { xattrs: attributes });
  tree.mkdir("/usr/attributes", { xattrs: new Map(attributes) });
  const special = { uid: 0, gid: 5, mtime: 77, links: 0 };
  tree.add("/null", { type: "char", major: 1, minor: 3, mode: 0o666, ...special });
  tree.add("/disk", { type: "block", major: 259, minor: 70000, mode: 0o660, ...special });
  tree.add("/pipe", { type: "fifo", mode: 0o600, ...special, xattrs: new Map([["trusted.a", Uint8Array.of(1)]]) });
  tree.add("/socket", { type: "socket", mode: 0o755, ...special });
  tree.add("/null-attributes", {
    ...{ type: "char", major: 5, minor: 1, mode: 0o600, ...special },
    xattrs: new Map([["trusted.a", Uint8Array.of(1)]]),
  });
  tree.add("/link-attributes", {
    ...{ type: "symlink", target: "pipe", mode: 0o777, ...special },
    xattrs: new Map([["trusted.b", Uint8Array.of(2)]]),
  });
  for (let i = 0; i < 900; i++)
    tree.write(`/usr/share/many/${String(i).padStart(4, "0")}-${"n".repeat(i % 40)}`, prose((i * 37) % 3000, i + 1));
  tree.mkdir(`/usr/${"\xe9".repeat(255)}`);
  return tree;
}

function sparse(): Uint8Array {
  const bytes = new Uint8Array(900_000);
  bytes.set(prose(1000, 7), 300_000);
  return bytes;
}

/** What is compared of a file, as one line; the names of one file are told by the first of them. */
export interface Described {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly rest: string;
}

/** All that an image has to keep of a tree, the root first. */
export function describeTree(tree: Tree): Described[] {
  const first = new Map<Node, string>();
  const line = (path: string, node: Node): Described => {
    if (!first.has(node)) first.set(node, path);
    const { type, mode, uid, gid, mtime } = node;
    return { path, type, mode, uid, gid, mtime, rest: `${detailOf(node)} ${first.get(node)} ${attributesOf(node)}` };
  };
  return [line("", tree.root), ...[...tree.walk()].map(({ path, node }) => line(path.slice(1), node))];
}

function detailOf(node: Node): string {
  if (node.type === "file") return sha256(node.content.read());
  if (node.type === "symlink") return node.target;
  return node.type === "char" || node.type === "block" ? `${node.major}:${node.minor}` : "";
}

function attributesOf({ xattrs }: { readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined }): string {
  return [...(xattrs ?? [])]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
    .join(" ");
}

/** Lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const name = fc
  .string({
    minLength: 1,
    maxLength: 12,
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  })
  .map((text) => text.replaceAll("/", "_"))
  .filter((text) => text !== "." && text !== "..");
const attributes = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffffffff }),
  gid: fc.integer({ min: 0, max: 1100 }),
  mtime: fc.integer({ min: 0, max: 0xffffffff }),
  xattrs: fc.option(
    fc.dictionary(fc.constantFrom("user.a", "user.b", "trusted.c", "security.d"), fc.uint8Array({ maxLength: 40 })),
    { nil: undefined },
  ),
});
const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 1, arbitrary: fc.constantFrom(4095, 4096, 4097, 8192, 20_000) },
);
const leaf = fc.oneof(
  fc.record({ kind: fc.constant("file" as const), size, seed: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ kind: fc.constant("directory" as const) }),
  fc.record({ kind: fc.constant("symlink" as const), target: name }),
  fc.record({ kind: fc.constantFrom("char" as const, "block" as const), major: fc.nat(4095), minor: fc.nat(0xfffff) }),
  fc.record({ kind: fc.constantFrom("fifo" as const, "socket" as const) }),
  fc.record({ kind: fc.constant("link" as const), pick: fc.nat() }),
);

/** One step in the making of a tree. */
export interface Step {
  readonly name: string;
  readonly parent: number;
  readonly leaf: typeof leaf extends fc.Arbitrary<infer T> ? T : never;
  readonly attributes: typeof attributes extends fc.Arbitrary<infer T> ? T : never;
}

/** How to make a random tree. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.record({ name, parent: fc.nat(), leaf, attributes }), {
  maxLength: 40,
});

/** Makes it. */
export function treeOf(list: readonly Step[]): Tree {
  const tree = new Tree({ epoch: 5 });
  const directories = ["/"];
  const others: string[] = [];
  for (const { name: last, parent, leaf: what, attributes: given } of list) {
    const directory = directories[parent % directories.length]!;
    const path = directory === "/" ? `/${last}` : `${directory}/${last}`;
    if (tree.lookup(path, { follow: false }) !== undefined) continue;
    const { xattrs, ...plain } = given;
    const common = { ...plain, ...(xattrs !== undefined && { xattrs: new Map(Object.entries(xattrs)) }) };
    if (what.kind === "link") {
      if (others.length > 0) tree.link(others[what.pick % others.length]!, path);
      continue;
    }
    if (what.kind === "directory") {
      tree.mkdir(path, common);
      directories.push(path);
      continue;
    }
    const bytes =
      what.kind === "file" ? (what.seed === 0 ? new Uint8Array(what.size) : prose(what.size, what.seed)) : undefined;
    if (what.kind === "file") tree.add(path, { type: "file", content: contentOfBytes(bytes!), links: 0, ...common });
    else if (what.kind === "symlink") tree.add(path, { type: "symlink", target: what.target, links: 0, ...common });
    else if (what.kind === "char" || what.kind === "block")
      tree.add(path, { type: what.kind, major: what.major, minor: what.minor, links: 0, ...common });
    else tree.add(path, { type: what.kind, links: 0, ...common });
    others.push(path);
  }
  return tree;
}
