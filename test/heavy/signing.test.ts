import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guidText } from "#dist/bytes/guid.js";
import { oracleScratch, oracleTree, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const CLI = join(process.cwd(), "dist/cli/main.js");
const STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";

let scratch: ReturnType<typeof oracleScratch>;
const place = (name: string): string => join(scratch.outside, name);
const tool = (...command: string[]): string => runInOracle(scratch.inside, command);

beforeAll(() => {
  scratch = oracleScratch();
  execFileSync(process.execPath, [CLI, "keys", "generate", place("keys")]);
  copyFileSync(join(oracleTree(), STUB), place("stub.efi"));
  const key = ["--key", place("keys/db.key"), "--certificate", place("keys/db.crt")];
  execFileSync(process.execPath, [CLI, "sign", place("stub.efi"), ...key]);
});
afterAll(() => scratch.remove());

describe("signatures", () => {
  it("are good to sbverify, with the right certificate and an unaltered file only", () => {
    expect(tool("sbverify", "--cert", "keys/db.crt", "stub.signed.efi")).toContain("Signature verification OK");
    expect(() => tool("sbverify", "--cert", "keys/KEK.crt", "stub.signed.efi")).toThrow();
    const altered = readFileSync(place("stub.signed.efi"));
    altered[0x1000]! ^= 1;
    writeFileSync(place("altered.efi"), altered);
    expect(() => tool("sbverify", "--cert", "keys/db.crt", "altered.efi")).toThrow();
  });

  it("are taken off and put on by sbattach as by us", () => {
    tool("sbattach", "--detach", "detached", "stub.signed.efi");
    const kept = readFileSync(place("stub.signed.efi.p7s"));
    expect(readFileSync(place("detached")).subarray(0, kept.length).equals(kept)).toBe(true);
    execFileSync(process.execPath, [
      CLI,
      "sign",
      place("stub.efi"),
      "--attach",
      place("stub.signed.efi.p7s"),
      "--to",
      place("again.efi"),
    ]);
    expect(readFileSync(place("again.efi")).equals(readFileSync(place("stub.signed.efi")))).toBe(true);
  });

  it("and certificates are sound to openssl", () => {
    expect(
      tool("openssl", "verify", "-check_ss_sig", "-x509_strict", "-CAfile", "keys/db.crt", "keys/db.crt"),
    ).toContain("OK");
    expect(
      tool("openssl", "pkcs7", "-inform", "DER", "-in", "stub.signed.efi.p7s", "-print_certs", "-noout"),
    ).toContain("tdx-assemble db");
  });
});

describe("enrolment files", () => {
  it.each([
    ["PK", "PK"],
    ["KEK", "PK"],
    ["db", "KEK"],
  ])("%s is byte for byte that of efitools", (name, by) => {
    const list = readFileSync(place(`keys/${name}.esl`));
    tool("cert-to-efi-sig-list", "-g", guidText(list.subarray(28, 44)), `keys/${name}.crt`, `${name}.esl`);
    expect(readFileSync(place(`${name}.esl`)).equals(list)).toBe(true);
    tool(
      "sign-efi-sig-list",
      "-t",
      "2020-01-01 00:00:00",
      "-k",
      `keys/${by}.key`,
      "-c",
      `keys/${by}.crt`,
      name,
      `${name}.esl`,
      `${name}.auth`,
    );
    expect(readFileSync(place(`${name}.auth`)).equals(readFileSync(place(`keys/${name}.auth`)))).toBe(true);
  });

  it("are never written over", () => {
    expect(() => execFileSync(process.execPath, [CLI, "keys", "generate", place("keys")], { stdio: "pipe" })).toThrow(
      /sign\/key-exists/,
    );
  });
});
