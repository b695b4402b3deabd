/**
 * Accounts for every byte of the initramfs of a file-system root, as a Markdown table: each file with its bytes, its bytes compressed alone, and what it is for.
 *
 *   node scripts/initramfs-account.mjs UKI                  prints the table
 *   node scripts/initramfs-account.mjs UKI --write FILE     puts it between the marks in FILE
 *   node scripts/initramfs-account.mjs UKI --check FILE     fails where FILE's table names other files, or there are too many bytes
 */
import { readFileSync, writeFileSync } from "node:fs";
import { contentOfBytes, readContent } from "../dist/bytes/content.js";
import { compressZstd } from "../dist/codec/zstd/compress-zstd.js";
import { walkInitramfs } from "../dist/report/inspect/walk-initramfs.js";
import { findSection, readPe, sectionContent } from "../dist/uki/pe/read-pe.js";

const LEVEL = 19;
/** Without the kernel's modules, compressed, verity included. */
const BYTES_MAX = 3_000_000;
const BEGIN = "<!-- initramfs-account -->";
const END = "<!-- /initramfs-account -->";

/** The first that fits a path says what the file is for. */
const PURPOSES = [
  [/^init$/, "the script that mounts the root and starts its /init"],
  [/^settings$/, "what to mount, with the root hash"],
  [/^modules$/, "the order of modules"],
  [/busybox$/, "the shell, mount, insmod, switch_root"],
  [/dmsetup$/, "dm-verity's table"],
  [/libc\.so/, "the C library: busybox, dmsetup and all libraries"],
  [/libm\.so/, "libdevmapper"],
  [/libresolv\.so/, "busybox"],
  [/lib(?:devmapper|udev)[-.\d]*so/, "dmsetup"],
  [/lib(?:selinux|pcre2-8)\.so/, "libdevmapper"],
  [/libcap\.so/, "libudev"],
  [/ld-linux/, "the loader, at one of the two paths that programs and libraries name"],
  [/modules\.d\/(?:dm_|reed_solomon|sha)/, "module: the root hash"],
  [/modules\.d\/(?:squashfs|erofs|ext4|overlay|loop)/, "module: the root"],
  [/modules\.d\/(?:virtio|hv_|pci_hyperv|scsi|sd_mod|nvme)/, "module: disks of QEMU, Google, Azure"],
];
const isModule = (path) => path.startsWith("modules.d/");
const isVerified = (path) => /dm_verity/.test(path);

async function readEntries(initrd) {
  const entries = [];
  for await (const { path, type, size, chunks } of walkInitramfs(initrd)) {
    const bytes = type === "file" ? await readContent({ size, chunks }) : new Uint8Array();
    entries.push({ path: path.replace(/^\.?\/+/, ""), type, bytes });
  }
  return entries;
}

/** Files with what each takes, and the sums. */
async function accountOf(initrd) {
  const entries = await readEntries(initrd);
  const rows = entries
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ path, bytes }) => ({ path, bytes: bytes.length, packed: compressZstd(bytes, LEVEL).length }))
    .sort((a, b) => Number(isModule(a.path)) - Number(isModule(b.path)) || (a.path < b.path ? -1 : 1));
  const own = entries.filter(({ path, bytes }) => bytes.length > 0 && !isModule(path)).map(({ bytes }) => bytes);
  return {
    rows,
    others: entries.length - rows.length,
    files: rows.reduce((sum, row) => sum + row.bytes, 0),
    withoutModules: compressZstd(Buffer.concat(own), LEVEL).length,
  };
}

function tableOf({ rows, others, files, withoutModules }, { packed, unpacked }) {
  const number = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toLocaleString("en-US")}`;
  const alone = rows.reduce((sum, row) => sum + row.packed, 0);
  const row = (...cells) => `| ${cells.join(" | ")} |`;
  return [
    `${number(packed)} bytes, zstd ${LEVEL}, of ${number(unpacked)}; without the kernel's modules ${number(withoutModules)}. Each file compressed alone:`,
    "",
    row("file", "bytes", "packed", "for"),
    row("---", "---", "---", "---"),
    ...rows.map(({ path, bytes, packed: own }) => {
      const [, purpose] = PURPOSES.find(([pattern]) => pattern.test(path)) ?? [];
      if (purpose === undefined) throw new Error(`Nothing says what ${path} is for: add it to PURPOSES`);
      return row(`\`/${path}\``, number(bytes), number(own), purpose);
    }),
    row(`headers and padding of the archive; ${others} directories, links and devices`, number(unpacked - files), "in the rest", ""),
    row("compressed as one: the second loader costs nothing, and so on", "", number(packed - alone), ""),
    row("**all**", `**${number(unpacked)}**`, `**${number(packed)}**`, ""),
  ].join("\n");
}

/** The table's names in a text. */
function namesIn(text) {
  return [...text.matchAll(/^\| `(\/[^`]+)` \|/gm)].map(([, path]) => path);
}

const [file, option, target] = process.argv.slice(2);
if (file === undefined || (option !== undefined && (!["--write", "--check"].includes(option) || target === undefined))) {
  console.error("usage: node scripts/initramfs-account.mjs UKI [--write FILE | --check FILE]");
  process.exit(2);
}
const uki = contentOfBytes(new Uint8Array(readFileSync(file)));
const packed = await readContent(sectionContent(uki, findSection(await readPe(uki), ".initrd")));
const initrd = contentOfBytes(packed);
const segments = [];
for await (const _ of walkInitramfs(initrd, segments));
const sizes = { packed: packed.length, unpacked: segments.reduce((sum, one) => sum + one.unpackedSize, 0) };
const account = await accountOf(initrd);
const table = tableOf(account, sizes);
if (option === undefined) console.log(table);
else {
  const text = readFileSync(target, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${target} has no ${BEGIN} … ${END}`);
  if (option === "--write") writeFileSync(target, `${text.slice(0, begin + BEGIN.length)}\n${table}\n${text.slice(end)}`);
  else {
    const [has, wanted] = [namesIn(text.slice(begin, end)), namesIn(table)];
    const wrong = [
      ...wanted.filter((path) => !has.includes(path)).map((path) => `${path} is in the initramfs and not in ${target}`),
      ...has.filter((path) => !wanted.includes(path)).map((path) => `${path} is in ${target} and not in the initramfs`),
      ...(account.rows.some(({ path }) => isVerified(path)) ? [] : ["the initramfs has no dm-verity"]),
      ...(account.withoutModules > BYTES_MAX ? [`${account.withoutModules} bytes without modules, at most ${BYTES_MAX} were wanted`] : []),
    ];
    console.log(wrong.length === 0 ? `${account.withoutModules} bytes without modules; ${has.length} files` : wrong.join("\n"));
    process.exit(wrong.length === 0 ? 0 : 1);
  }
}
