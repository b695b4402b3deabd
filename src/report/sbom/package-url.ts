/**
 * Package URLs of Debian's packages.
 *
 * Specification: package-url (purl) and its type `deb`: `pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=trixie`.
 */

/** What a package URL is made of. */
export interface PackageUrlParts {
  readonly name: string;
  readonly version: string;
  /** `source` for a source package. */
  readonly architecture: string;
  /** `debian`, `security`, or the URI of another archive. */
  readonly archive: string;
  readonly codename?: string | undefined;
}

/** The URL. A package of another archive than Debian's has that archive's host as namespace, and names the archive. */
export function packageUrl({ name, version, architecture, archive, codename }: PackageUrlParts): string {
  const isDebian = archive === "debian" || archive === "security";
  const namespace = isDebian ? "debian" : hostOf(archive);
  const qualifiers: (readonly [string, string | undefined])[] = [
    ["arch", architecture],
    ["distro", isDebian ? codename?.replace(/-.*$/, "") : codename],
    ["repository_url", isDebian ? undefined : archive],
  ];
  const words = qualifiers.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encode(value)}`]));
  return `pkg:deb/${encode(namespace)}/${encode(name)}@${encode(version)}?${words.join("&")}`;
}

function hostOf(uri: string): string {
  return /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]+)/.exec(uri)?.[1]?.toLowerCase() ?? "unknown";
}

/** Percent-encoded, but for the colon, as the specification asks. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}
