/**
 * Every command that scripts can run without being a shell program: the text tools and Debian's helpers.
 */
import { helperCommands } from "../rootfs/helpers/table.js";
import type { Command } from "../rootfs/shell/process.js";
import { textTools } from "../rootfs/shell/tools/table.js";

/** By the base name of the real file. A helper of Debian goes before a tool of the same name. */
export const emulatedCommands: ReadonlyMap<string, Command> = new Map([...textTools, ...helperCommands]);
