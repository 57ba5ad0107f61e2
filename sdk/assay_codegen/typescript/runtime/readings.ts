// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What a message of a stream states of the state. */

import type { MessageTerms } from "./channels.js";
import { valueAt } from "./declarations.js";

/** The number that a message states, and the entities in it: all of them, or those that changed. */
export interface Reading {
  readonly sequence: number;
  readonly entities: readonly unknown[];
  /** The numbering that the number belongs to, where it is stated. */
  readonly epoch: string | undefined;
}

/** Read a message that fits its schema. */
export function read(message: unknown, terms: MessageTerms): Reading {
  const entities = valueAt(message, terms.entities);
  const epoch = valueAt(message, terms.epoch);
  return {
    sequence: Number(valueAt(message, terms.sequence)),
    entities: Array.isArray(entities) ? (entities as unknown[]) : [],
    epoch: epoch === undefined || epoch === null ? undefined : String(epoch as string | number | boolean),
  };
}
