/** md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum and b2sum of coreutils 9.7. */
import { createHash } from "node:crypto";
import { fromByteString } from "../../../bytes/content.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command, Stream } from "../process.js";
import { eachInput, openInput } from "./inputs.js";
import { quoteName } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

interface Digest {
  readonly name: string;
  /** node's name of the algorithm. */
  readonly algorithm: string;
  readonly hexDigits: number;
}

function digestTool(digest: Digest): Command {
  return defineTool(
    {
      short: "bctwz",
      long: {
        binary: "b",
        check: "c",
        text: "t",
        warn: "w",
        zero: "z",
        tag: "tag",
        "ignore-missing": "ignore-missing",
        quiet: "quiet",
        status: "status",
        strict: "strict",
      },
      refused: digest.name === "BLAKE2b" ? "l" : "",
      refusedLong: digest.name === "BLAKE2b" ? ["length"] : [],
    },
    (tool) => {
      if (tool.has("tag") && tool.has("c")) tool.usage("the --tag option is meaningless when verifying checksums");
      const onlyChecking = ["ignore-missing", "status", "warn", "quiet", "strict"];
      const stray = onlyChecking.find((option) => tool.has(option === "warn" ? "w" : option));
      if (!tool.has("c") && stray !== undefined) {
        tool.usage(`the --${stray} option is meaningful only when verifying checksums`);
      }
      if (tool.has("c")) eachInput(tool, (stream, operand) => verify(tool, digest, { stream, list: operand }));
      else
        eachInput(tool, (stream, operand) =>
          tool.out(line(tool, digest, { name: operand, hash: hashOf(digest, stream) })),
        );
    },
  );
}

export const md5sum: Command = digestTool({ name: "MD5", algorithm: "md5", hexDigits: 32 });
export const sha1sum: Command = digestTool({ name: "SHA1", algorithm: "sha1", hexDigits: 40 });
export const sha224sum: Command = digestTool({ name: "SHA224", algorithm: "sha224", hexDigits: 56 });
export const sha256sum: Command = digestTool({ name: "SHA256", algorithm: "sha256", hexDigits: 64 });
export const sha384sum: Command = digestTool({ name: "SHA384", algorithm: "sha384", hexDigits: 96 });
export const sha512sum: Command = digestTool({ name: "SHA512", algorithm: "sha512", hexDigits: 128 });
export const b2sum: Command = digestTool({ name: "BLAKE2b", algorithm: "blake2b512", hexDigits: 128 });

function hashOf(digest: Digest, stream: Stream): string {
  const hash = createHash(digest.algorithm);
  for (let part = stream.read(65536); part !== ""; part = stream.read(65536)) hash.update(fromByteString(part));
  return hash.digest("hex");
}

function line(tool: Tool, digest: Digest, { name, hash }: { readonly name: string; readonly hash: string }): string {
  const end = tool.has("z") ? "\0" : "\n";
  const needsEscape = !tool.has("z") && /[\\\n\r]/.test(name);
  const shown = needsEscape
    ? name.replace(/[\\\n\r]/g, (c) => (c === "\n" ? "\\n" : c === "\r" ? "\\r" : "\\\\"))
    : name;
  const mark = needsEscape ? "\\" : "";
  if (tool.has("tag")) return `${mark}${digest.name} (${shown}) = ${hash}${end}`;
  const mode = tool.options.findLast((option) => option.name === "b" || option.name === "t")?.name === "b" ? "*" : " ";
  return `${mark}${hash} ${mode}${shown}${end}`;
}

function verify(
  tool: Tool,
  digest: Digest,
  { stream, list }: { readonly stream: Stream; readonly list: string },
): undefined {
  const counts = { lines: 0, malformed: 0, mismatched: 0, unreadable: 0, matched: 0 };
  let number = 0;
  for (let text = stream.readLine(); text !== undefined; text = stream.readLine()) {
    number++;
    if (text.startsWith("#")) continue;
    const entry = parseLine(digest, text.replace(/\n$/, ""));
    if (entry === undefined) {
      counts.malformed++;
      if (tool.has("w")) tool.say(`${quoteName(list)}: ${number}: improperly formatted ${digest.name} checksum line`);
      continue;
    }
    counts.lines++;
    checkFile(tool, digest, { ...entry, counts });
  }
  const shownList = list === "-" ? "'standard input'" : quoteName(list);
  if (counts.lines === 0) return tool.complain(`${shownList}: no properly formatted checksum lines found`);
  if (!tool.has("status")) {
    const warn = (count: number, one: string, many: string): undefined => {
      if (count > 0) tool.say(`WARNING: ${count} ${count === 1 ? one : many}`);
    };
    warn(counts.malformed, "line is improperly formatted", "lines are improperly formatted");
    warn(counts.unreadable, "listed file could not be read", "listed files could not be read");
    warn(counts.mismatched, "computed checksum did NOT match", "computed checksums did NOT match");
    if (tool.has("ignore-missing") && counts.matched === 0) tool.say(`${shownList}: no file was verified`);
  }
  const failed =
    counts.mismatched > 0 ||
    counts.unreadable > 0 ||
    (tool.has("strict") && counts.malformed > 0) ||
    (tool.has("ignore-missing") && counts.matched === 0);
  if (failed) tool.status = 1;
}

function checkFile(
  tool: Tool,
  digest: Digest,
  entry: {
    readonly hash: string;
    readonly name: string;
    readonly counts: { mismatched: number; unreadable: number; matched: number };
  },
): undefined {
  const { counts, name } = entry;
  const shown = /[\\\n\r]/.test(name)
    ? `\\${name.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}`
    : name;
  const report = (result: string): undefined => {
    if (!tool.has("status")) tool.out(`${shown}: ${result}\n`);
  };
  try {
    if (tool.has("ignore-missing") && name !== "-" && tool.find(name) === undefined) return;
    if (hashOf(digest, openInput(tool, name)) === entry.hash.toLowerCase()) {
      counts.matched++;
      if (!tool.has("quiet")) report("OK");
    } else {
      counts.mismatched++;
      report("FAILED");
    }
  } catch (error) {
    if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
    counts.unreadable++;
    tool.say(`${quoteName(name)}: ${error.text}`);
    report("FAILED open or read");
  }
}

function parseLine(digest: Digest, text: string): { readonly hash: string; readonly name: string } | undefined {
  const trimmed = text.replace(/^[ \t]+/, "");
  const escaped = trimmed.startsWith("\\");
  const body = escaped ? trimmed.slice(1) : trimmed;
  const plainName = (name: string): string =>
    escaped ? name.replace(/\\([nr\\])/g, (_, c: string) => (c === "n" ? "\n" : c === "r" ? "\r" : "\\")) : name;
  const tagged = new RegExp(`^${digest.name} ?\\((.*)\\) ?= ([0-9a-fA-F]{${digest.hexDigits}})$`, "s").exec(body);
  if (tagged !== null) return { hash: tagged[2]!, name: plainName(tagged[1]!) };
  const plain = new RegExp(`^([0-9a-fA-F]{${digest.hexDigits}})[ \\t][ *]?(.+)$`, "s").exec(body);
  return plain === null ? undefined : { hash: plain[1]!, name: plainName(plain[2]!) };
}
