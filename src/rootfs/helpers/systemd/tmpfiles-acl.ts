/**
 * The lines `a` and `A` of tmpfiles.d(5): access control lists, in the short text form of acl(5) (`d:group:adm:r-x,user::rwx`).
 */
import { groupId, userId } from "../../shell/tools/accounts.js";
import { ACL_TAG, type AclEntry, type AclKind, aclOfMode, readAcl, writeAcl } from "../../tree/acl.js";
import type { Node } from "../../tree/node.js";
import type { Tree } from "../../tree/tree.js";

/** The lists of one line. */
export interface AclLine {
  readonly access: readonly TextEntry[];
  readonly default: readonly TextEntry[];
}

/** An entry as written: with `X` it may execute only where someone else may, or what is a directory. */
interface TextEntry extends AclEntry {
  readonly conditional: boolean;
}

const TAGS: Readonly<Record<string, readonly [unnamed: number, named: number | undefined]>> = {
  user: [ACL_TAG.owner, ACL_TAG.user],
  group: [ACL_TAG.group, ACL_TAG.namedGroup],
  mask: [ACL_TAG.mask, undefined],
  other: [ACL_TAG.other, undefined],
};
const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1, X: 1, "-": 0 };

/** Reads a line's argument; undefined where it is none, or names someone who is not there. */
export function parseAcl(tree: Tree, text: string): AclLine | undefined {
  const lists: Record<AclKind, TextEntry[]> = { access: [], default: [] };
  for (const word of text.split(",").filter((word) => word !== "")) {
    const [, isDefault, rest] = /^(d:|default:)?(.*)$/.exec(word)!;
    const entry = parseEntry(tree, rest!);
    if (entry === undefined) return undefined;
    lists[isDefault === undefined ? "access" : "default"].push(entry);
  }
  return lists;
}

function parseEntry(tree: Tree, text: string): TextEntry | undefined {
  const [word = "", name = "", permissions = "", ...more] = text.split(":");
  const kind = Object.keys(TAGS).find((known) => known === word || known[0] === word);
  if (kind === undefined || more.length > 0 || !/^(?!.*([rwx]).*\1)[rwxX-]+$/i.test(permissions)) return undefined;
  const [unnamed, named] = TAGS[kind]!;
  const bits = [...permissions].reduce((sum, letter) => sum | BITS[letter]!, 0);
  const entry = { permissions: bits, conditional: permissions.includes("X") };
  if (name === "") return { tag: unnamed, ...entry };
  const id = named === undefined ? undefined : (kind === "user" ? userId : groupId)(tree, name);
  return id === undefined ? undefined : { tag: named!, id, ...entry };
}

/** Sets the lists of a line on a node, or adds them to those that it has. */
export function applyAcl(node: Node, line: AclLine, append: boolean): void {
  if (node.type === "symlink") return;
  for (const kind of ["access", "default"] as const) {
    const wanted = line[kind];
    if (wanted.length === 0 || (kind === "default" && node.type !== "directory")) continue;
    const old = readAcl(node, kind);
    const mayExecute =
      node.type === "directory" ||
      [...readAcl(node, "access"), ...wanted.filter(({ conditional }) => !conditional)].some(
        ({ tag, permissions }) => tag !== ACL_TAG.mask && (permissions & 1) !== 0,
      );
    const plain = wanted.filter(({ conditional }) => !conditional);
    const settled = wanted
      .filter(({ conditional }) => conditional)
      .map((entry) => ({ ...entry, permissions: mayExecute ? entry.permissions : entry.permissions & ~1 }));
    // A list of its own gets its mask before the conditional entries come to it.
    const entries = [...(append ? plain : withMask(plain)), ...settled];
    writeAcl(node, kind, withBase(withMask(append ? merge(old, entries) : entries), node.mode));
  }
}

function merge(old: readonly AclEntry[], added: readonly AclEntry[]): AclEntry[] {
  const isFor = (a: AclEntry, b: AclEntry): boolean => a.tag === b.tag && a.id === b.id;
  return [...old.filter((entry) => !added.some((other) => isFor(entry, other))), ...added];
}

/** A mask of all that named entries and the group have, where there are named ones and no mask. */
function withMask(entries: readonly AclEntry[]): readonly AclEntry[] {
  const isNamed = ({ tag }: AclEntry): boolean => tag === ACL_TAG.user || tag === ACL_TAG.namedGroup;
  if (!entries.some(isNamed) || entries.some(({ tag }) => tag === ACL_TAG.mask)) return entries;
  const masked = entries.filter((entry) => isNamed(entry) || entry.tag === ACL_TAG.group);
  const permissions = masked.reduce((sum, entry) => sum | entry.permissions, 0);
  return [...entries, { tag: ACL_TAG.mask, permissions }];
}

/** What a list must have and this one lacks is as in the mode. */
function withBase(entries: readonly AclEntry[], mode: number): readonly AclEntry[] {
  return [...entries, ...aclOfMode(mode).filter(({ tag }) => !entries.some((entry) => entry.tag === tag))];
}
