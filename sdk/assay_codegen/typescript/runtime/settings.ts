// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What a client takes, and what one call does otherwise. */

import type { RetryPolicy } from "./retry.js";

/** A credential, or a function that gives one, which may refresh it. For HTTP basic it is `user:password`. */
export type Token = string | (() => string | Promise<string>);

/** What is seen of every request, response and retry. */
export interface Hooks {
  readonly onRequest?: (request: { readonly operation: string; readonly method: string; readonly url: string; readonly headers: Headers; readonly attempt: number }) => void;
  readonly onResponse?: (response: { readonly operation: string; readonly status: number; readonly attempt: number; readonly milliseconds: number }) => void;
  readonly onRetry?: (retry: { readonly operation: string; readonly attempt: number; readonly pause: number; readonly reason: string }) => void;
  readonly onConnection?: (change: { readonly channel: string; readonly connection: string; readonly reason: string }) => void;
  /** A message that is not used. The reason `foreign-tenant` is one for whoever looks after security. */
  readonly onDrop?: (message: { readonly channel: string; readonly reason: string }) => void;
}

/** How a feed holds on. Times are in milliseconds.
 *
 * Silence longer than `patience` times the promised heartbeat counts as a drop. After `attempts` failed reconnects in a row the feed polls
 * every `pollEvery`, and tries the stream again after `probeFirst` and, doubling, at least every `probeEvery`. A session that lived for
 * `settled` clears the count. Missed changes are asked for in up to `replayAttempts` sessions in a row before the feed goes on without
 * them. Numbers below those that are known are taken for a numbering that began anew only when everything that the server states has been
 * below for `restartAfter`. At most `buffer` frames wait unread: then the session ends, and what was missed is asked for as ever.
 */
export interface FeedPolicy {
  readonly attempts: number;
  readonly firstPause: number;
  readonly longestPause: number;
  readonly patience: number;
  readonly pollEvery: number;
  readonly probeFirst: number;
  readonly probeEvery: number;
  readonly settled: number;
  readonly replayAttempts: number;
  readonly restartAfter: number;
  readonly buffer: number;
}

export const DEFAULT_FEED: FeedPolicy = {
  attempts: 8,
  firstPause: 500,
  longestPause: 30_000,
  patience: 2.5,
  pollEvery: 5_000,
  probeFirst: 5_000,
  probeEvery: 60_000,
  settled: 5_000,
  replayAttempts: 3,
  restartAfter: 20_000,
  buffer: 256,
};

/** What one call does otherwise than its client. Times are in milliseconds. */
export interface CallOptions {
  readonly baseUrl?: string | undefined;
  /** The longest that one attempt may take, with its body. */
  readonly timeout?: number | undefined;
  /** The longest that the call may take with all its attempts. */
  readonly totalTimeout?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Added to the request; null leaves one out that the client would send. */
  readonly headers?: { readonly [name: string]: string | null } | undefined;
  readonly query?: { readonly [name: string]: string | number | boolean } | undefined;
  /** Lets a request that changes something be sent again, under one key for all attempts. */
  readonly idempotencyKey?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a client takes. */
export interface ClientOptions extends Omit<CallOptions, "idempotencyKey" | "correlationId" | "signal"> {
  /** Serves whatever security scheme an operation asks for. */
  readonly token?: Token | undefined;
  /** One for each security scheme by its name, where one is not enough. */
  readonly credentials?: { readonly [scheme: string]: Token } | undefined;
  /** For the variables in the address of the contract's first server, which is called where `baseUrl` is not given. */
  readonly serverVariables?: { readonly [name: string]: string } | undefined;
  /** How many responses with an entity tag are kept; 0 keeps none. */
  readonly cacheSize?: number | undefined;
  readonly hooks?: Hooks | undefined;
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  readonly random?: (() => number) | undefined;
  /** Where channels are; by default the same server as everything else. */
  readonly feedUrl?: string | undefined;
  readonly feed?: Partial<FeedPolicy> | undefined;
  /** What is called instead of `new WebSocket`, such as a function that sends the headers as well, which browsers cannot. */
  readonly webSocket?: ((url: string, protocols: string[], headers: Headers) => WebSocket) | undefined;
}

/** What holds for one call. */
export function merged(client: ClientOptions, call: CallOptions | undefined): CallOptions {
  const own = Object.fromEntries(Object.entries(call ?? {}).filter(([, value]) => value !== undefined)) as CallOptions;
  return { ...client, ...own, headers: { ...client.headers, ...own.headers }, query: { ...client.query, ...own.query } };
}
