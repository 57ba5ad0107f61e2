// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** One call: written, sent, tried again within one budget of time and one quota of retries, and read. */

import { writeBody } from "./bodies.js";
import type { AnyOperation, Arguments, Contract, Failures, Replies, Server, Value } from "./declarations.js";
import { textAt, valueAt } from "./declarations.js";
import {
  ApiError, ArgumentError, CATEGORIES, DeadlineExceeded, IncompatibleVersionError, InvalidAnswerError, RedirectError, TransportError, categoryOf,
  type ErrorClass,
} from "./errors.js";
import { DEFAULT_RETRY, RetryQuota, pauseBefore, readRetryAfter, retryKind, type RetryPolicy } from "./retry.js";
import { encoded, headerValue, isObject, wireString, writeHeaders, writeTarget } from "./wire.js";

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

interface Written {
  readonly url: string;
  readonly init: RequestInit & { headers: Headers };
  readonly correlationId: string;
  readonly repeatable: boolean;
}

interface Kept {
  readonly etag: string;
  readonly body: Uint8Array;
  readonly status: number;
}

interface Sent {
  readonly response: Response;
  readonly attempts: number;
  readonly body: Uint8Array;
}

type Values = { readonly [key: string]: unknown };

/** Why an attempt is aborted that takes too long. */
class OutOfTime extends Error {}

