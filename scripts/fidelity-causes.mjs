/**
 * Why a tree differs: what last touched a path here, and which scripts name a path that nothing here makes.
 */
import { createHash } from "node:crypto";
import { configureSet } from "./fidelity-set.mjs";

/**
 * Configures a set once more and looks at the paths of the differences after each step of dpkg and each script; the last that changed
 * a path caused it. Returns a text for each path.
 */
export function causesOf(set, differences) {
  const watched = new Map(differences.map(({ path }) => [path, undefined]));
  const causes = new Map();
  let doing = "the base's layout";
  const look = (tree) => {
    for (const [path, before] of watched) {
      const now = stateOf(tree, path);
      if (now === before) continue;
      watched.set(path, now);
      causes.set(path, doing);
    }
  };
  const { tree } = configureSet(set, {
    stub: true,
    observe(tree, event) {
      if (event.type === "output") return;
      look(tree);
      doing = textOf(event);
    },
  });
  if (tree !== undefined) look(tree);
  for (const path of watched.keys()) if (!causes.has(path)) causes.set(path, namedBy(set, path));
  return causes;
}

function textOf(event) {
  if (event.type === "step") return `dpkg: ${Object.values(event.step).flat().join(" ")}`;
  const { package: name, script, arguments: words } = event.run;
  return `${script} ${words.join(" ").trim()} of ${name}`;
}

function stateOf(tree, path) {
  const node = tree.lookup(path, { follow: false });
  if (node === undefined) return undefined;
  const { type, mode, uid, gid, mtime } = node;
  const content = type === "file" ? createHash("sha256").update(node.content.read()).digest("hex") : (node.target ?? "");
  return JSON.stringify([type, mode, uid, gid, mtime, content, [...(node.xattrs?.keys() ?? [])]]);
}

/** The scripts whose text has the path, or else its last name. */
function namedBy({ entry, debs }, path) {
  const texts = entry.packages.flatMap(({ package: row }) =>
    ["preinst", "postinst", "config"].flatMap((script) => {
      const bytes = debs.get(row.sha256).members.get(script)?.bytes;
      return bytes === undefined ? [] : [{ name: `${script} of ${row.name}`, text: Buffer.from(bytes).toString("latin1") }];
    }),
  );
  for (const wanted of [path, path.slice(path.lastIndexOf("/") + 1)].filter((text) => text.length > 5)) {
    const names = texts.filter(({ text }) => text.includes(wanted)).map(({ name }) => name);
    if (names.length > 0) return `nothing here makes it; named by ${names.slice(0, 5).join(", ")}`;
  }
  return "nothing here makes it, and no script names it";
}
