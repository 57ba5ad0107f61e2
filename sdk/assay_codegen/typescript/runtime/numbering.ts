// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Where a number stands in a numbering, and what became of the changes that a feed missed.
 *
 * Numbers are compared as serial numbers (RFC 1982): of the two ways round a numbering that wraps, the shorter one counts.
 */

import type { Numbering } from "./channels.js";

/** Why missed changes cannot be had:
 *
 * no-longer-kept        the server says that it does not keep them any more
 * changes-not-given     it was asked for them, and neither gave them nor said why
 * changes-incomplete    some of those that it gave are missing
 * resync-failed         it could not be asked
 * server-behind         it gave a state older than the one that the session opened with
 * epoch-changed         its numbering began anew, and it says so
 * numbering-restarted   its numbering began anew, as everything that it states shows
 */
export type Cause = "no-longer-kept" | "changes-not-given" | "changes-incomplete" | "resync-failed" | "server-behind" | "epoch-changed" | "numbering-restarted";

/** What became of missed changes: there were none, they are here in order, or they cannot be had. The state is right in any case. */
export type Recovery<C> =
  | { readonly event: "nothing-missed"; readonly sequence: number }
  | { readonly event: "replayed"; readonly after: number; readonly until: number; readonly changes: readonly C[] }
  | { readonly event: "cannot-replay"; readonly after: number; readonly until: number; readonly cause: Cause };

/** Where a number stands against the one of the state. */
export type Place = "first" | "same" | "next" | "ahead" | "behind" | "other-epoch";

/** How far a number lies ahead of another; negative when it lies behind. */
export function distance({ first = 0, last }: Numbering, old: number, now: number): number {
  if (last === undefined) return now - old;
  const span = last - first + 1;
  // Never larger than the span itself, whose last number may be the largest that is exact.
  const rest = (now - old) % span;
  const ahead = rest < 0 ? rest + span : rest;
  return ahead <= Math.floor(span / 2) ? ahead : ahead - span;
}

/** Where a number stands. */
export function placeOf(numbering: Numbering, known: number | undefined, stated: number): Place {
  if (known === undefined) return "first";
  const ahead = distance(numbering, known, stated);
  if (ahead === numbering.step) return "next";
  return ahead === 0 ? "same" : ahead > 0 ? "ahead" : "behind";
}

/** The outcome of asking for the changes after a number, when the state has another by now. Without a number of its own a change counts. */
export function judgeChanges<C>(
  numbering: Numbering, changes: readonly C[] | undefined, truncated: boolean, sequenceOf: ((change: C) => number) | undefined, after: number, until: number,
): Recovery<C> {
  const lost = (cause: Cause): Recovery<C> => ({ event: "cannot-replay", after, until, cause });
  if (truncated) return lost("no-longer-kept");
  if (changes === undefined) return lost("changes-not-given");
  if (sequenceOf === undefined) return { event: "replayed", after, until, changes };
  const ahead = (change: C): number => distance(numbering, after, sequenceOf(change));
  const whole = distance(numbering, after, until);
  const missed = changes.filter((change) => ahead(change) > 0 && ahead(change) <= whole).sort((one, other) => ahead(one) - ahead(other));
  let reached = 0;
  for (const change of missed) {
    // One step may carry several changes under one number.
    if (ahead(change) !== reached) reached += numbering.step;
    if (ahead(change) !== reached) return lost("changes-incomplete");
  }
  return reached === whole ? { event: "replayed", after, until, changes: missed } : lost("changes-incomplete");
}
