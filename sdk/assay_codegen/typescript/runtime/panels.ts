// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Panels of a page that load beside each other: a shared cache, one request for panels that ask for the same, and results that never reject. */

import type { Client } from "./client.js";
import type { AnyOperation, Arguments, Value } from "./declarations.js";
import { CATEGORIES } from "./errors.js";
import { advance, outcomeOf, resultOf, UNLOADED, type Outcome, type PanelResult, type PanelState } from "./panel-states.js";
import { sleep } from "./retry.js";

type Values = { readonly [key: string]: unknown };

/** One panel. Panels with the same operation and arguments share their data. */
export interface Panel<V> {
  readonly operation: AnyOperation;
  readonly args: Values;
  /** The arguments with the start and the end of a time window. */
  readonly window?: readonly [start: string, end: string] | undefined;
  /** Whether the server calls the data of a response old. */
  stale?(value: V): boolean;
  /** Whether the server calls a response incomplete. */
  partial?(value: V): boolean;
}

/** What a page knows of a panel beside its operation and arguments. */
export interface PanelTerms<O extends AnyOperation> {
  readonly window?: readonly [start: keyof Arguments<O> & string, end: keyof Arguments<O> & string];
  readonly stale?: (value: Value<O>) => boolean;
  readonly partial?: (value: Value<O>) => boolean;
}

/** How panels load. Times are in milliseconds.
 *
 * After `patience` data that are there are shown as old, and the new ones come to the next reader. After `attempts` failures in a row a
 * panel loads by `retry` alone, and after `corrupt` payloads in a row that cannot be read by `switchOn` alone.
 */
export interface PanelPolicy {
  readonly patience: number;
  readonly attempts: number;
  readonly corrupt: number;
}

export const DEFAULT_PANELS: PanelPolicy = { patience: 2000, attempts: 3, corrupt: 3 };

/** What panels take: `shows` has what a person should see by category of the contract's taxonomy or by outcome. */
export interface PanelOptions {
  readonly shows?: { readonly [category: string]: string };
  readonly policy?: Partial<PanelPolicy>;
}

/** How often panels are polled, in milliseconds: every `every`, up to `jitter` earlier or later. */
export interface PollOptions {
  readonly every: number;
  readonly jitter?: number;
  readonly signal?: AbortSignal;
}

/** The results of panels by their names. */
export type PanelResults<P> = { readonly [name in keyof P]: PanelResult<P[name] extends Panel<infer V> ? V : never> };

interface Entry {
  state: PanelState<unknown>;
  freshUntil: number;
  failures: number;
  /** Grows with what a feed says, so that a response that was on its way then does not count as fresh. */
  changes: number;
  loading: Promise<void> | undefined;
}

/** A panel of an operation. */
export function panel<O extends AnyOperation>(operation: O, args: Arguments<O>, terms: PanelTerms<O> = {}): Panel<Value<O>> {
  return { operation, args: args as Values, ...terms };
}

/** The same panel over the later half of its window, with every other argument as it is. */
export function narrower<V>(wide: Panel<V>): Panel<V> {
  const [start = "", end = ""] = wide.window ?? [];
  const [first, last] = [moment(wide.args[start]), moment(wide.args[end])];
  if (first === undefined || last === undefined) return wide;
  const middle = new Date(first + (last - first) / 2);
  return { ...wide, args: { ...wide.args, [start]: typeof wide.args[start] === "string" ? middle.toISOString() : middle } };
}

/** The panels of one page. */
export class Panels {
  readonly #client: Client;
  readonly #shows: { readonly [category: string]: string };
  readonly #policy: PanelPolicy;
  readonly #entries = new Map<string, Entry>();

  constructor(client: Client, { shows = {}, policy = {} }: PanelOptions = {}) {
    this.#client = client;
    this.#shows = shows;
    this.#policy = { ...DEFAULT_PANELS, ...policy };
  }

  /** The result of each panel by its name. One that fails leaves the others alone. */
  async gather<P extends { readonly [name: string]: Panel<unknown> }>(panels: P): Promise<PanelResults<P>> {
    const results = await Promise.all(Object.entries(panels).map(async ([name, one]) => [name, await this.load(one)] as const));
    return Object.fromEntries(results) as PanelResults<P>;
  }

