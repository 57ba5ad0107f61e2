// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** When a call is tried again: by the category of its failure, within bounds, with jitter, as the server asks.
 *
 * never connected                     sent again
 * 429, or 503 with a retryable code   the server says that it did nothing: sent again when the taxonomy says so
 * anything else, or a timeout         its fate is open: never sent again, unless it is safe or carries an idempotency key
 */

import type { Contract } from "./declarations.js";
import { categoryOf, type ApiError } from "./errors.js";

/** How often each kind of failure is tried, and how long the pauses are, in milliseconds. */
export interface RetryPolicy {
  readonly boundedAttempts: number;
  readonly backoffAttempts: number;
  readonly optionalAttempts: number;
  readonly firstPause: number;
  readonly longestPause: number;
  readonly longestRetryAfter: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  boundedAttempts: 3,
  backoffAttempts: 5,
  optionalAttempts: 1,
  firstPause: 200,
  longestPause: 20_000,
  longestRetryAfter: 60_000,
};

/** Every call is sent once. */
export const NO_RETRY: RetryPolicy = { ...DEFAULT_RETRY, boundedAttempts: 1, backoffAttempts: 1, optionalAttempts: 1 };

/** Milliseconds before the next attempt, never less than the server asks for; undefined when there is none. */
export function pauseBefore(policy: RetryPolicy, kind: string, attempt: number, retryAfter: number | undefined, chance: () => number): number | undefined {
  const most: { readonly [kind: string]: number } = { bounded: policy.boundedAttempts, backoff: policy.backoffAttempts, optional: policy.optionalAttempts };
  if (attempt >= (most[kind] ?? 1)) return undefined;
  const least = (retryAfter ?? 0) * 1000;
  if (least > policy.longestRetryAfter) return undefined;
  return least + Math.min(policy.longestPause, policy.firstPause * 2 ** Math.min(attempt - 1, 30)) * chance();
}

/** The kind of retry for an error: that of its category, `none` where the error or the fate of the request forbids it. */
export function retryKind(contract: Contract, error: ApiError, category: string | undefined, repeatable: boolean): string {
  if (error.retryable === false) return "none";
  if (Object.keys(contract.retries).length === 0) {
    return repeatable && [429, 502, 503, 504].includes(error.status) ? "backoff" : "none";
  }
  const kind = contract.retries[category ?? categoryOf(error.status)] ?? "optional";
  if (repeatable || kind === "none" || error.status === 429) return kind;
  // A declared code of a 503 says that the server did nothing; without one the fate of the request is open.
  const declared = Object.hasOwn(contract.errors, error.code) && (kind === "bounded" || kind === "backoff");
  return error.status === 503 && (error.retryable === true || declared) ? kind : "none";
}

/** The seconds of a `Retry-After` header, which has a number or a date. */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^[0-9]+$/.test(value.trim())) return Number(value.trim());
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** How many retries a client may spend: ten, a tenth more with each success, and the token of a retry that succeeded. */
export class RetryQuota {
  #left = 10;

  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  succeeded(attempts: number): void {
    this.#left = Math.min(10, this.#left + (attempts > 1 ? 1 : 0.1));
  }
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
