/**
 * gio-querymodules, gdk-pixbuf-query-loaders and gtk-query-immodules: what the programs of trixie (GLib 2.84.4, gdk-pixbuf 2.42.12, GTK
 * 3.24.49) made of the same plug-ins, which gcc 12 compiled out of the C files of test/fixtures/plugins.
 */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { loadPlugin } from "#dist/rootfs/helpers/plugins/plugin-image.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const golden: {
  readonly plugins: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<"giomodule.cache" | "loaders" | "immodules", string>>;
} = JSON.parse(readFileSync(new URL("../../fixtures/plugins/golden/plugins.json", import.meta.url), "utf8"));

const LIBRARIES = "/usr/lib/x86_64-linux-gnu";
const LOADERS = `${LIBRARIES}/gdk-pixbuf-2.0/2.10.0/loaders`;
const METHODS = `${LIBRARIES}/gtk-3.0/3.0.0/immodules`;
const QUERY_LOADERS = `${LIBRARIES}/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders`;
const QUERY_METHODS = `${LIBRARIES}/libgtk-3-0t64/gtk-query-immodules-3.0`;

function plugin(name: string): Uint8Array {
  return new Uint8Array(inflateSync(Buffer.from(golden.plugins[name]!, "base64")));
}

function treeWith(paths: Readonly<Record<string, string>>) {
  const tree = treeOf({ [QUERY_LOADERS]: `\0${"2.10.0"}\0\0${"2.42.12"}\0${LOADERS}\0`, [QUERY_METHODS]: "" });
  for (const [path, name] of Object.entries(paths)) {
    tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
    tree.write(path, plugin(name));
  }
  return tree;
}

it("lists the extension points of GIO's modules", () => {
  const names = ["libsplit.so", "libgiotwo-words.so", "libgioempty.so"];
  const tree = treeWith(Object.fromEntries(names.map((name) => [`/p/gio/${name}`, name])));
  tree.write("/p/gio/README", "");
  expect(runHelper(tree, ["gio-querymodules", "/p/gio", "/none"])).toMatchObject({ status: 0 });
  expect(tree.readText("/p/gio/giomodule.cache")).toBe(golden.outputs["giomodule.cache"]);
  for (const name of names) tree.unlink(`/p/gio/${name}`);
  expect(runHelper(tree, ["gio-querymodules", "/p/gio"]).status).toBe(0);
  expect(tree.lookup("/p/gio/giomodule.cache")).toBeUndefined();
  expect(runHelper(tree, ["gio-querymodules"]).status).toBe(1);
});

it("stops at modules that do more than to list", () => {
  for (const name of ["libother.so", "libloop.so", "im-own.so"])
    expect(() => runHelper(treeWith({ "/p/libx.so": name }), ["gio-querymodules", "/p"]), name).toThrow(Unsupported);
  const text = treeOf({ "/p/libx.so": "text" });
  expect(() => runHelper(text, ["gio-querymodules", "/p"])).toThrow(Unsupported);
  expect(() => runHelper(text, ["gio-querymodules", "-x", "/p"])).toThrow(Unsupported);
});

it("lists the formats of gdk-pixbuf's loaders", () => {
  const names = ["loader-one.so", "loader-bare.so"];
  const tree = treeWith(Object.fromEntries(names.map((name) => [`/p/${name}`, name])));
  expect(runHelper(tree, [QUERY_LOADERS, "/p/loader-one.so", "p/loader-bare.so"]).out).toBe(golden.outputs.loaders);
  expect(() => runHelper(tree, [QUERY_LOADERS, "/p/none.so"])).toThrow(Unsupported);
  expect(() => runHelper(tree, [QUERY_LOADERS, "--help"])).toThrow(Unsupported);
});

it("lists the loaders of its own directory into the cache", () => {
  const tree = treeWith({ [`${LOADERS}/b.so`]: "loader-bare.so", [`${LOADERS}/a.so`]: "loader-one.so" });
  expect(runHelper(tree, [QUERY_LOADERS, "--update-cache"])).toMatchObject({ status: 0, out: "" });
  const cache = tree.readText(`${LOADERS}.cache`);
  expect(cache.match(/^"\/.*$/gm)).toEqual([`"${LOADERS}/a.so"`, `"${LOADERS}/b.so"`]);
  expect(cache).toContain(`gdk-pixbuf-2.42.12\n#\n# LoaderDir = ${LOADERS}\n#\n"`);
});

it("lists GTK's input methods", () => {
  const tree = treeWith({
    "/p/im-own.so": "im-own.so",
    [`${METHODS}/im-own.so`]: "im-own.so",
    [`${LIBRARIES}/libgtk-3.so.0`]: "libgtk-3.so.0",
  });
  expect(runHelper(tree, [QUERY_METHODS, "/p/im-own.so"]).out).toBe(golden.outputs.immodules);
  expect(runHelper(tree, [QUERY_METHODS, "--update-cache"])).toMatchObject({ status: 0, out: "" });
  const cache = tree.readText(`${LIBRARIES}/gtk-3.0/3.0.0/immodules.cache`);
  expect(cache).toContain(`# ModulesPath = ${LIBRARIES}/gtk-3.0/3.0.0/linux/immodules:${METHODS}:`);
  expect(cache).toContain(`#\n"${METHODS}/im-own.so" \n"one" "Method \\"one\\"" `);
  expect(() => runHelper(tree, [QUERY_METHODS, "--version"])).toThrow(Unsupported);
});

it("refuses damaged plug-ins and never follows them out of their memory", () => {
  const bytes = plugin("libgiotwo-words.so");
  expect(loadPlugin(bytes)?.symbols.has("g_io_two_words_query")).toBe(true);
  const outcomes = new Set<string>();
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = bytes.slice();
    damaged[at] = damaged[at]! ^ 0xff;
    const tree = treeOf({ "/p/": "" });
    tree.write("/p/libgiotwo-words.so", damaged);
    try {
      runHelper(tree, ["gio-querymodules", "/p"]);
      outcomes.add("answers");
    } catch (error) {
      expect(error).toBeInstanceOf(Unsupported);
      outcomes.add("stops");
    }
  }
  expect([...outcomes].sort()).toEqual(["answers", "stops"]);
});
