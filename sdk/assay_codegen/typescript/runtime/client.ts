// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** One call: written, sent, tried again within one budget of time and one quota of retries, and read. */

import { ResponseCache } from "./cache.js";
import type { AnyOperation, Arguments, Contract, Failures, Replies, Value } from "./declarations.js";
import { ApiError, ArgumentError, DeadlineExceeded, TransportError } from "./errors.js";
import { SAFE, writeRequest, type WrittenRequest } from "./requests.js";
import { correlationOf, readError, readValue } from "./responses.js";
import { DEFAULT_RETRY, RetryQuota, pauseBefore, retryKind, sleep } from "./retry.js";
import { merged, type CallOptions, type ClientOptions } from "./settings.js";
import { isObject } from "./wire.js";

interface Sent {
  readonly response: Response;
  readonly attempts: number;
  readonly body: Uint8Array;
}

type Values = { readonly [key: string]: unknown };

/** Why an attempt is aborted that takes too long. */
class OutOfTime extends Error {}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const UNSENT: readonly string[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** A client of one contract. Generated clients add a method for each operation. */
export class Client {
  readonly contract: Contract;
  readonly options: ClientOptions;
  readonly #quota = new RetryQuota();
  readonly #cache: ResponseCache;

  constructor(contract: Contract, options: ClientOptions = {}) {
    this.contract = contract;
    this.options = options;
    this.#cache = new ResponseCache(contract, options.cacheSize ?? 100);
  }

  /** What an operation returns. */
  async call<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Value<O>> {
    return (await this.withResponse(operation, args, options)).value as Value<O>;
  }

  /** The same with status, headers and what else is known of the response. */
  async withResponse<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Replies<O>> {
    const settings = merged(this.options, options);
    const request = await writeRequest(this.contract, this.options, operation, args as Values, settings);
    const key = this.#cache.key(operation, request);
    const kept = key === undefined ? undefined : this.#cache.get(key);
    if (kept !== undefined) request.init.headers.set("If-None-Match", kept.etag);
    const sent = await this.#attempts(operation, request, settings, readAll);
    const { response, attempts } = sent;
    const confirmed = response.status === 304 && kept !== undefined;
    const status = confirmed ? kept.status : response.status;
    const value = readValue(this.contract, operation, status, confirmed ? kept.body : sent.body, request.correlationId);
    const etag = response.headers.get("etag");
    if (key !== undefined && etag !== null && !confirmed) this.#cache.keep(key, { etag, body: sent.body, status });
    const correlationId = correlationOf(this.contract, response.headers) ?? request.correlationId;
    return { status, value, headers: response.headers, correlationId, attempts, confirmed } as Replies<O>;
  }

  /** The response with its body unread. Read or cancel the body. */
  async raw<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Response> {
    const settings = merged(this.options, options);
    const request = await writeRequest(this.contract, this.options, operation, args as Values, settings);
    return (await this.#attempts(operation, request, settings, async () => new Uint8Array())).response;
  }

  async #attempts(operation: AnyOperation, request: WrittenRequest, settings: CallOptions, read: (response: Response) => Promise<Uint8Array>): Promise<Sent> {
    const timeout = settings.timeout ?? 30_000;
    const deadline = performance.now() + (settings.totalTimeout ?? timeout * 6);
    const policy = { ...DEFAULT_RETRY, ...this.options.retry, ...settings.retry };
    for (let attempt = 1; ; attempt += 1) {
      settings.signal?.throwIfAborted();
      const facts = { operation: operation.id, correlationId: request.correlationId, attempts: attempt };
      let error: ApiError | TransportError;
      let kind: string;
      const left = deadline - performance.now();
      try {
        const { response, body } = await this.#attempt(operation, request, attempt, Math.max(1, Math.min(timeout, left)), settings.signal, read);
        if (this.#succeeded(operation, response.status)) {
          this.#quota.succeeded(attempt);
          return { response, attempts: attempt, body };
        }
        const failure = readError(this.contract, response, body, facts);
        error = failure.error;
        kind = retryKind(this.contract, failure.error, failure.category, request.repeatable);
      } catch (cause) {
        if (cause instanceof ArgumentError) throw cause;
        settings.signal?.throwIfAborted();
        const sent = !UNSENT.includes(causeCode(cause));
        // A timer may end a little before the clock says so.
        const late = performance.now() >= deadline || (cause instanceof OutOfTime && left <= timeout);
        const reason = late ? "the total timeout is over" : cause instanceof Error ? cause.message : String(cause);
        error = new (late ? DeadlineExceeded : TransportError)(reason, { ...facts, sent }, cause);
        // What was never sent can be sent again, whatever it changes.
        kind = request.repeatable || !sent ? "backoff" : "none";
      }
      const retryAfter = error instanceof ApiError ? error.retryAfter : undefined;
      const pause = pauseBefore(policy, kind, attempt, retryAfter, this.options.random ?? Math.random);
      if (pause === undefined || performance.now() + pause >= deadline || !this.#quota.take()) throw error;
      this.options.hooks?.onRetry?.({ operation: operation.id, attempt, pause, reason: error.message });
      await sleep(pause, settings.signal);
    }
  }

  /** One attempt with the redirects that it may follow: of a safe request, to the same server. */
  async #attempt(
    operation: AnyOperation, request: WrittenRequest, attempt: number, within: number, signal: AbortSignal | undefined, read: (response: Response) => Promise<Uint8Array>,
  ): Promise<{ response: Response; body: Uint8Array }> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => controller.abort(new OutOfTime("no response in time")), within);
    const send = this.options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
    let url = request.url;
    let streaming = false;
    try {
      for (let hops = 0; ; hops += 1) {
        const started = performance.now();
        const { headers, method = "GET" } = request.init;
        this.options.hooks?.onRequest?.({ operation: operation.id, method, url, headers, attempt });
        const response = await send(url, { ...request.init, signal: controller.signal });
        this.options.hooks?.onResponse?.({ operation: operation.id, status: response.status, attempt, milliseconds: performance.now() - started });
        const location = response.headers.get("location");
        const next = location === null || !REDIRECTS.includes(response.status) ? undefined : new URL(location, url);
        if (next !== undefined && hops < 5 && SAFE.includes(method) && next.origin === new URL(url).origin && !this.#succeeded(operation, response.status)) {
          await response.body?.cancel();
          url = next.href;
          continue;
        }
        const succeeded = this.#succeeded(operation, response.status);
        const body = succeeded ? await read(response) : await readAll(response);
        streaming = succeeded && !response.bodyUsed && response.body !== null;
        return { response, body };
      }
    } finally {
      clearTimeout(timer);
      // A body that is read later can still be aborted by the caller.
      if (!streaming) signal?.removeEventListener("abort", stop);
    }
  }

  #succeeded(operation: AnyOperation, status: number): boolean {
    return (status >= 200 && status < 300) || status === 304 || Object.hasOwn(operation.reads, String(status));
  }
}

/** Whether an error is one that the document describes for an operation: then its body has the type of its status. */
export function isFailure<O extends AnyOperation>(operation: O, error: unknown): error is ApiError & Failures<O> {
  return error instanceof ApiError && error.operation === operation.id;
}

async function readAll(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

function causeCode(error: unknown): string {
  const cause = isObject(error) ? error["cause"] : undefined;
  return isObject(cause) && typeof cause["code"] === "string" ? cause["code"] : "";
}
