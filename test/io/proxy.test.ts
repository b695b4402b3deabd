import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openConnections, type ProxyEnvironment } from "#dist/io/proxy.js";

/** A proxy that notes what it is asked: absolute URLs, and CONNECT. */
const seen: string[] = [];
let proxy: Server;
let origin: Server;
let proxyUrl: string;
let originUrl: string;

beforeAll(async () => {
  origin = createServer((_, response) => response.end("straight"));
  proxy = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers["proxy-authorization"] ?? ""}`.trim());
    response.end("by proxy");
  });
  proxy.on("connect", (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const [host, port] = (incoming.url ?? "").split(":");
    const through = connect(Number(port), host, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    through.on("error", () => socket.destroy());
    socket.on("error", () => through.destroy());
    socket.pipe(through).pipe(socket);
  });
  const listen = async (server: Server): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  originUrl = await listen(origin);
  proxyUrl = await listen(proxy);
});
afterAll(() => {
  for (const server of [origin, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(url: string, environment: ProxyEnvironment): Promise<string> {
  seen.length = 0;
  const connections = await openConnections(environment);
  try {
    const response = await request(url, { dispatcher: connections.dispatcherFor(new URL(url)) });
    return await response.body.text();
  } finally {
    await connections.close();
  }
}

describe("openConnections", () => {
  it("goes straight without a proxy", async () => {
    expect(await ask(originUrl, {})).toBe("straight");
  });

  it("asks the proxy of http_proxy for plain http, without CONNECT", async () => {
    expect(await ask(`${originUrl}/x`, { http_proxy: proxyUrl })).toBe("by proxy");
    expect(seen).toEqual([`GET ${originUrl}/x`]);
    expect(await ask(`${originUrl}/x`, { HTTP_PROXY: proxyUrl })).toBe("by proxy");
  });

  it("sends the user name and password of the proxy's URL", async () => {
    await ask(`${originUrl}/x`, { http_proxy: proxyUrl.replace("//", "//me:secret@") });
    expect(seen[0]).toContain(`Basic ${Buffer.from("me:secret").toString("base64")}`);
  });

  it("obeys no_proxy", async () => {
    expect(await ask(originUrl, { http_proxy: proxyUrl, no_proxy: "example.org,127.0.0.1" })).toBe("straight");
  });

  it("tunnels https through https_proxy, and does not use http_proxy for it", async () => {
    const https = originUrl.replace("http:", "https:");
    await expect(ask(https, { https_proxy: proxyUrl })).rejects.toThrow();
    expect(seen).toEqual([`CONNECT ${new URL(originUrl).host}`]);
    await expect(ask(https, { http_proxy: proxyUrl })).rejects.toThrow();
    expect(seen).toEqual([]);
  });
});