const KEPT_BYTES = 64 * 1024;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];
const UNSENT: readonly string[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** A client of one contract. Generated clients add a method for each operation. */
export class Client {
  readonly contract: Contract;
  readonly options: ClientOptions;
  readonly #quota = new RetryQuota();
  readonly #kept = new Map<string, Kept>();

  constructor(contract: Contract, options: ClientOptions = {}) {
    this.contract = contract;
    this.options = options;
  }

  /** What an operation returns. */
  async call<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Value<O>> {
    return (await this.withResponse(operation, args, options)).value as Value<O>;
  }

  /** The same with status, headers and what else is known of the response. */
  async withResponse<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Replies<O>> {
    const settings = merged(this.options, options);
    const request = await this.#written(operation, args as Values, settings);
    const key = operation.revalidates === true && (this.options.cacheSize ?? 100) > 0 ? this.#cacheKey(operation, request) : undefined;
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (kept !== undefined) request.init.headers.set("If-None-Match", kept.etag);
    const sent = await this.#attempts(operation, request, settings, readAll);
    const { response, attempts } = sent;
    const confirmed = response.status === 304 && kept !== undefined;
    const status = confirmed ? kept.status : response.status;
    const value = this.#read(operation, status, confirmed ? kept.body : sent.body, request.correlationId);
    const etag = response.headers.get("etag");
    if (key !== undefined && etag !== null && !confirmed) this.#keep(key, { etag, body: sent.body, status });
    const correlationId = this.#correlation(response.headers) ?? request.correlationId;
    return { status, value, headers: response.headers, correlationId, attempts, confirmed } as Replies<O>;
  }

  /** The response with its body unread. Read or cancel the body. */
  async raw<O extends AnyOperation>(operation: O, args: Arguments<O>, options?: CallOptions): Promise<Response> {
    const settings = merged(this.options, options);
    const request = await this.#written(operation, args as Values, settings);
    return (await this.#attempts(operation, request, settings, async () => new Uint8Array())).response;
  }

  async #written(operation: AnyOperation, args: Values, settings: CallOptions): Promise<Written> {
    const parameters = operation.parameters ?? [];
    let target = writeTarget(operation.path, parameters, args);
    const headers = new Headers({ Accept: operation.accept });
    const correlationId = this.#stated(headers, settings);
    const cookies: string[] = [];
    const query = await this.#authorize(operation, headers, cookies);
    for (const [name, value] of writeHeaders(parameters, args)) name === "Cookie" ? cookies.push(value) : headers.set(name, value);
    for (const [name, value] of Object.entries(settings.query ?? {})) query.push(`${encoded(name)}=${encoded(wireString(name, value))}`);
    if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
    if (query.length > 0) target += (target.includes("?") ? "&" : "?") + query.join("&");
    const init: Written["init"] = { method: operation.method, headers, redirect: "manual" };
    const body = operation.body === undefined ? undefined : args[operation.body.key];
    // Of a body that must be there, null is the JSON null; of one that may be left out, it is none at all.
    if (operation.body !== undefined && body !== undefined && (body !== null || operation.body.required)) {
      const written = writeBody(operation.body, body);
      if (SAFE.includes(operation.method) && operation.method !== "OPTIONS") {
        throw new ArgumentError(operation.body.key, `no body: fetch sends none with ${operation.method}`, "a body");
      }
      init.body = written.content;
      if (written.media !== undefined) headers.set("Content-Type", written.media);
    }
    for (const [name, value] of Object.entries(settings.headers ?? {})) value === null ? headers.delete(name) : headers.set(name, headerValue(name, value));
    const keyed = operation.idempotency ?? (settings.idempotencyKey === undefined ? undefined : "Idempotency-Key");
    // One key for all attempts, so that the server takes them for one request.
    if (keyed !== undefined && !headers.has(keyed)) headers.set(keyed, headerValue("idempotencyKey", settings.idempotencyKey ?? identifier()));
    const repeatable = keyed !== undefined || SAFE.includes(operation.method) || ["PUT", "DELETE"].includes(operation.method);
    return { url: this.#base(operation, settings) + target, init, correlationId, repeatable };
  }

  /** What every request says of itself; gives its correlation id. */
  #stated(headers: Headers, settings: CallOptions): string {
    const { versionHeader, major, correlationHeader, correlationPattern } = this.contract;
    const correlationId = settings.correlationId ?? identifier().replaceAll("-", "");
    // One that the contract does not allow would be replaced by the server, and then found in no log.
    if (settings.correlationId !== undefined && correlationPattern !== undefined && !new RegExp(correlationPattern, "u").test(correlationId)) {
      throw new ArgumentError("correlationId", `a string that matches ${correlationPattern}`, JSON.stringify(correlationId));
    }
    if (versionHeader !== undefined) headers.set(versionHeader, major);
    if (correlationHeader !== undefined) headers.set(correlationHeader, headerValue("correlationId", correlationId));
    return correlationId;
  }

  #base(operation: AnyOperation, settings: CallOptions): string {
    const own = operation.server;
    const absolute = own !== undefined && /^[a-z][a-z0-9+.-]*:/i.test(own.url);
    if (absolute && settings.baseUrl === undefined) return address(own, {}).replace(/\/+$/, "");
    const first = this.contract.servers[0];
    const base = settings.baseUrl ?? (first === undefined ? undefined : address(first, this.options.serverVariables ?? {}));
    if (base === undefined) throw new ArgumentError("baseUrl", "the address of the server, since the contract names none", "none");
    if (own === undefined || absolute) return base.replace(/\/+$/, "");
    return (new URL(base).origin + address(own, {})).replace(/\/+$/, "");
  }

  /** Write the credentials of the first alternative that can be met; gives those that go into the query. */
  async #authorize(operation: AnyOperation, headers: Headers, cookies: string[]): Promise<string[]> {
    const { token, credentials = {} } = this.options;
    if (operation.security === undefined) {
      if (token !== undefined) headers.set("Authorization", "Bearer " + (await given("token", token)));
      return [];
    }
    const met = (name: string): boolean => Object.hasOwn(credentials, name) || token !== undefined;
    const alternatives = operation.security;
    const chosen = alternatives.find((names) => names.length > 0 && names.every(met)) ?? (alternatives.some((names) => names.length === 0) ? [] : alternatives[0]);
    const query: string[] = [];
    for (const name of chosen ?? []) {
      const found = Object.hasOwn(credentials, name) ? credentials[name] : token;
      const scheme = this.contract.schemes[name] ?? { kind: "bearer", name: "Authorization" };
      if (found === undefined || scheme.kind === "none") continue;
      const value = await given(name, found);
      if (scheme.kind === "bearer") headers.set("Authorization", `Bearer ${value}`);
      else if (scheme.kind === "basic") headers.set("Authorization", `Basic ${btoa(value)}`);
      else if (scheme.kind === "header") headers.set(scheme.name, value);
      else if (scheme.kind === "query") query.push(`${encoded(scheme.name)}=${encoded(value)}`);
      else cookies.push(`${scheme.name}=${value}`);
    }
    return query;
  }

  async #attempts(operation: AnyOperation, request: Written, settings: CallOptions, read: (response: Response) => Promise<Uint8Array>): Promise<Sent> {
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
        const failure = this.#failure(response, body, facts);
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
    operation: AnyOperation, request: Written, attempt: number, within: number, signal: AbortSignal | undefined, read: (response: Response) => Promise<Uint8Array>,
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

  #failure(response: Response, body: Uint8Array, facts: { operation: string; correlationId: string; attempts: number }): { error: ApiError; category: string | undefined } {
    const { envelope, errors, categories } = this.contract;
    const text = new TextDecoder().decode(body);
    const parsed = parse(text);
    const code = textAt(parsed, envelope.code);
    const stated = textAt(parsed, envelope.category);
    const known = code !== undefined && Object.hasOwn(errors, code) ? errors[code] : undefined;
    const classes = { ...CATEGORIES, ...categories };
    const fallback = classes[categoryOf(response.status)] ?? ApiError;
    const redirects = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400 && response.headers.has("location"));
    const kind: ErrorClass = known ?? (redirects ? RedirectError : stated !== undefined && Object.hasOwn(classes, stated) ? (classes[stated] ?? fallback) : fallback);
    const retryable = valueAt(parsed, envelope.retryable);
    const message = textAt(parsed, envelope.message) ?? textAt(parsed, ["detail"]) ?? textAt(parsed, ["title"]);
    const error = new kind({
      ...facts,
      message: message ?? (redirects ? "the server redirects to another place" : `the server responded ${response.status} without a message`),
      code: code ?? `HTTP_${response.status}`,
      status: response.status,
      correlationId: textAt(parsed, envelope.correlationId) ?? this.#correlation(response.headers) ?? facts.correlationId,
      retryable: typeof retryable === "boolean" ? retryable : undefined,
      retryAfter: readRetryAfter(response.headers.get("retry-after"), Date.now()),
      details: valueAt(parsed, envelope.details),
      body: parsed === undefined ? (text === "" ? undefined : text.slice(0, KEPT_BYTES)) : parsed,
      headers: response.headers,
    });
    const category = stated ?? Object.keys(classes).find((name) => error instanceof (classes[name] ?? Error));
    return { error, category };
  }

  #read(operation: AnyOperation, status: number, body: Uint8Array, correlationId: string): unknown {
    const reads = operation.reads;
    const how = reads[String(status)] ?? reads[`${Math.floor(status / 100)}XX`] ?? reads["default"] ?? Object.values(reads)[0] ?? "none";
    if (status === 304) throw new InvalidAnswerError("304 to a request without an entity tag", { operation: operation.id, correlationId, status });
    if (how === "none") return undefined;
    // A copy, since whoever gets one may write into it and a kept response is read again.
    if (how === "bytes") return body.slice();
    const text = new TextDecoder().decode(body);
    if (how === "text") return text;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new InvalidAnswerError("a body that is no JSON", { operation: operation.id, correlationId, status }, cause);
    }
    const version = textAt(value, this.contract.versionAt);
    const { major } = this.contract;
    if (version !== undefined && version !== major && !version.startsWith(major + ".")) {
      throw new IncompatibleVersionError(`${operation.id}: expected version ${major}.x, got ${version} [correlation id ${correlationId}]`);
    }
    return value;
  }

  #correlation(headers: Headers): string | undefined {
    const name = this.contract.correlationHeader;
    return name === undefined ? undefined : (headers.get(name) ?? undefined);
  }

  /** A response belongs to the server, the credential and the headers that it was asked with. */
  #cacheKey(operation: AnyOperation, request: Written): string {
    const own = this.contract.correlationHeader?.toLowerCase();
    return JSON.stringify([operation.id, request.url, ...[...request.init.headers].filter(([name]) => name !== own)]);
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= (this.options.cacheSize ?? 100)) break;
      this.#kept.delete(oldest);
    }
  }
}

