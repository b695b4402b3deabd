/**
 * `sign ARTIFACT`: a PE file (a UKI) with an Authenticode signature, made with a key or taken from a file that was kept.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import { writeFileAtomically } from "../../io/atomic-file.js";
import { OpenFiles } from "../../io/open-files.js";
import { readCertificate } from "../../uki/signing/certificate.js";
import { attachSignature, signPe } from "../../uki/signing/sign-pe.js";
import { readPrivateKey, signerOf } from "../../uki/signing/signer.js";
import type { CommandContext } from "../common-options.js";
import { openNamed, readNamed } from "../named-file.js";
import type { SignFlags } from "../options/sign.js";

const MISSING = "sign/file-missing";

/** Signs an artifact; writes the signed file, and the signature alone beside it. */
export async function sign(context: CommandContext, artifact: string, own: SignFlags): Promise<number> {
  const read = (name: string): Uint8Array => readNamed(context, name, MISSING);
  const files = new OpenFiles();
  try {
    const { path, content } = openNamed(context, artifact, { files, code: MISSING });
    const to = own.to === undefined ? `${path.replace(/\.efi$/, "")}.signed.efi` : context.path(own.to);
    const written = [to];
    if (own.attach !== undefined) {
      await writeFileAtomically(to, await attachSignature(content, read(own.attach)));
    } else {
      if (own.key === undefined || own.certificate === undefined)
        throw new AssembleError("sign/options", "Cannot sign: --key with --certificate, or --attach was wanted", {
          hint: "tdx-assemble keys generate DIR makes keys",
        });
      const key = readPrivateKey(Buffer.from(read(own.key)).toString("latin1"), own.key);
      const certificate = readCertificate(read(own.certificate), own.certificate);
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
