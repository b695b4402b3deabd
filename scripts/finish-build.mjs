/** Makes the command executable: tsc writes files without the bit, and `npx` in a clone runs the file itself. */
import { chmodSync } from "node:fs";

chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
