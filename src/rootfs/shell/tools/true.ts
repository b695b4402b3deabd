/** true(1). */
import type { Command } from "../process.js";

export const trueCommand: Command = () => 0;
