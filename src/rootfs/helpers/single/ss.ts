/**
 * ss(8) where no process runs: no socket is open, only the header is printed.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";

export const ss: Command = defineTool(
  { short: "nltH", long: { numeric: "n", listening: "l", tcp: "t", "no-header": "H" } },
  (tool) => {
    if (!tool.has("t")) tool.unsupported("without -t");
    if (!tool.has("H")) tool.out("State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n");
    return 0;
  },
);