/** Whether an error is one that the document describes for an operation: then its body has the type of its status. */
export function isFailure<O extends AnyOperation>(operation: O, error: unknown): error is ApiError & Failures<O> {
  return error instanceof ApiError && error.operation === operation.id;
}

async function readAll(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function given(where: string, token: Token): Promise<string> {
  const value = typeof token === "string" ? token : await token();
  // The message says what is wrong without a character of the token itself.
  if (!/^[\x20-\x7e]+$/.test(value)) throw new ArgumentError(where, "a token of printable ASCII", value === "" ? "an empty one" : "other characters");
  return value;
}

function address(server: Server, given: { readonly [name: string]: string }): string {
  return server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => given[name] ?? server.variables?.[name]?.default ?? whole);
}

function merged(client: ClientOptions, call: CallOptions | undefined): CallOptions {
  const own = Object.fromEntries(Object.entries(call ?? {}).filter(([, value]) => value !== undefined)) as CallOptions;
  return { ...client, ...own, headers: { ...client.headers, ...own.headers }, query: { ...client.query, ...own.query } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function causeCode(error: unknown): string {
  const cause = isObject(error) ? error["cause"] : undefined;
  return isObject(cause) && typeof cause["code"] === "string" ? cause["code"] : "";
}

function identifier(): string {
  // `randomUUID` is missing on pages that came over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Wait, unless the signal is aborted: then reject with its reason. */
export async function sleep(milliseconds: number, signal?: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
