/**
 * openssl-rehash(1): links named by the hash of each certificate's subject, so that OpenSSL finds it. Nothing else of openssl is done.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { fingerprint, type PemKind, subjectHash } from "./subject-hash.js";

export const openssl: Command = (process, args) => {
  if (args[1] !== "rehash") return process.unsupported(args.slice(0, 2).join(" "));
  return rehash(process, ["openssl rehash", ...args.slice(2)]);
};

/** c_rehash of older packages does the same. */
export const rehash: Command = defineTool({ short: "nv", refused: "hcold" }, (tool) => {
  const directories = tool.operands.length === 0 ? ["/etc/ssl/certs"] : tool.operands;
  for (const directory of directories) rehashDirectory(tool, directory);
  return tool.status;
});

interface Linked {
  readonly name: string;
  readonly hash: string;
  readonly kind: PemKind;
  readonly print: string;
}

function rehashDirectory(tool: Tool, directory: string): void {
  const { tree } = tool.process;
  const path = tree.realpath(tool.absolute(directory));
  const node = tree.directory(path);
  if (tool.has("v")) tool.out(`Doing ${directory}\n`);
  const seen: Linked[] = [];
  for (const name of [...node.entries.keys()].sort()) {
    const entry = node.entries.get(name);
    if (/^[0-9a-f]{8}\.r?[0-9]+$/.test(name) && entry?.type === "symlink") tree.unlink(`${path}/${name}`);
    else if (/\.(pem|crt|cer|crl)$/i.test(name)) addLinked(tool, { path: `${path}/${name}`, name }, seen);
  }
  for (const { name, hash, kind } of seen) {
    let number = 0;
    const link = (): string => `${path}/${hash}.${kind === "crl" ? "r" : ""}${number}`;
    while (tree.lookup(link(), { follow: false }) !== undefined) number++;
    if (tool.has("v")) tool.out(`link ${name} -> ${link().slice(path.length + 1)}\n`);
    tree.symlink(name, link());
  }
}

function addLinked(tool: Tool, file: { readonly path: string; readonly name: string }, seen: Linked[]): void {
  const { tree } = tool.process;
  if (tree.lookup(file.path)?.type !== "file") return;
  const blocks = [...tree.readText(file.path).matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\r?\n(.*?)-----END \1-----/gs)];
  const known = blocks.filter((block) => /^((X509 |TRUSTED )?CERTIFICATE|X509 CRL)$/.test(block[1]!));
  const [block] = known;
  if (block === undefined || known.length > 1) {
    tool.process.stderr.write(
      `rehash: warning: skipping ${file.name}, it does not contain exactly one certificate or CRL\n`,
    );
    return;
  }
  const kind: PemKind = block[1] === "X509 CRL" ? "crl" : "certificate";
  const der = Uint8Array.from(Buffer.from(block[2]!.replace(/\s+/g, ""), "base64"));
  const hash = subjectHash(der, kind) ?? tool.unsupported(`with ${file.name}: a certificate that cannot be read`);
  const print = fingerprint(der);
  if (seen.some((other) => other.hash === hash && other.kind === kind && other.print === print)) {
    tool.process.stderr.write(
      `rehash: warning: skipping duplicate ${kind === "crl" ? "CRL" : "certificate"} in ${file.name}\n`,
    );
    return;
  }
  seen.push({ name: file.name, hash, kind, print });
}
