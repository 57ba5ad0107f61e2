// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** How arguments are written into a request: scalars and arrays in the way of most parameters, anything else by the writer of a parameter.
 *
 * A delimiter between items is written as it is, one inside an item is percent-encoded, so that the two stay apart. What is null or
 * undefined is not written. A path value that would lead to another path (empty, `.` or `..`) is rejected.
 */

import type { Parameter } from "./declarations.js";
import { ArgumentError } from "./errors.js";

type Values = { readonly [key: string]: unknown };

/** Percent-encode all but the unreserved characters of RFC 3986. */
export function encoded(text: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());
  } catch {
    throw new ArgumentError("value", "a string of whole characters", "half of a surrogate pair");
  }
}

/** A scalar as a string; anything else is rejected. */
export function wireString(argument: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  throw new ArgumentError(argument, "a string, a number, a boolean or a Date", value === null ? "null" : typeof value);
}

/** Whether a value is written as an object. */
export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Whether a value counts as none. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The path and query of a request. */
export function writeTarget(path: string, parameters: readonly Parameter[], args: Values): string {
  const query: string[] = [];
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const value = args[argumentOf(parameter)];
    if (parameter.in === "path") {
      if (isAbsent(value) || value === "" || (Array.isArray(value) && value.length === 0)) {
        throw new ArgumentError(argumentOf(parameter), "a value, since it is part of the path", JSON.stringify(value) ?? "undefined");
      }
      values.set(parameter.name, written(parameter, value).join(""));
    } else if (parameter.in === "query" && !isAbsent(value)) query.push(...written(parameter, value));
  }
  const segments = path.split("/").map((segment) => {
    if (!segment.includes("{")) return segment;
    const expanded = segment.replace(/\{([^{}]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
    // Dots cannot be percent-encoded to any effect: every client and proxy takes %2E for the dot that it stands for.
    if (expanded === "" || expanded === "." || expanded === "..") {
      throw new ArgumentError(segment, "a value that keeps the path of the operation", JSON.stringify(expanded));
    }
    return expanded;
  });
  return segments.join("/") + (query.length > 0 ? "?" + query.join("&") : "");
}

/** Write the headers and cookies of a request that are given as arguments. */
export function writeHeaders(parameters: readonly Parameter[], args: Values, headers: Headers, cookies: string[]): void {
  for (const parameter of parameters) {
    const value = args[argumentOf(parameter)];
    if (isAbsent(value)) continue;
    if (parameter.in === "cookie") cookies.push(...written(parameter, value));
    else if (parameter.in === "header") headers.set(parameter.name, headerValue(argumentOf(parameter), written(parameter, value).join("")));
  }
}

/** A header's value; one that a header cannot hold, such as a line break, is rejected. */
export function headerValue(argument: string, text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new ArgumentError(argument, "printable ASCII, which a header can hold", "other characters");
  return text;
}

/** The argument of a parameter. */
export function argumentOf(parameter: Parameter): string {
  return parameter.key ?? parameter.name;
}

/** What a parameter stands as in the request: the pairs of a query or a cookie, or one string. */
function written(parameter: Parameter, value: unknown): string[] {
  return (parameter.write ?? plain)(parameter, value);
}

/** A scalar, or the items of an array one after the other. */
export function plain(parameter: Parameter, value: unknown): string[] {
  const items = scalars(argumentOf(parameter), Array.isArray(value) ? value : [value]);
  if (parameter.in === "header") return [items.join(",")];
  const found = items.map(encoded);
  return parameter.in === "path" ? [found.join(",")] : found.map((item) => `${encoded(parameter.name)}=${item}`);
}

/** The items of an array as strings, without those that are none. */
export function scalars(argument: string, items: readonly unknown[]): string[] {
  return items.filter((item) => !isAbsent(item)).map((item) => wireString(argument, item));
}
