/**
 * Keeps services from being started while packages are configured, the way mmdebstrap does: invoke-rc.d asks policy-rc.d, which
 * says 101 (forbidden), and start-stop-daemon does nothing. Neither leaves a trace in the tree.
 */
import type { Command } from "../shell/process.js";
import type { Node } from "../tree/node.js";
import type { Tree } from "../tree/tree.js";

const POLICY = "/usr/sbin/policy-rc.d";

/** The guard of one tree. */
export class ServiceGuard {
  readonly #tree: Tree;
  #own: Node | undefined;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Emulated commands by name. */
  get commands(): ReadonlyMap<string, Command> {
    return new Map<string, Command>([
      ["policy-rc.d", () => 101],
      [
        "start-stop-daemon",
        (process) => {
          process.stdout.write("\nWarning: Fake start-stop-daemon called, doing nothing\n");
          return 0;
        },
      ],
    ]);
  }

  /** Puts a policy-rc.d into the tree if it has none. */
  install(): void {
    if (this.#tree.lookup(POLICY) !== undefined) return;
    this.#tree.mkdirs("/usr/sbin", { mode: 0o755 });
    this.#own = this.#tree.write(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  }

  /** Takes it out again, unless a package ships one. */
  remove(): void {
    if (this.#own !== undefined && this.#tree.lookup(POLICY) === this.#own) this.#tree.unlink(POLICY);
  }
}
