// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** One request: its address, headers, credentials, keys and body. */

import type { AnyOperation, Contract, Server } from "./declarations.js";
import { ArgumentError } from "./errors.js";
import type { CallOptions, ClientOptions, Token } from "./settings.js";
import { encoded, headerValue, wireString, writeHeaders, writeTarget } from "./wire.js";

/** A request as `fetch` takes it. One that is `repeatable` has the same effect when it is sent again. */
export interface WrittenRequest {
  readonly url: string;
  readonly init: RequestInit & { headers: Headers };
  readonly correlationId: string;
  readonly repeatable: boolean;
}

type Values = { readonly [key: string]: unknown };

/** Methods that change nothing. */
export const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** Write the request of a call. */
export async function writeRequest(
  contract: Contract, options: ClientOptions, operation: AnyOperation, args: Values, settings: CallOptions,
): Promise<WrittenRequest> {
  const parameters = operation.parameters ?? [];
  let target = writeTarget(operation.path, parameters, args);
  const headers = new Headers({ Accept: operation.accept });
  const correlationId = introduce(contract, headers, settings);
  const cookies: string[] = [];
  const query = await authorize(contract, options, operation, headers, cookies);
  writeHeaders(parameters, args, headers, cookies);
  for (const [name, value] of Object.entries(settings.query ?? {})) query.push(`${encoded(name)}=${encoded(wireString(name, value))}`);
  target = completed(target, query, headers, cookies);
  const init: WrittenRequest["init"] = { method: operation.method, headers, redirect: "manual" };
  const body = operation.body === undefined ? undefined : args[operation.body.key];
  // Of a body that must be there, null is the JSON null; of one that may be left out, it is none at all.
  if (operation.body !== undefined && body !== undefined && (body !== null || operation.body.required)) {
    const written = operation.body.write(operation.body, body);
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
  return { url: baseOf(contract, options, operation, settings) + target, init, correlationId, repeatable };
}

/** Write the headers that say which version and which call a request is of; gives its correlation id. */
export function introduce(contract: Contract, headers: Headers, settings: CallOptions): string {
  const { versionHeader, major, correlationHeader, correlationPattern } = contract;
  const correlationId = settings.correlationId ?? identifier().replaceAll("-", "");
  // One that the contract does not allow would be replaced by the server, and then found in no log.
  if (settings.correlationId !== undefined && correlationPattern !== undefined && !new RegExp(correlationPattern, "u").test(correlationId)) {
    throw new ArgumentError("correlationId", `a string that matches ${correlationPattern}`, JSON.stringify(correlationId));
  }
  if (versionHeader !== undefined) headers.set(versionHeader, major);
  if (correlationHeader !== undefined) headers.set(correlationHeader, headerValue("correlationId", correlationId));
  return correlationId;
}

/** Add cookies to the headers, and pairs to the query of a target. */
export function completed(target: string, query: readonly string[], headers: Headers, cookies: readonly string[]): string {
  if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
  return query.length > 0 ? target + (target.includes("?") ? "&" : "?") + query.join("&") : target;
}

/** The address of the server of an operation; without one, that of the contract. */
export function baseOf(contract: Contract, options: ClientOptions, operation: AnyOperation | undefined, settings: CallOptions): string {
  const own = operation?.server;
  const absolute = own !== undefined && /^[a-z][a-z0-9+.-]*:/i.test(own.url);
  if (absolute && settings.baseUrl === undefined) return address(own, {}).replace(/\/+$/, "");
  const first = contract.servers[0];
  const base = settings.baseUrl ?? (first === undefined ? undefined : address(first, options.serverVariables ?? {}));
  if (base === undefined) throw new ArgumentError("baseUrl", "the address of the server, since the contract names none", "none");
  if (own === undefined || absolute) return base.replace(/\/+$/, "");
  return (new URL(base).origin + address(own, {})).replace(/\/+$/, "");
}

/** Write the credentials of the first alternative that can be met; gives those that go into the query. */
export async function authorize(
  contract: Contract, options: ClientOptions, operation: Pick<AnyOperation, "security">, headers: Headers, cookies: string[],
): Promise<string[]> {
  const { token, credentials = {} } = options;
  if (operation.security === undefined) {
    if (token !== undefined) headers.set("Authorization", "Bearer " + (await credential("token", token)));
    return [];
  }
  const met = (name: string): boolean => Object.hasOwn(credentials, name) || token !== undefined;
  const alternatives = operation.security;
  const chosen = alternatives.find((names) => names.length > 0 && names.every(met)) ?? (alternatives.some((names) => names.length === 0) ? [] : alternatives[0]);
  const query: string[] = [];
  for (const name of chosen ?? []) {
    const found = Object.hasOwn(credentials, name) ? credentials[name] : token;
    const scheme = contract.schemes[name] ?? { kind: "bearer", name: "Authorization" };
    if (found === undefined || scheme.kind === "none") continue;
    const value = await credential(name, found);
    if (scheme.kind === "bearer") headers.set("Authorization", `Bearer ${value}`);
    else if (scheme.kind === "basic") headers.set("Authorization", `Basic ${btoa(value)}`);
    else if (scheme.kind === "header") headers.set(scheme.name, value);
    else if (scheme.kind === "query") query.push(`${encoded(scheme.name)}=${encoded(value)}`);
    else cookies.push(`${scheme.name}=${value}`);
  }
  return query;
}

/** The value of a credential; one that no header can hold is rejected. */
export async function credential(where: string, token: Token): Promise<string> {
  const value = typeof token === "string" ? token : await token();
  // The message says what is wrong without a character of the token itself.
  if (!/^[\x20-\x7e]+$/.test(value)) throw new ArgumentError(where, "a token of printable ASCII", value === "" ? "an empty one" : "other characters");
  return value;
}

function address(server: Server, variables: { readonly [name: string]: string }): string {
  return server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => variables[name] ?? server.variables?.[name]?.default ?? whole);
}

function identifier(): string {
  // `randomUUID` is missing on pages that came over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Array.from(bytes, (byte, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + (byte + 256).toString(16).slice(1)).join("");
}
