// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What a response says: the value of a success, or the error of its code, category or status. */

import type { AnyOperation, Contract } from "./declarations.js";
import { accepts, parsed, textAt, valueAt } from "./declarations.js";
import { ApiError, CATEGORIES, IncompatibleVersionError, InvalidAnswerError, RedirectError, categoryOf, type ErrorClass } from "./errors.js";
import { readRetryAfter } from "./retry.js";

const KEPT_BYTES = 64 * 1024;

/** The error of an error response, and the category that it is of. */
export function readError(
  contract: Contract, response: Response, body: Uint8Array, facts: { operation: string; correlationId: string; attempts: number },
): { error: ApiError; category: string | undefined } {
  const { envelope, errors, categories } = contract;
  const text = new TextDecoder().decode(body);
  const found = parsed(text);
  const code = textAt(found, envelope.code);
  const stated = textAt(found, envelope.category);
  const known = code !== undefined && Object.hasOwn(errors, code) ? errors[code] : undefined;
  const classes = { ...CATEGORIES, ...categories };
  const fallback = classes[categoryOf(response.status)] ?? ApiError;
  const redirects = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400 && response.headers.has("location"));
  const kind: ErrorClass = known ?? (redirects ? RedirectError : stated !== undefined && Object.hasOwn(classes, stated) ? (classes[stated] ?? fallback) : fallback);
  const retryable = valueAt(found, envelope.retryable);
  const message = textAt(found, envelope.message) ?? textAt(found, ["detail"]) ?? textAt(found, ["title"]);
  const error = new kind({
    ...facts,
    message: message ?? (redirects ? "the server redirects to another place" : `the server responded ${response.status} without a message`),
    code: code ?? `HTTP_${response.status}`,
    status: response.status,
    correlationId: textAt(found, envelope.correlationId) ?? correlationOf(contract, response.headers) ?? facts.correlationId,
    retryable: typeof retryable === "boolean" ? retryable : undefined,
    retryAfter: readRetryAfter(response.headers.get("retry-after"), Date.now()),
    details: valueAt(found, envelope.details),
    body: found === undefined && text !== "" ? text.slice(0, KEPT_BYTES) : found,
    headers: response.headers,
  });
  const category = stated ?? Object.keys(classes).find((name) => error instanceof (classes[name] ?? Error));
  return { error, category };
}

/** The value of a success response. */
export function readValue(contract: Contract, operation: AnyOperation, status: number, body: Uint8Array, correlationId: string): unknown {
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
  const version = textAt(value, contract.versionAt);
  if (!accepts(contract, version)) {
    throw new IncompatibleVersionError(`${operation.id}: expected version ${contract.major}.x, got ${version} [correlation id ${correlationId}]`);
  }
  return value;
}

/** The correlation id that a response states. */
export function correlationOf(contract: Contract, headers: Headers): string | undefined {
  const name = contract.correlationHeader;
  return name === undefined ? undefined : (headers.get(name) ?? undefined);
}
