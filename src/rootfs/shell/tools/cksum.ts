/** cksum(1) of coreutils 9.7 with its default algorithm, POSIX's CRC (XCU cksum). */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { defineTool } from "./tool.js";

export const cksum: Command = defineTool({}, (tool) => {
  const table = crcTable();
  eachInput(tool, (stream, operand) => {
    let crc = 0;
    let size = 0;
    const add = (byte: number): undefined => {
      crc = ((crc << 8) ^ table[((crc >>> 24) ^ byte) & 255]!) >>> 0;
    };
    for (let part = stream.read(65536); part !== ""; part = stream.read(65536)) {
      size += part.length;
      for (let i = 0; i < part.length; i++) add(part.charCodeAt(i));
    }
    for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) add(rest % 256);
    const name = tool.operands.length === 0 ? "" : ` ${operand}`;
    tool.out(`${~crc >>> 0} ${size}${name}\n`);
  });
});

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value >>> 0;
  });
}
