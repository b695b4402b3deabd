/**
 * getcap(8) and setcap(8): the attribute `security.capability` (capabilities(7), "File capability extended attribute versioning"),
 * which is written as version 2. Checked against libcap's setcap.
 */
import type { Command } from "../shell/process.js";
import { defineTool, type Tool } from "../shell/tools/tool.js";

const ATTRIBUTE = "security.capability";
const VERSION_2 = 0x02000000;
const EFFECTIVE = 1;

/** linux/capability.h, by number. */
const NAMES = [
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast",
  "net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice",
  "sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm",
  "block_suspend audit_read perfmon bpf checkpoint_restore",
]
  .join(" ")
  .split(" ");

interface Capabilities {
  permitted: bigint;
  inheritable: bigint;
  effective: boolean;
}

export const setcap: Command = defineTool({ short: "qr", refused: "nvhf", operandsEndOptions: true }, (tool) => {
  const operands = tool.has("r") ? ["", ...tool.operands] : [...tool.operands];
  if (operands.length !== 2) tool.unsupported(tool.operands.join(" "));
  const [text, path] = operands as [string, string];
  const node = tool.find(path, { follow: false });
  if (node === undefined) return tool.die(`Failed to set capabilities on file \`${path}' (No such file or directory)`);
  if (node.type !== "file") return tool.die(`filename must designate a regular file`);
  if (text === "") {
    node.xattrs?.delete(ATTRIBUTE);
    return 0;
  }
  node.xattrs ??= new Map();
  node.xattrs.set(ATTRIBUTE, encode(parse(tool, text)));
  return 0;
});

export const getcap: Command = defineTool({ refused: "nvhr" }, (tool) => {
  for (const path of tool.operands) {
    const node = tool.find(path, { follow: false });
    if (node === undefined) {
      tool.process.stderr.write(`${path} (No such file or directory)\n`);
      continue;
    }
    const attribute = node.xattrs?.get(ATTRIBUTE);
    if (node.type === "file" && attribute !== undefined) tool.out(`${path} ${format(tool, attribute)}\n`);
  }
  return 0;
});

/** cap_from_text(3): clauses of names, an operator and flags. */
function parse(tool: Tool, text: string): Capabilities {
  const result: Capabilities = { permitted: 0n, inheritable: 0n, effective: false };
  const effective = { bits: 0n };
  for (const clause of text.split(/\s+/).filter((word) => word !== "")) {
    const match = /^([a-z_,]*)((?:[=+-][eip]*)+)$/.exec(clause.toLowerCase());
    if (match === null) return tool.unsupported(clause);
    const names =
      match[1] === "" || match[1] === "all" ? NAMES : match[1]!.split(",").map((name) => name.replace(/^cap_/, ""));
    if (match[1] === "" && !match[2]!.startsWith("=")) tool.unsupported(clause);
    let bits = 0n;
    for (const name of names) {
      const at = NAMES.indexOf(name);
      if (at < 0) return tool.unsupported(clause);
      bits |= 1n << BigInt(at);
    }
    for (const [, operator, flags] of match[2]!.matchAll(/([=+-])([eip]*)/g)) {
      const apply = (flag: string, old: bigint): bigint => {
        if (operator === "=") return flags!.includes(flag) ? old | bits : old & ~bits;
        if (!flags!.includes(flag)) return old;
        return operator === "+" ? old | bits : old & ~bits;
      };
      result.permitted = apply("p", result.permitted);
      result.inheritable = apply("i", result.inheritable);
      effective.bits = apply("e", effective.bits);
    }
  }
  const all = result.permitted | result.inheritable;
  if (effective.bits !== 0n && effective.bits !== all) tool.unsupported(`${text}: effective for a part only`);
  result.effective = effective.bits !== 0n;
  return result;
}

function encode(capabilities: Capabilities): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, VERSION_2 | (capabilities.effective ? EFFECTIVE : 0), true);
  for (const half of [0, 1]) {
    const part = (bits: bigint): number => Number((bits >> BigInt(32 * half)) & 0xffffffffn);
    view.setUint32(4 + 8 * half, part(capabilities.permitted), true);
    view.setUint32(8 + 8 * half, part(capabilities.inheritable), true);
  }
  return bytes;
}

/** cap_to_text(3) for sets whose members have the same flags. */
function format(tool: Tool, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const join = (at: number): bigint => BigInt(view.getUint32(at, true)) | (BigInt(view.getUint32(at + 8, true)) << 32n);
  const [permitted, inheritable] = [join(4), join(8)];
  if (permitted !== 0n && inheritable !== 0n && permitted !== inheritable)
    return tool.unsupported("for mixed capabilities");
  const names = NAMES.filter((_, at) => (((permitted | inheritable) >> BigInt(at)) & 1n) === 1n).map(
    (name) => `cap_${name}`,
  );
  const flags = `${(view.getUint32(0, true) & EFFECTIVE) !== 0 ? "e" : ""}${inheritable === 0n ? "" : "i"}${permitted === 0n ? "" : "p"}`;
  return `${names.join(",")}=${flags}`;
}
