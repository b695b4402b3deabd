/** LZMA streams: those of xz, and what is cut off or damaged. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeLzmaAlone } from "#dist/codec/xz/decode-lzma-alone.js";
import { encodeLzmaAlone } from "../../fixtures/lzma/encode-lzma-alone.js";

/** What `xz --format=lzma` made of bytes with matches at all distances, with their number put into the header. */
const streams = [
  [
    "lc=3,lp=0,pb=2",
    [
      "XQAAAQDPCAAAAAAAAAAEDafTv60zfsgJesxLTGMltqsv0YjyMP48qR7FZg4s2atNpBM3pGn+4GFDY01JPwLRTKreYuaO1vDB0AK4",
      "hGMAUwZfjuie1zhMiOhwBNzkwC1eA+f7WYZDhezDdumdGzrjw/nnvxjDmRUPHkuc/Aufp2QtrW20BoW2S6WbzkuYYBYbUu+yuJYs",
      "AYJe2hp0EMtr9yqy2eVQoXilV+1QGpZ9Dg25E75JuzHrkiryExzXs7teDnYwNe2OZ9kbVl80fX9A2BkZxdWRNJTgpYWFx3KZy6JG",
      "GaX2LJlPuxK8xFORxtDuY5+4IFHysUYYextNSMMLpipR+p1Nhrm/Fa+i2w3kI1TQX/aQY91LnrBdVUJnhdZwYsDdyPIgksO1AKQ8",
      "cRe5neGs2PL/eNIjJ+AzLHkbz4Y/1BECNtAO+Z6OAlfVkzc7UrpzuU/hsTZbBlINv80q93kORKvcU3vlZwPjMEydL2zYb9AcKv7Y",
      "mM8qtPj9R1HeMLeCUGs5+DgC9lFXyG6H31cW6+l2U/fiwYOLZvoOH/KxIjM6voxXKDV6YBvZZ3dJMV//JGP5AA==",
    ],
  ],
  [
    "lc=0,lp=2,pb=0",
    [
      "EgAAAQDPCAAAAAAAAAAEDSMQgTEzZGh3zmsVLwrjq3DDHh+BYVmXB58nWESrYTJBrQz/Bu5MJFygHuO+uN+xJyg5fymc+dTOteno",
      "ZqMcvzmaT4Fd+lXmqiuEI5MoJI4RUKY2NQHlgG5ONa0Q9btVDxPHt9wdD4rnoXKDjy6yVQsMy4HNgCrNq+30gB8EnPRifIR/b4rC",
      "O8vGpnj+PUk6cDShh4EN4uQf72YFRS+JL+oAL9Mltd6IbgaYBPl1We3RIFRtbkia3/F7GPva+jUXjO+lazCbUcEKzXnyPgpkhFXP",
      "NXq6h5GwiNK1r8G7BVVrX9ZmBDjT8Gq/C1b4pKYcOK2/PSAuHVJgIgMmS1hOncy2AiSLlMBY8ptcRqc42pMg6NWccBeIcO8vcTrT",
      "TMJ+x1wJ6Abq6Z0VDR6Ra5kQbX81wTno9vYtQV6LKwO8nSpkorONbIoVWxO4LCecLBCswkZaYHJvqlLuE5DaLOcJKU5QGc634k6M",
      "sL3c1NsETEZBtp6dgOZSLcndhn57L0bMPXP5Y8Rydz32Ejco+iId+a8kfU0/ITeZF1nLLWAP6uJjcrqH4hn94fba9Aal/9+5gMQ=",
    ],
  ],
  [
    "lc=4,lp=0,pb=4",
    [
      "uAAAAQDPCAAAAAAAAAAEDafTv60zfsRpCKQ1qLSjd523rpv5D0iprHTI6SfzyYvQsDiclvTmJmsiy2p/ZGRb/2QLtYcPdLrofDfp",
      "4U7r4U80UgGTjpfjli2xbmEIXXSFdeI0IKKuGZrliw099QPExomvgVVf54ryy+5F1L54i0IpVbxsH+1V9AXFJr9Aj2TVUOv8Ypvv",
      "8j0UB7DyAc01fvNopAaQDzzSpM/u2bnlFlPzwkENPLpnMPZHOZsgkx7+lp0VkD+s3XQT7WmVfiyJmi0Hl++5MqU4DIk2MnUaZZsm",
      "aGyKMzWvQWFKVVWZzxrb7KgvHP7RHlRy6vvFkSnIbIBxN684wCTRWvhjODGnFpVBWphfzUKYaOvFZdnD0OGsEfNVoiOw6si71DaD",
      "NLsEOgUvxQYz/OmKeFmYUl+VZaCu7a0uYPOUfcnOTgelTedgO79/zr14pmCvHbq4hzOaWsB0VdOP3ifyQ95V3/KHxKgKnrUPlQbV",
      "n4Pgi4IlsMjD2QgpmxiwEk73/dUSHd8Wug1yggZe+poiM3XKb+ZO1lRjZVhCeqeUBxtXVj0EbRsAVU0XpBGo1wqs///IYEbC",
    ],
  ],
] as const;
const bytesOf = (text: readonly string[]) => new Uint8Array(Buffer.from(text.join(""), "base64"));
const limits = { maxBytes: 1 << 16 };

/** The bytes: literals, and copies of what came before. */
function plain(): Uint8Array {
  const bytes: number[] = [];
  let x = 12345;
  for (let i = 0; i < 300; i++) {
    x = Number((BigInt(x) * 1103515n + 12345n) % 2147483647n);
    const r = x >> 8;
    if (r % 3 !== 0 || bytes.length <= 4) {
      bytes.push(r & 63);
      continue;
    }
    const distance = 1 + (r % bytes.length);
    for (let n = 2 + (r % 40); n > 0; n--) bytes.push(bytes.at(-distance)!);
  }
  return Uint8Array.from(bytes);
}

describe("LZMA with its own header", () => {
  it.each(streams)("of xz with %s is decoded", (_, text) => {
    const decoded = decodeLzmaAlone(bytesOf(text), limits);
    expect(createHash("sha256").update(decoded).digest("hex")).toBe(
      "b524e0848e3e83c40e63566bda4adbf02bcb96bc16a79a674bdb7865ad8d2c97",
    );
    expect(decoded).toEqual(plain());
  });

  it("of the tests' own encoder is decoded", () => {
    for (const data of [new Uint8Array(0), Uint8Array.of(0xff), plain(), new Uint8Array(3000).fill(0xff)])
      expect(decodeLzmaAlone(encodeLzmaAlone(data), limits)).toEqual(data);
  });

  it("that is cut off anywhere, is too large or is none has an error of its own", () => {
    const whole = bytesOf(streams[0][1]);
    for (let size = 0; size < whole.length - 12; size += 7)
      expect(() => decodeLzmaAlone(whole.subarray(0, size), limits), `${size}`).toThrow(
        expect.objectContaining({ code: "codec/xz-truncated" }),
      );
    const changed = (at: number, value: number) => {
      const bytes = whole.slice();
      bytes[at] = value;
      return () => decodeLzmaAlone(bytes, limits);
    };
    expect(changed(0, 225)).toThrow(expect.objectContaining({ code: "codec/xz-corrupt" }));
    expect(changed(13, 1)).toThrow(expect.objectContaining({ code: "codec/xz-corrupt" }));
    expect(changed(8, 1)).toThrow(expect.objectContaining({ code: "codec/xz-unsupported" }));
    // The first symbol is a match of what is not there.
    expect(changed(14, 0xff)).toThrow(expect.objectContaining({ code: "codec/xz-corrupt" }));
  });
});
