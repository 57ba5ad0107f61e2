// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** The state of a panel, and how each attempt to load it changes what it shows. Pure: no time passes here and nothing is sent.
 *
 * loaded, stale, partial     the new data are shown
 * slow, transient,           data that were there stay, marked as old
 * availability, validation
 * authz, contract, corrupt,  nothing is shown but the reason
 * unknown
 */

import {
  AuthorizationError, AvailabilityError, ContractMismatchError, DeadlineExceeded, IncompatibleVersionError, InvalidAnswerError,
  TransientError, TransportError, ValidationError,
} from "./errors.js";

/** What an attempt to load a panel came to. */
export type Outcome =
  | "loaded" | "stale" | "partial" | "slow" | "transient" | "availability" | "validation" | "authz" | "contract" | "corrupt" | "unknown";

/** What a panel has to show. `shows` is for a person; `retry` and `narrower` say which controls to offer: another attempt, a shorter window. */
export type PanelResult<V> =
  | { readonly state: "fresh"; readonly value: V; readonly updated: Date | undefined }
  | {
      readonly state: "stale"; readonly value: V; readonly updated: Date | undefined; readonly shows: string;
      readonly retry: boolean; readonly narrower: boolean; readonly error: unknown;
    }
  | { readonly state: "partial"; readonly value: V; readonly updated: Date | undefined; readonly shows: string }
  /** No data. A panel that is `off` loads no more until it is switched on. */
  | { readonly state: "failed"; readonly shows: string; readonly retry: boolean; readonly narrower: boolean; readonly off: boolean; readonly error: unknown }
  /** The server speaks another version; nothing of its data is shown. */
  | { readonly state: "incompatible"; readonly shows: string; readonly error: unknown };

/** What a panel holds: `data` is one value or none; `corrupt` counts payloads in a row that could not be read. */
export interface PanelState<V> {
  readonly data: readonly [] | readonly [V];
  readonly updated: Date | undefined;
  readonly outcome: Outcome;
  readonly corrupt: number;
  readonly off: boolean;
  readonly shows: string;
  readonly error: unknown;
}

/** The facts of one attempt: the data of one that loaded something, and why it failed. */
export interface Attempt<V> {
  readonly data?: readonly [] | readonly [V];
  readonly now?: Date;
  readonly error?: unknown;
  readonly shows?: string;
  readonly corruptLimit?: number;
}

/** A panel before its first attempt. */
export const UNLOADED: PanelState<never> = { data: [], updated: undefined, outcome: "unknown", corrupt: 0, off: false, shows: "", error: undefined };

const LOADING: readonly Outcome[] = ["loaded", "stale", "partial"];
const KEEPING: readonly Outcome[] = ["slow", "transient", "availability", "validation"];
const RETRIED: readonly Outcome[] = ["stale", "slow", "transient", "availability", "corrupt", "unknown"];
// A store or an upstream that is busy: a shorter window asks less of it, which is no help against a limit of requests.
const SLOW_STATUS: readonly number[] = [408, 503, 504];
// What a person sees where the page says nothing of its own.
const SHOWS: { readonly [outcome in Outcome]: string } = {
  loaded: "",
  stale: "Data is delayed.",
  partial: "Some data is missing.",
  slow: "Data is delayed.",
  transient: "This part is busy. Try again.",
  availability: "The service is unavailable. The data on screen stays.",
  validation: "The request is not valid. Change it and try again.",
  authz: "Your role does not allow this view.",
  contract: "Incompatible data version. Reload the page.",
  corrupt: "No data to show.",
  unknown: "Something went wrong.",
};

/** The state after an attempt. A panel that is switched off stays as it is. */
export function advance<V>(state: PanelState<V>, outcome: Outcome, attempt: Attempt<V> = {}): PanelState<V> {
  if (state.off) return state;
  const { data = [], now, error, shows = "", corruptLimit = 3 } = attempt;
  if (LOADING.includes(outcome)) return { ...UNLOADED, data, updated: now, outcome, shows };
  if (KEEPING.includes(outcome)) return { ...state, outcome, corrupt: 0, shows, error };
  const corrupt = outcome === "corrupt" ? state.corrupt + 1 : 0;
  return { ...UNLOADED, outcome, corrupt, off: corrupt >= corruptLimit, shows, error };
}

/** What a panel in a state shows. */
export function resultOf<V>({ data, updated, outcome, off, shows: own, error }: PanelState<V>): PanelResult<V> {
  const shows = own || SHOWS[outcome];
  const retry = RETRIED.includes(outcome) && !off;
  const narrower = outcome === "slow";
  if (outcome === "contract") return { state: "incompatible", shows, error };
  if (data.length === 0) return { state: "failed", shows, retry, narrower, off, error };
  const [value] = data;
  if (outcome === "loaded") return { state: "fresh", value, updated };
  return outcome === "partial" ? { state: "partial", value, updated, shows } : { state: "stale", value, updated, shows, retry, narrower, error };
}

/** The outcome that an error stands for; what is not known is `unknown`. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof IncompatibleVersionError || error instanceof ContractMismatchError) return "contract";
  if (error instanceof InvalidAnswerError) return "corrupt";
  if (error instanceof DeadlineExceeded) return "slow";
  if (error instanceof TransportError || error instanceof AvailabilityError) return "availability";
  if (error instanceof TransientError) return SLOW_STATUS.includes(error.status) ? "slow" : "transient";
  if (error instanceof ValidationError) return "validation";
  return error instanceof AuthorizationError ? "authz" : "unknown";
}
