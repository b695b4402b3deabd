/**
 * Connections of the host: straight, or through the proxies of `http_proxy`, `https_proxy` and `no_proxy`.
 *
 * As with curl, a scheme without a proxy of its own goes straight (undici would send https through `http_proxy`), and
 * plain http is asked of a proxy directly, without CONNECT, which caching proxies want.
 */

import type { Dispatcher } from "undici";

/** The dispatchers of one run. */
export interface Connections {
  /** The dispatcher for a URL. */
  dispatcherFor(url: URL): Dispatcher;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** The variables that say which proxies to use; a name in lower case goes before the same in capitals. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** How long a server may stay silent. */
const SILENCE_MS = 60_000;

/** Opens the connections of one run. `environment` defaults to the host's. */
export async function openConnections(environment: ProxyEnvironment = process.env): Promise<Connections> {
  // Imported when first needed: undici takes longer to load than a build from a full cache may take.
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const timeouts = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS, connectTimeout: 15_000 };
  const value = (name: string): string => environment[name] ?? environment[name.toUpperCase()] ?? "";
  const direct = new Agent(timeouts);
  const proxied = new EnvHttpProxyAgent({
    ...timeouts,
    httpProxy: value("http_proxy"),
    httpsProxy: value("https_proxy"),
    noProxy: value("no_proxy"),
    proxyTunnel: false,
  });
  const isProxied = { "http:": value("http_proxy") !== "", "https:": value("https_proxy") !== "" };
  return {
    dispatcherFor: (url) => (isProxied[url.protocol as "http:" | "https:"] ? proxied : direct),
    async close() {
      await Promise.all([direct.destroy(), proxied.destroy()]);
    },
  };
}
