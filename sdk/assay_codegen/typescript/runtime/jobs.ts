// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Work that goes on after the response: followed to its end, with progress, a time limit and a way to cancel it. */

import type { Client } from "./client.js";
import type { AnyOperation, Arguments, Result, Value } from "./declarations.js";
import { textAt, valueAt } from "./declarations.js";
import { ArgumentError, JobFailed, JobTimeout } from "./errors.js";
import { readRetryAfter, sleep } from "./retry.js";
import type { CallOptions } from "./settings.js";

/** Where a job stands: `percent` is 0 to 100 and never goes back. */
export interface JobStatus<V> {
  readonly state: string;
  readonly final: boolean;
  readonly percent: number | undefined;
  readonly phase: string | undefined;
  readonly value: V;
}

/** How a job is followed; `within` is in milliseconds. */
export interface JobOptions<V> extends CallOptions {
  readonly within?: number | undefined;
  readonly onProgress?: ((status: JobStatus<V>) => void) | undefined;
}

/** A job. */
export interface Job<V, R> {
  /** Ask once where the job stands. */
  status(): Promise<JobStatus<V>>;
  /** The status each time it is asked for, up to the final one; `JobTimeout` after `within`. */
  statuses(): AsyncGenerator<JobStatus<V>, void, undefined>;
  /** What the job says of itself once it has succeeded; `JobFailed` or `JobTimeout` otherwise. */
  wait(): Promise<V>;
  /** What the job made, once it has succeeded. */
  result(): Promise<R>;
  /** End the job; ending one that has ended is no error. */
  cancel(): Promise<void>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Follow a job by the operation that reads it. */
export function job<O extends AnyOperation>(client: Client, operation: O, args: Arguments<O>, options: JobOptions<Value<O>> = {}): Job<Value<O>, Result<O>> {
  const terms = operation.job;
  if (terms === undefined) throw new ArgumentError(operation.id, "an operation that the contract calls the reader of a job", "another");
  const { within, onProgress, ...call } = options;
  let percent: number | undefined;
  let leastPause = 0;

  async function status(): Promise<JobStatus<Value<O>>> {
    const reply = await client.withResponse(operation, args, call);
    const value = reply.value as Value<O>;
    leastPause = (readRetryAfter(reply.headers.get("retry-after"), Date.now()) ?? 0) * 1000;
    const progress = valueAt(value, terms?.progress);
    if (typeof progress === "number" && (percent === undefined || progress > percent)) percent = progress;
    const state = textAt(value, terms?.state) ?? "";
    return { state, final: terms?.final.includes(state) ?? false, percent, phase: textAt(value, terms?.phase), value };
  }

  async function* statuses(): AsyncGenerator<JobStatus<Value<O>>, void, undefined> {
    const deadline = within === undefined ? undefined : performance.now() + within;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, 2 * pause)) {
      const found = await status();
      yield found;
      if (found.final) return;
      const wait = Math.max(leastPause, pause * (0.5 + 0.5 * (client.options.random ?? Math.random)()));
      if (deadline !== undefined && performance.now() + wait > deadline) {
        throw new JobTimeout(`${operation.id}: still ${found.state}; wait longer or cancel the job`, found.state, found.value);
      }
      await sleep(wait, call.signal);
    }
  }

  async function wait(): Promise<Value<O>> {
    for await (const found of statuses()) {
      onProgress?.(found);
      if (!found.final) continue;
      if (terms?.succeeded.includes(found.state) === true) return found.value;
      throw new JobFailed(`${operation.id}: the job ended as ${found.state}`, found.state, found.value);
    }
    throw new JobTimeout(`${operation.id}: the job has no final state`, "", undefined);
  }

  async function other(named: (() => AnyOperation) | undefined, what: string): Promise<unknown> {
    if (named === undefined) throw new ArgumentError(operation.id, `a contract that names an operation that ${what} the job`, "none");
    return client.call(named(), args, call);
  }

  return {
    status,
    statuses,
    wait,
    result: async () => {
      await wait();
      return (await other(terms.result, "fetches the result of")) as Result<O>;
    },
    cancel: async () => {
      await other(terms.cancel, "cancels");
    },
  };
}
