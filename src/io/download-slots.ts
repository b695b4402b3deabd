/**
 * How many transfers run at once to one server. What a server asked to wait holds for every transfer to it.
 */

import { sleep } from "./retry.js";

/** Limits for transfers; see {@link openSlots}. */
export interface Slots {
  /** Waits until the server of `url` has a slot free and its pause is over; the result gives the slot back. */
  acquire(url: string, signal: AbortSignal): Promise<() => void>;
  /** Lets no transfer to the server of `url` start for a while. */
  pause(url: string, milliseconds: number): void;
}

export interface SlotsOptions {
  /** Transfers at once to one server. */
  readonly perServer: number;
  /** Other limits, by origin (`https://snapshot.debian.org`). */
  readonly limits: ReadonlyMap<string, number>;
}

interface Server {
  free: number;
  readonly waiting: (() => void)[];
  /** On the monotonic clock. */
  pausedUntil: number;
}

/** Makes the slots of one run. */
export function openSlots(options: SlotsOptions): Slots {
  const servers = new Map<string, Server>();
  const serverOf = (url: string): Server => {
    const { origin } = new URL(url);
    let server = servers.get(origin);
    if (server === undefined) {
      server = { free: options.limits.get(origin) ?? options.perServer, waiting: [], pausedUntil: 0 };
      servers.set(origin, server);
    }
    return server;
  };
  return {
    async acquire(url, signal) {
      const server = serverOf(url);
      if (server.free > 0) server.free--;
      else await new Promise<void>((resolve) => server.waiting.push(resolve));
      // The slot passes straight to who waits longest.
      const release = (): void => {
        const next = server.waiting.shift();
        if (next === undefined) server.free++;
        else next();
      };
      try {
        signal.throwIfAborted();
        for (let wait = 0; (wait = server.pausedUntil - performance.now()) > 0; ) await sleep(wait, signal);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    pause(url, milliseconds) {
      const server = serverOf(url);
      server.pausedUntil = Math.max(server.pausedUntil, performance.now() + milliseconds);
    },
  };
}
