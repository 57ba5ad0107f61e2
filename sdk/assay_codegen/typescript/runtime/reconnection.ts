// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** When a feed connects again, and how it passes the time without a session.
 *
 * a session is lost -> pauses that grow, for so many attempts in a row -> polling, with probes of the stream that get rarer
 */

import { sleep } from "./retry.js";
import type { FeedPolicy } from "./settings.js";

// So many statements below what is known, over the time of the policy, show that a numbering began anew.
const PROOFS = 3;

/** The attempts to connect so far, and the moments of the next probe and the next poll. */
export class Reconnection {
  readonly #policy: FeedPolicy;
  readonly #random: () => number;
  readonly #signal: AbortSignal;
  #failures = 0;
  #renewed = false;
  #openedAt = 0;
  #probeDue = 0;
  #probePause = 0;
  #pollDue = 0;

  constructor(policy: FeedPolicy, random: () => number, signal: AbortSignal) {
    this.#policy = policy;
    this.#random = random;
    this.#signal = signal;
  }

  /** Whether so many attempts in a row failed that the feed polls. */
  get exhausted(): boolean {
    return this.#failures > this.#policy.attempts;
  }

  /** Wait before the next attempt, anywhere between nothing and a bound that doubles; not before the first. */
  async pause(): Promise<void> {
    if (this.#failures === 0) return;
    const { firstPause, longestPause } = this.#policy;
    await sleep(Math.min(longestPause, firstPause * 2 ** Math.min(this.#failures - 1, 30)) * this.#random(), this.#signal);
  }

  opened(): void {
    this.#openedAt = performance.now();
  }

  /** Note that a session ended; one that lived for long enough clears the count. */
  ended(): void {
    if (performance.now() - this.#openedAt < this.#policy.settled) return;
    this.#failures = 0;
    this.#renewed = false;
  }

  failed(): void {
    this.#failures += 1;
  }

  /** Whether another token is worth an attempt; true once in a row. */
  renew(): boolean {
    const renewed = this.#renewed;
    this.#renewed = true;
    return !renewed;
  }

  startProbes(): void {
    if (performance.now() >= this.#probeDue) this.#nextProbe(Math.min(this.#policy.probeFirst, this.#policy.probeEvery));
  }

  /** Whether a probe of the stream is due; the next one comes after twice the pause. */
  takeProbe(): boolean {
    if (performance.now() < this.#probeDue) return false;
    this.#nextProbe(Math.min(this.#policy.probeEvery, 2 * this.#probePause));
    return true;
  }

  /** Wait for the next poll or probe, and say whether a poll is due. */
  async takePoll(): Promise<boolean> {
    const wait = Math.min(this.#pollDue, this.#probeDue) - performance.now();
    if (wait > 0) await sleep(wait, this.#signal);
    if (performance.now() < this.#pollDue) return false;
    this.#pollDue = performance.now() + this.#policy.pollEvery;
    return true;
  }

  pollNow(): void {
    this.#pollDue = 0;
  }

  #nextProbe(pause: number): void {
    this.#probePause = pause;
    this.#probeDue = performance.now() + pause;
  }
}

/** Tells a server that lags from one whose numbering began anew: the one catches up, the other stays below what is known. */
export class RestartWatch {
  readonly #after: number;
  #since: number | undefined;
  #count = 0;

  constructor(after: number) {
    this.#after = after;
  }

  clear(): void {
    this.#since = undefined;
    this.#count = 0;
  }

  note(place: string): void {
    if (place !== "behind") return this.clear();
    this.#count += 1;
    this.#since ??= performance.now();
  }

  get confirmed(): boolean {
    return this.#since !== undefined && this.#count >= PROOFS && performance.now() - this.#since >= this.#after;
  }
}
