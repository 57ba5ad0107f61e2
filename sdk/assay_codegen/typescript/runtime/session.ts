// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** One WebSocket session: opened with its credential, and read frame by frame. */

import type { AnyChannel } from "./channels.js";
import type { Client } from "./client.js";
import { ArgumentError, SdkError } from "./errors.js";
import { authorize, baseOf, completed, credential, introduce } from "./requests.js";
import { writeTarget } from "./wire.js";

/** The session is over. A code below 1000 says that it never opened, or fell silent. */
export class SessionClosed extends SdkError {
  declare readonly code: number;
  declare readonly reason: string;

  constructor(code: number, reason: string) {
    super(`${code} ${reason}`, { code, reason });
  }
}

type Frame = string | ArrayBuffer;
interface Waiting {
  readonly give: (frame: string) => void;
  readonly fail: (closed: SessionClosed) => void;
}

/** An open session. At most `buffer` frames wait unread; one more ends it, since a browser cannot make a server wait. */
export class Session {
  readonly #socket: WebSocket;
  readonly #frames: string[] = [];
  #waiting: Waiting | undefined;
  #closed: SessionClosed | undefined;
  // The code of a session that breaks; until it has opened, none.
  #broken = 0;

  constructor(socket: WebSocket, buffer: number) {
    this.#socket = socket;
    socket.onopen = () => {
      this.#broken = 1006;
      this.#settle(({ give }) => give(""));
    };
    socket.onmessage = ({ data }: MessageEvent<Frame>) => {
      const frame = typeof data === "string" ? data : new TextDecoder().decode(data);
      if (this.#waiting !== undefined) this.#settle(({ give }) => give(frame));
      else if (this.#frames.length < buffer) this.#frames.push(frame);
      else this.#end(0, "the reader is too slow");
    };
    socket.onclose = ({ code, reason }) => this.#end(code === 1006 ? this.#broken : code, reason || (this.#broken > 0 ? "" : "the handshake failed"));
    // Node 20 tells of a broken session by `error` alone.
    socket.onerror = () => this.#end(this.#broken, this.#broken > 0 ? "the connection broke" : "the handshake failed");
  }

  /** The next frame. Rejects with `SessionClosed` at the end, or after so many silent milliseconds. */
  async receive(patience: number | undefined): Promise<string> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    return this.#wait(patience, "silent for too long");
  }

  /** Wait for the handshake. */
  async opened(within: number): Promise<void> {
    await this.#wait(within, "no session in time");
  }

  async #wait(within: number | undefined, problem: string): Promise<string> {
    if (this.#closed !== undefined) throw this.#closed;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((give, fail) => {
        this.#waiting = { give, fail };
        if (within !== undefined) timer = setTimeout(() => this.#end(0, problem), within);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  send(text: string): void {
    if (this.#closed !== undefined) throw this.#closed;
    this.#socket.send(text);
  }

  close(): void {
    this.#end(1000, "closed by the client");
  }

  #end(code: number, reason: string): void {
    if (this.#closed !== undefined) return;
    const closed = (this.#closed = new SessionClosed(code, reason));
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#settle(({ fail }) => fail(closed));
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}

/** Open a session of a channel. Rejects with `SessionClosed` where the server does not open one. */
export async function openSession(client: Client, channel: AnyChannel, args: unknown, buffer: number): Promise<Session> {
  const { contract, options } = client;
  const headers = new Headers();
  introduce(contract, headers, {});
  const cookies: string[] = [];
  const { protocols, query } = await handshake(client, channel, headers, cookies);
  const path = writeTarget(channel.address, channel.parameters ?? [], args as { readonly [key: string]: unknown });
  const target = completed(path, query, headers, cookies);
  for (const [name, value] of Object.entries(options.headers ?? {})) if (value !== null) headers.set(name, value);
  const base = options.feedUrl ?? baseOf(contract, options, undefined, options).replace(/^http/, "ws");
  const url = base.replace(/\/+$/, "") + target;
  const socket = (options.webSocket ?? defaultSocket)(url, protocols, headers);
  socket.binaryType = "arraybuffer";
  // Messages may come right after the handshake, before whoever awaits it goes on.
  const session = new Session(socket, buffer);
  await session.opened(options.timeout ?? 30_000);
  // The one with the token is not for the server to select.
  if (protocols.length > 0 && !channel.subprotocols?.includes(socket.protocol)) {
    session.close();
    throw new SessionClosed(0, "the server selected no subprotocol that was offered");
  }
  return session;
}

/** The subprotocols of a session, and the credentials that go into its address. */
async function handshake(
  { contract, options }: Client, channel: AnyChannel, headers: Headers, cookies: string[],
): Promise<{ protocols: string[]; query: string[] }> {
  const declared = channel.subprotocols ?? [];
  const carries = declared.some((name) => name.includes("{token}"));
  const token = options.token ?? Object.values(options.credentials ?? {})[0];
  if (token !== undefined && carries) {
    const written = base64url(await credential("token", token));
    return { protocols: declared.map((name) => name.replace("{token}", () => written)), query: [] };
  }
  const query = await authorize(contract, { ...options, token }, {}, headers, cookies);
  // Those that carry a token stand for a credential: without one there is nothing to offer.
  return { protocols: carries ? [] : [...declared], query };
}

/** A WebSocket of the platform. Headers are a matter of Node: browsers have no way to set them. */
function defaultSocket(url: string, protocols: string[], headers: Headers): WebSocket {
  if (!("process" in globalThis) || "document" in globalThis) {
    if (!headers.has("Authorization")) return new WebSocket(url, protocols);
    throw new ArgumentError("webSocket", "a function that opens sessions with headers, since the contract names no subprotocol with a token", "none");
  }
  const init = { protocols, headers: Object.fromEntries(headers) };
  return new (WebSocket as unknown as new (url: string, init: unknown) => WebSocket)(url, init);
}

function base64url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
