/** false(1). */
import type { Command } from "../process.js";

export const falseCommand: Command = () => 1;
