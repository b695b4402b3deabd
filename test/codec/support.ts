/** What the codecs' tests share. */

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return join(...parts);
}

/** The code of the error that `run` throws; its message if it has none; "no error". */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no error";
}

/** The same of a promise. */
export async function codeOfAsync(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no error";
}

/** Reads bytes as `decodeFrom` wants it, at most `count` at a time. */
export function readerOf(bytes: Uint8Array, count: number): (target: Uint8Array) => number {
  let at = 0;
  return (target) => {
    const piece = bytes.subarray(at, at + Math.min(count, target.length));
    target.set(piece);
    at += piece.length;
    return piece.length;
  };
}
