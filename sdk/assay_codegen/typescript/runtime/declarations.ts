// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What generated code declares about its contract and operations, and the runtime reads. */

import type { WrittenBody } from "./bodies.js";
import type { ErrorClass } from "./errors.js";

/** One parameter: its name on the wire and how its value is written. `key` is its argument where that has another name.
 *
 * One without a function `write` is a scalar or an array: its style is `simple`, or in a query `form` with a pair for each item. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly write?: (parameter: Parameter, value: unknown) => string[];
  readonly style?: string;
  readonly explode?: boolean;
  readonly key?: string;
  readonly media?: string;
  readonly allowReserved?: boolean;
}

/** How one property of a form is written. */
export interface Encoding {
  readonly media?: string;
  readonly style: string;
  readonly explode: boolean;
}

/** How a body is written: by the function `write`. `files` are the properties of a form that are files, `omit` the places of read-only properties. */
export interface Body {
  readonly key: string;
  readonly write: (how: Body, body: unknown) => WrittenBody;
  readonly media: string;
  readonly required: boolean;
  readonly encodings?: { readonly [property: string]: Encoding };
  readonly files?: readonly string[];
  readonly omit?: readonly (readonly string[])[];
}

/** How a list is read page by page: where a page has its items, and the cursor of the next page or the total. */
export interface Pages {
  readonly parameter: string;
  readonly items: readonly string[];
  readonly next?: readonly string[];
  readonly total?: readonly string[];
  readonly more?: readonly string[];
  readonly invalid?: string;
}

/** How a job is followed by the operation that reads it. */
export interface JobTerms {
  readonly parameter: string;
  readonly state: readonly string[];
  readonly final: readonly string[];
  readonly succeeded: readonly string[];
  readonly progress?: readonly string[];
  readonly phase?: readonly string[];
  readonly cancel?: () => AnyOperation;
  readonly result?: () => AnyOperation;
}

/** A server and its variables. */
export interface Server {
  readonly url: string;
  readonly variables?: { readonly [name: string]: { readonly default: string; readonly enum?: readonly string[] } };
}

/** How a body is read: as JSON, text or bytes, or not at all. */
export type Reading = string;

/** A success response: `value` is its body. `attempts` counts requests; `confirmed` says that a 304 confirmed a kept body. */
export interface Reply<Status extends number, Value> {
  readonly status: Status;
  readonly value: Value;
  readonly headers: Headers;
  readonly correlationId: string;
  readonly attempts: number;
  readonly confirmed: boolean;
}

/** An error response of a status, whose body the document describes. */
export interface Failure<Status extends number, Value> {
  readonly status: Status;
  readonly body: Value;
}

/** One operation: how its request is written and its response read, with the types of both. */
export interface Operation<Args, Replies extends Reply<number, unknown>, Failures, Item, Result> {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly accept: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly reads: { readonly [status: string]: Reading };
  readonly security?: readonly (readonly string[])[];
  readonly idempotency?: string;
  readonly revalidates?: boolean;
  readonly server?: Server;
  readonly pages?: Pages;
  readonly job?: JobTerms;
  /** Types only; no value is ever there. */
  readonly "~types"?: {
    readonly args: Args;
    readonly replies: Replies;
    readonly failures: Failures;
    readonly item: Item;
    readonly result: Result;
  };
}

/** An operation of which nothing more is known. */
export type AnyOperation = Operation<unknown, Reply<number, unknown>, unknown, unknown, unknown>;

type Types<O extends AnyOperation> = NonNullable<O["~types"]>;

/** The arguments of an operation. */
export type Arguments<O extends AnyOperation> = Types<O>["args"];
/** The success responses of an operation, told apart by `status`. */
export type Replies<O extends AnyOperation> = Types<O>["replies"];
/** What an operation returns. */
export type Value<O extends AnyOperation> = Types<O>["replies"]["value"];
/** The error responses of an operation that the document describes, told apart by `status`. */
export type Failures<O extends AnyOperation> = Types<O>["failures"];
/** The items of a list. */
export type Item<O extends AnyOperation> = Types<O>["item"];
/** What a job came to. */
export type Result<O extends AnyOperation> = Types<O>["result"];

/** A security scheme: where its credential is written, and under which name. */
export interface Scheme {
  readonly kind: string;
  readonly name: string;
}

/** Where an error body states each fact: the steps from its root. */
export interface Envelope {
  readonly code?: readonly string[];
  readonly category?: readonly string[];
  readonly message?: readonly string[];
  readonly retryable?: readonly string[];
  readonly correlationId?: readonly string[];
  readonly details?: readonly string[];
}

/** One contract version: its names on the wire, and the errors of its taxonomy. */
export interface Contract {
  readonly id: string;
  readonly digest: string;
  readonly major: string;
  readonly versionHeader?: string;
  readonly versionAt?: readonly string[];
  readonly correlationHeader?: string;
  readonly correlationPattern?: string;
  readonly envelope: Envelope;
  readonly errors: { readonly [code: string]: ErrorClass };
  readonly categories: { readonly [category: string]: ErrorClass };
  readonly retries: { readonly [category: string]: string };
  readonly schemes: { readonly [id: string]: Scheme };
  readonly servers: readonly Server[];
}

/** Whether a contract's client reads data of a version; what states none is of any. */
export function accepts({ major }: Contract, version: string | undefined): boolean {
  return version === undefined || version === major || version.startsWith(major + ".");
}

/** A string as JSON, undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value at some steps into a value of JSON, undefined where there is none. */
export function valueAt(value: unknown, steps: readonly string[] | undefined): unknown {
  if (steps === undefined) return undefined;
  let found = value;
  for (const step of steps) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as { readonly [key: string]: unknown })[step];
  }
  return found;
}

/** The same, where that is a string. */
export function textAt(value: unknown, steps: readonly string[] | undefined): string | undefined {
  const found = valueAt(value, steps);
  return typeof found === "string" ? found : undefined;
}
