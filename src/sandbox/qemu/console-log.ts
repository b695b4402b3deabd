/**
 * What a machine wrote to its serial console, as text that can be searched: UTF-8 decoded across chunks, without the
 * escape sequences of firmware and boot loaders, with plain line ends.
 */

import { StringDecoder } from "node:string_decoder";

/** CSI sequences, OSC strings, and two-character escapes. */
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_=>])/g;
/** An escape sequence that has not ended yet. */
const OPEN_ESCAPE = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200})?$/;
/** A guest must not be able to fill the host's memory. */
const CHARACTERS_MAX = 8 << 20;

/** The text of a console, with a place up to which it has been searched. */
export class ConsoleLog {
  private decoder = new StringDecoder("utf8");
  private pending = "";
  private kept = "";
  private searched = 0;

  /** Takes what came from the console. */
  append(bytes: Uint8Array): void {
    this.pending += this.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const open = OPEN_ESCAPE.exec(this.pending);
    const whole = open === null ? this.pending : this.pending.slice(0, open.index);
    this.pending = this.pending.slice(whole.length);
    this.kept += whole.replace(ESCAPES, "").replaceAll("\r", "");
    if (this.kept.length > CHARACTERS_MAX) {
      const dropped = this.kept.length - CHARACTERS_MAX / 2;
      this.kept = this.kept.slice(dropped);
      this.searched = Math.max(0, this.searched - dropped);
    }
  }

  /** All text so far; of very long ones the end. */
  get text(): string {
    return this.kept;
  }

  /** Finds what comes after the last thing found, and moves behind it. */
  next(pattern: string | RegExp): string | undefined {
    const rest = this.kept.slice(this.searched);
    if (typeof pattern === "string") {
      const at = rest.indexOf(pattern);
      if (at < 0) return undefined;
      this.searched += at + pattern.length;
      return pattern;
    }
    const found = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(rest);
    if (found === null) return undefined;
    this.searched += found.index + found[0].length;
    return found[0];
  }

  /** Forgets everything: the machine starts anew. */
  clear(): void {
    this.decoder = new StringDecoder("utf8");
    this.pending = "";
    this.kept = "";
    this.searched = 0;
  }
}
