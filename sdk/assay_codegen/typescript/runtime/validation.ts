// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Whether an incoming message fits its schema: the types, the properties that it must have, and constants. */

import { isObject } from "./wire.js";

/** A schema, or whether anything fits. */
export type Schema = boolean | { readonly [keyword: string]: unknown };
type Schemas = { readonly [name: string]: Schema };

// Data is never this deep; schemas may refer to each other in a circle.
const DEEPEST = 200;

/** Where a value breaks a schema, as a JSON pointer; undefined where it fits. */
export function broken(value: unknown, schema: Schema, schemas: Schemas, at = "", depth = 0): string | undefined {
  if (typeof schema === "boolean" || depth > DEEPEST) return schema === false ? at || "/" : undefined;
  const fits = (part: unknown): boolean => broken(value, part as Schema, schemas, at, depth + 1) === undefined;
  const { $ref, type, required, properties, items, anyOf, allOf, additionalProperties: rest } = schema;
  const wrong =
    (typeof $ref === "string" && !fits(schemas[$ref] ?? true)) ||
    (Object.hasOwn(schema, "const") && !same(value, schema["const"])) ||
    (Array.isArray(schema["enum"]) && !schema["enum"].some((one) => same(value, one))) ||
    (type !== undefined && ![type].flat().some((kind) => isOf(value, kind))) ||
    (schema["not"] !== undefined && fits(schema["not"])) ||
    (Array.isArray(anyOf) && !anyOf.some(fits)) ||
    (Array.isArray(allOf) && !allOf.every(fits)) ||
    (Array.isArray(required) && isObject(value) && !required.every((name) => Object.hasOwn(value, String(name))));
  if (wrong) return at || "/";
  if (Array.isArray(value)) return items === undefined ? undefined : first(value.entries(), () => items as Schema);
  if (!isObject(value)) return undefined;
  const known = isObject(properties) ? properties : {};
  return first(Object.entries(value), (name) => (Object.hasOwn(known, name) ? known[name] : rest) as Schema | undefined);

  function first(parts: Iterable<[string | number, unknown]>, of: (key: string) => Schema | undefined): string | undefined {
    for (const [key, part] of parts) {
      const found = broken(part, of(String(key)) ?? true, schemas, `${at}/${key}`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function same(value: unknown, other: unknown): boolean {
  return value === other || (typeof other === "object" && JSON.stringify(value) === JSON.stringify(other));
}

function isOf(value: unknown, kind: unknown): boolean {
  if (kind === "integer") return Number.isInteger(value);
  if (kind === "null") return value === null;
  if (kind === "array") return Array.isArray(value);
  return kind === "object" ? isObject(value) : typeof value === kind;
}
