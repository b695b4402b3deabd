/** The random trees that are too many for CI; `heavy/ext4` has the first fifty of the thousand. */
import { afterAll, it } from "vitest";
import { oracleScratch } from "../fixtures/oracle/oracle-tree.js";
import { checkRandomExt4 } from "../fixtures/oracle/random-ext4.js";

const scratch = oracleScratch();
afterAll(() => scratch.remove());

it("ext4 is clean for e2fsck and holds the tree for debugfs: 950 random trees", async () => {
  await checkRandomExt4(scratch, { from: 51, to: 1000 });
}, 3_600_000);
