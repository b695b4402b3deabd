/**
 * setcap(8) and getcap(8) of libcap: file capabilities as the extended attribute `security.capability`, revision 2 (capabilities(7),
 * linux/capability.h: struct vfs_cap_data).
 */
import { at, layout, u32 } from "../../bytes/layout.js";
import type { Command } from "../shell/process.js";
import { defineTool, type Tool } from "../shell/tools/tool.js";

const VfsCapData = layout("VfsCapData", 20, "little", {
  magicEtc: at(0, u32),
  permittedLow: at(4, u32),
  inheritableLow: at(8, u32),
  permittedHigh: at(12, u32),
  inheritableHigh: at(16, u32),
});

const REVISION_2 = 0x02000000;
const EFFECTIVE = 1;
const ATTRIBUTE = "security.capability";

/** Names by number, linux/capability.h. */
const NAMES = (
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast " +
  "net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice " +
  "sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm " +
  "block_suspend audit_read perfmon bpf checkpoint_restore"
).split(" ");

interface Sets {
  permitted: bigint;
  inheritable: bigint;
  effective: bigint;
}

export const setcap: Command = defineTool({ short: "qrv", long: {}, refused: "fhknN" }, (tool) => {
  const operands = [...tool.operands];
  if (tool.has("v")) tool.unsupported("-v");
  if (tool.has("r")) {
    for (const path of operands) tool.stat(path).xattrs?.delete(ATTRIBUTE);
    return 0;
  }
  if (operands.length === 0 || operands.length % 2 !== 0) return tool.usage("a capability set and a file are needed");
  for (let i = 0; i < operands.length; i += 2) {
    const node = tool.stat(operands[i + 1]!);
    if (node.type !== "file")
      return tool.die(`Failed to set capabilities on file '${operands[i + 1]}': Invalid argument`);
    node.xattrs ??= new Map();
    node.xattrs.set(ATTRIBUTE, encode(tool, parseSets(tool, operands[i]!)));
  }
  return 0;
});

export const getcap: Command = defineTool({ short: "v", long: {}, refused: "hnr" }, (tool) => {
  for (const path of tool.operands) {
    const node = tool.find(path);
    if (node === undefined) {
      tool.complain(`Failed to get capabilities of file '${path}' (No such file or directory)`);
      continue;
    }
    const bytes = node.xattrs?.get(ATTRIBUTE);
    if (bytes !== undefined) tool.out(`${path} ${formatSets(tool, bytes)}\n`);
    else if (tool.has("v")) tool.out(`${path}\n`);
  }
  return tool.status;
});

/** cap_from_text(3): clauses of names, an operator, and flags out of e, i, p. */
function parseSets(tool: Tool, text: string): Sets {
  const sets: Sets = { permitted: 0n, inheritable: 0n, effective: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    const match = /^([a-z_,]*)([=+-])([eip]*)$/.exec(clause.toLowerCase());
    if (match === null) return tool.unsupported(clause);
    let mask = 0n;
    for (const name of match[1] === "" || match[1] === "all" ? NAMES : match[1]!.split(",")) {
      const number = NAMES.indexOf(name.replace(/^cap_/, ""));
      if (number < 0) return tool.die(`fatal error: Invalid argument`);
      mask |= 1n << BigInt(number);
    }
    for (const [flag, key] of [
      ["e", "effective"],
      ["i", "inheritable"],
      ["p", "permitted"],
    ] as const) {
      const wanted = match[3]!.includes(flag);
      if (match[2] === "=") sets[key] = wanted ? sets[key] | mask : sets[key] & ~mask;
      else if (wanted) sets[key] = match[2] === "+" ? sets[key] | mask : sets[key] & ~mask;
    }
  }
  return sets;
}

function encode(tool: Tool, sets: Sets): Uint8Array {
  const all = sets.permitted | sets.inheritable;
  // A file has one effective bit for all of its capabilities.
  if (sets.effective !== 0n && sets.effective !== all)
    tool.unsupported("with some capabilities effective and others not");
  const low = (set: bigint): number => Number(set & 0xffffffffn);
  const high = (set: bigint): number => Number(set >> 32n);
  return VfsCapData.encode({
    magicEtc: REVISION_2 | (sets.effective === 0n ? 0 : EFFECTIVE),
    permittedLow: low(sets.permitted),
    inheritableLow: low(sets.inheritable),
    permittedHigh: high(sets.permitted),
    inheritableHigh: high(sets.inheritable),
  });
}

function formatSets(tool: Tool, bytes: Uint8Array): string {
  if (bytes.length !== VfsCapData.size) return tool.unsupported("for capabilities of another revision");
  const data = VfsCapData.decode(bytes);
  const permitted = BigInt(data.permittedLow) | (BigInt(data.permittedHigh) << 32n);
  const inheritable = BigInt(data.inheritableLow) | (BigInt(data.inheritableHigh) << 32n);
  const effective = (data.magicEtc & EFFECTIVE) !== 0;
  const groups = new Map<string, string[]>();
  for (const [number, name] of NAMES.entries()) {
    const bit = 1n << BigInt(number);
    const flags = `${effective && ((permitted | inheritable) & bit) !== 0n ? "e" : ""}${(inheritable & bit) !== 0n ? "i" : ""}${(permitted & bit) !== 0n ? "p" : ""}`;
    if (flags !== "") groups.set(flags, [...(groups.get(flags) ?? []), `cap_${name}`]);
  }
  return [...groups].map(([flags, names]) => `${names.join(",")}=${flags}`).join(" ");
}
