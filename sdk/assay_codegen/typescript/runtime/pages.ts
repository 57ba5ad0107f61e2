// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Lists read page by page. */

import type { Client } from "./client.js";
import type { AnyOperation, Arguments, Item, Value } from "./declarations.js";
import { textAt, valueAt } from "./declarations.js";
import { ApiError, ArgumentError, CursorExpired, InvalidAnswerError } from "./errors.js";
import type { CallOptions } from "./settings.js";

type Values = { readonly [key: string]: unknown };

/** Every page of a list, from the one that the arguments ask for. */
export async function* pages<O extends AnyOperation>(client: Client, operation: O, args: Arguments<O>, options?: CallOptions): AsyncGenerator<Value<O>, void, undefined> {
  const terms = operation.pages;
  if (terms === undefined) throw new ArgumentError(operation.id, "an operation that the contract calls a list of pages", "another");
  let given: Values = args as Values;
  const seen = new Set<string>();
  for (;;) {
    let page: Value<O>;
    try {
      page = await client.call(operation, given as Arguments<O>, options);
    } catch (error) {
      if (seen.size > 0 && error instanceof ApiError && error.code === terms.invalid) {
        throw new CursorExpired(`${operation.id}: the cursor is no longer valid; start again from the first page`, { cause: error });
      }
      throw error;
    }
    yield page;
    const after = terms.next === undefined ? following(operation, page, given) : textAt(page, terms.next);
    if (after === undefined || after === "") return;
    if (seen.has(String(after))) {
      throw new InvalidAnswerError("a cursor that was followed before", { operation: operation.id, correlationId: "", status: 200 });
    }
    seen.add(String(after));
    given = { ...given, [terms.parameter]: after };
  }
}

/** The offset of the page after this one, undefined after the last. */
function following(operation: AnyOperation, page: unknown, given: Values): number | undefined {
  const terms = operation.pages;
  const found = valueAt(page, terms?.items);
  const count = Array.isArray(found) ? found.length : 0;
  const offset = Number(given[terms?.parameter ?? ""] ?? 0) + count;
  const total = valueAt(page, terms?.total);
  const ended = count === 0 || valueAt(page, terms?.more) === false || (typeof total === "number" && offset >= total);
  return ended ? undefined : offset;
}

/** Every item of a list. */
export async function* items<O extends AnyOperation>(client: Client, operation: O, args: Arguments<O>, options?: CallOptions): AsyncGenerator<Item<O>, void, undefined> {
  for await (const page of pages(client, operation, args, options)) {
    const found = valueAt(page, operation.pages?.items);
    if (Array.isArray(found)) yield* found as Item<O>[];
  }
}