  /** The result of one panel: from the cache while the server lets it be kept, else loaded. */
  async load<V>(one: Panel<V>): Promise<PanelResult<V>> {
    const entry = this.#entry(one);
    if (!entry.state.off && entry.failures < this.#policy.attempts && performance.now() >= entry.freshUntil) await this.#load(one, entry);
    return this.current(one);
  }

  /** What a panel shows now, without a request. */
  current<V>(one: Panel<V>): PanelResult<V> {
    return resultOf(this.#entry(one).state) as PanelResult<V>;
  }

  /** Load a panel because a person asked for it, whatever failed before. */
  async retry<V>(one: Panel<V>): Promise<PanelResult<V>> {
    Object.assign(this.#entry(one), { failures: 0, freshUntil: 0 });
    return this.load(one);
  }

  /** Let a panel load again that was switched off after payloads that cannot be read. */
  switchOn(one: Panel<unknown>): void {
    this.#entries.delete(key(one));
  }

  /** Let the next reader load a panel, as after a message of a feed; data that are there stay until then. */
  invalidate(one: Panel<unknown>): void {
    const entry = this.#entry(one);
    entry.freshUntil = 0;
    entry.changes += 1;
  }

  /** Change the data of a panel, as a message of a feed says; one without data stays without. */
  patch<V>(one: Panel<V>, change: (value: V) => V): void {
    const entry = this.#entry(one);
    if (entry.state.data.length === 0) return;
    entry.changes += 1;
    entry.state = advance(entry.state, "loaded", { data: [change(entry.state.data[0] as V)], now: new Date() });
  }

  /** Gather panels again and again, the next time only after the last one, until the signal is aborted. */
  async poll<P extends { readonly [name: string]: Panel<unknown> }>(
    panels: P, { every, jitter = every / 6, signal }: PollOptions, show: (results: PanelResults<P>) => void,
  ): Promise<void> {
    const random = this.#client.options.random ?? Math.random;
    const ended = (): boolean => signal?.aborted ?? false;
    while (!ended()) {
      const results = await this.gather(panels);
      if (ended()) return;
      show(results);
      // Only the signal rejects, and then the loop ends.
      await sleep(every + jitter * (2 * random() - 1), signal).catch(() => undefined);
    }
  }

  #entry(one: Panel<unknown>): Entry {
    const found = this.#entries.get(key(one)) ?? { state: UNLOADED, freshUntil: 0, failures: 0, changes: 0, loading: undefined };
    this.#entries.set(key(one), found);
    return found;
  }

  async #load(one: Panel<unknown>, entry: Entry): Promise<void> {
    entry.loading ??= this.#refresh(one, entry).finally(() => {
      entry.loading = undefined;
    });
    if (entry.state.data.length === 0) return entry.loading;
    // The load goes on for the next reader when this one has data to show meanwhile.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), this.#policy.patience);
    });
    const isLate = await Promise.race([entry.loading, late]);
    clearTimeout(timer);
    if (isLate === true) entry.state = advance(entry.state, "slow", { shows: this.#shows["slow"] ?? "" });
  }

  async #refresh(one: Panel<unknown>, entry: Entry): Promise<void> {
    const { changes } = entry;
    try {
      const { value, headers } = await this.#client.withResponse(one.operation, one.args);
      const outcome: Outcome = one.partial?.(value) === true ? "partial" : one.stale?.(value) === true ? "stale" : "loaded";
      entry.failures = 0;
      entry.freshUntil = outcome === "loaded" && entry.changes === changes ? performance.now() + maxAge(headers) : 0;
      entry.state = advance(entry.state, outcome, { data: [value], now: new Date() });
    } catch (error) {
      // Whatever a panel fails with, the page stays; the result carries the error.
      const outcome = outcomeOf(error);
      entry.failures += 1;
      entry.state = advance(entry.state, outcome, { error, shows: this.#shows[this.#category(error)] ?? this.#shows[outcome] ?? "", corruptLimit: this.#policy.corrupt });
    }
  }

  /** The category of the contract that an error is of. */
  #category(error: unknown): string {
    const classes = { ...CATEGORIES, ...this.#client.contract.categories };
    return Object.keys(classes).find((name) => error instanceof (classes[name] ?? Error)) ?? "";
  }
}

/** What panels with the same data have in common. */
function key({ operation, args }: Panel<unknown>): string {
  return JSON.stringify([operation.id, Object.entries(args).filter(([, value]) => value !== undefined).sort(([one], [other]) => (one < other ? -1 : 1))]);
}

function moment(value: unknown): number | undefined {
  const found = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(found) ? undefined : found;
}

/** For how many milliseconds the server lets a response be kept; 0 where it says nothing. */
function maxAge(headers: Headers): number {
  const stated = headers.get("cache-control") ?? "";
  const found = /(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])/.exec(stated);
  return found === null || /no-store|no-cache/.test(stated) ? 0 : Number(found[1]) * 1000;
}
