/**
 * A signer that is a program of the host: a token's tool, a client of a signing service. It is handed the 32 bytes of a sha256 digest on
 * stdin and writes an RSA PKCS#1 v1.5 signature of it to stdout, raw:
 *
 *     openssl pkeyutl -sign -inkey db.key -pkeyopt digest:sha256
 */

import { spawn } from "node:child_process";
import { AssembleError } from "../errors/assemble-error.js";
import type { Signer } from "../uki/signing/signer.js";

const OUTPUT_BYTES_MAX = 1 << 16;

/** A signer that runs a command line of the host's shell in `directory`. Its signer throws `sign/signer-failed`. */
export function externalSigner(command: string, directory: string): Signer {
  return (digest) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, { shell: true, cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
      const parts: Buffer[] = [];
      let messages = "";
      let size = 0;
      const fail = (is: string): void => {
        const said = messages.trim().split("\n").at(-1) ?? "";
        const tail = said === "" ? "" : `; it said: ${said}`;
        reject(
          new AssembleError(
            "sign/signer-failed",
            `Cannot sign with the command ${command}: ${is}, a signature on its standard output was wanted${tail}`,
          ),
        );
      };
      child.stdout.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= OUTPUT_BYTES_MAX) parts.push(chunk);
      });
      child.stderr.on("data", (chunk: Buffer) => {
        messages = (messages + chunk.toString("utf8")).slice(-4096);
      });
      // A signer that reads nothing is judged by what it writes.
      child.stdin.on("error", () => {});
      child.on("error", (error) => fail(error.message));
      child.on("close", (status) => {
        if (status !== 0) fail(`it ended with status ${status}`);
        else if (size === 0 || size > OUTPUT_BYTES_MAX) fail(`it wrote ${size} bytes`);
        else resolve(new Uint8Array(Buffer.concat(parts)));
      });
      child.stdin.end(digest);
    });
}
