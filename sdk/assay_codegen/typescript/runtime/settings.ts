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
}

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
}

/** What holds for one call. */
export function merged(client: ClientOptions, call: CallOptions | undefined): CallOptions {
  const own = Object.fromEntries(Object.entries(call ?? {}).filter(([, value]) => value !== undefined)) as CallOptions;
  return { ...client, ...own, headers: { ...client.headers, ...own.headers }, query: { ...client.query, ...own.query } };
}
