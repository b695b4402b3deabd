/**
 * `sign ARTIFACT`: a PE file (a UKI) with an Authenticode signature, made with a key or taken from a file that was kept.
 */
import { readFileSync, statSync } from "node:fs";
import { AssembleError } from "../../errors/assemble-error.js";
import { writeFileAtomically } from "../../io/atomic-file.js";
import { contentOfFile } from "../../io/file-content.js";
import { OpenFiles } from "../../io/open-files.js";
import { readCertificate } from "../../uki/signing/certificate.js";
import { attachSignature, signPe } from "../../uki/signing/sign-pe.js";
import { readPrivateKey, signerOf } from "../../uki/signing/signer.js";
import type { CommandContext } from "../common-options.js";
import type { SignFlags } from "../options/sign.js";

/** Signs an artifact; writes the signed file, and the signature alone beside it. */
export async function sign(context: CommandContext, artifact: string, own: SignFlags): Promise<number> {
  const path = context.path(artifact);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true)
    throw new AssembleError("sign/file-missing", `Cannot sign ${artifact}: it is no file, a PE file was wanted`);
  const files = new OpenFiles();
  try {
    const content = contentOfFile(files, { path, size: stats.size });
    const to = own.to === undefined ? `${path.replace(/\.efi$/, "")}.signed.efi` : context.path(own.to);
    const written = [to];
    if (own.attach !== undefined) {
      await writeFileAtomically(to, await attachSignature(content, read(context, own.attach)));
    } else {
      if (own.key === undefined || own.certificate === undefined)
        throw new AssembleError("sign/options", "Cannot sign: --key with --certificate, or --attach was wanted", {
          hint: "tdx-assemble keys generate DIR makes keys",
        });
      const key = readPrivateKey(Buffer.from(read(context, own.key)).toString("latin1"), own.key);
      const certificate = readCertificate(read(context, own.certificate), own.certificate);
      const signed = await signPe(content, { signer: signerOf(key), certificate });
      await writeFileAtomically(to, signed.content);
      await writeFileAtomically(`${to}.p7s`, [signed.signature]);
      written.push(`${to}.p7s`);
    }
    if (context.terminal.json) context.terminal.result({ files: written });
    else for (const file of written) context.terminal.out(file);
  } finally {
    files.close();
  }
  return 0;
}

function read(context: CommandContext, name: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(context.path(name)));
  } catch (cause) {
    throw new AssembleError("sign/file-missing", `Cannot read ${name}: ${(cause as Error).message}`, { cause });
  }
}
