/** Commands that sed runs for `e`: popen(3), so by the shell, whatever their status is. */
import type { Tool } from "../tool.js";

/** What a command prints. Its input is empty, since sed has read its own ahead. */
export function outputOf(tool: Tool, text: string): string {
  return tool.process.capture(["/bin/sh", "-c", text, "sh"]).output;
}
