import { describe, expect, it } from "vitest";
import { checkCommandLine, joinCommandLine } from "#dist/uki/command-line.js";

describe("the command line", () => {
  it("joins words with single blanks", () => {
    expect(joinCommandLine(["console=tty0", " ", "a  b ", ""])).toBe("console=tty0 a  b");
  });

  it("counts bytes, not characters", () => {
    expect(() => checkCommandLine("x".repeat(2047))).not.toThrow();
    expect(() => checkCommandLine("x".repeat(2048))).toThrow(
      expect.objectContaining({ code: "uki/command-line-too-long" }),
    );
    expect(() => checkCommandLine("é".repeat(1024))).toThrow(/it is 2048 bytes/);
  });

  it.each([0, 9, 10, 13, 27, 31, 127])("refuses control character %i and says where it is", (code) => {
    expect(() => joinCommandLine([`ab${String.fromCharCode(code)}c`])).toThrow(
      expect.objectContaining({ code: "uki/command-line-invalid", message: expect.stringContaining(" at 2") }),
    );
  });
});
