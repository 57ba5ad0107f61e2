// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** How arguments are written into a request: the styles of OpenAPI for path, query, headers and cookies.
 *
 * A delimiter between items is written as it is, one inside an item is percent-encoded, so that the two stay apart. What is null or
 * undefined is not written. A path value that would lead to another path (empty, `.` or `..`) is rejected.
 */

import type { Parameter } from "./declarations.js";
import { ArgumentError } from "./errors.js";

type Encode = (text: string) => string;
type Values = { readonly [key: string]: unknown };

const BETWEEN: { readonly [style: string]: string } = { spaceDelimited: "%20", pipeDelimited: "%7C" };
const RESERVED = /[:/?#[\]@!$&'()*+,;=]/;

/** Percent-encode all but the unreserved characters of RFC 3986. */
export function encoded(text: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());
  } catch {
    throw new ArgumentError("value", "a string of whole characters", "half of a surrogate pair");
  }
}

function encodedButReserved(text: string): string {
  return Array.from(text, (sign) => (RESERVED.test(sign) ? sign : encoded(sign))).join("");
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
  const written = new Map<string, string>();
  for (const parameter of parameters) {
    const value = args[argumentOf(parameter)];
    if (parameter.in === "path") written.set(parameter.name, pathValue(parameter, value));
    else if (parameter.in === "query" && !isAbsent(value)) query.push(...pairs(parameter, value));
  }
  const segments = path.split("/").map((segment) => {
    if (!segment.includes("{")) return segment;
    const expanded = segment.replace(/\{([^{}]+)\}/g, (whole, name: string) => written.get(name) ?? whole);
    // Dots cannot be percent-encoded to any effect: every client and proxy takes %2E for the dot that it stands for.
    if (expanded === "" || expanded === "." || expanded === "..") {
      throw new ArgumentError(segment, "a value that keeps the path of the operation", JSON.stringify(expanded));
    }
    return expanded;
  });
  return segments.join("/") + (query.length > 0 ? "?" + query.join("&") : "");
}

/** The headers of a request that are given as arguments, cookies among them. */
export function writeHeaders(parameters: readonly Parameter[], args: Values): Map<string, string> {
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (const parameter of parameters) {
    const value = args[argumentOf(parameter)];
    if (isAbsent(value)) continue;
    if (parameter.in === "cookie") cookies.push(...pairs(parameter, value));
    else if (parameter.in === "header") headers.set(parameter.name, headerValue(argumentOf(parameter), simple(parameter, value, String)));
  }
  if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
  return headers;
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

function pathValue(parameter: Parameter, value: unknown): string {
  if (isAbsent(value) || value === "" || (Array.isArray(value) && value.length === 0)) {
    throw new ArgumentError(argumentOf(parameter), "a value, since it is part of the path", JSON.stringify(value) ?? "undefined");
  }
  if (parameter.media !== undefined) return encoded(document(parameter, value));
  if (parameter.style === "label") return "." + simple(parameter, value, encoded, parameter.explode ? "." : ",");
  if (parameter.style === "matrix") return matrix(parameter, value);
  return simple(parameter, value, encoded);
}

/** Values one after the other; an exploded object as `key=value`. */
function simple(parameter: Parameter, value: unknown, encode: Encode, between = ","): string {
  if (parameter.media !== undefined) return encode(document(parameter, value));
  const argument = argumentOf(parameter);
  if (Array.isArray(value)) return scalars(argument, value).map(encode).join(between);
  if (!isObject(value)) return encode(wireString(argument, value));
  const found = properties(argument, value).map(([key, item]) => [encode(key), encode(item)] as const);
  return parameter.explode ? found.map(([key, item]) => `${key}=${item}`).join(between) : found.flat().join(between);
}

function matrix(parameter: Parameter, value: unknown): string {
  const name = encoded(parameter.name);
  const argument = argumentOf(parameter);
  if (Array.isArray(value) && parameter.explode) return scalars(argument, value).map((item) => `;${name}=${encoded(item)}`).join("");
  if (isObject(value) && parameter.explode) {
    return properties(argument, value)
      .map(([key, item]) => `;${encoded(key)}=${encoded(item)}`)
      .join("");
  }
  return `;${name}=${simple(parameter, value, encoded)}`;
}

/** The pairs of a query parameter or a cookie. */
function pairs(parameter: Parameter, value: unknown): string[] {
  const encode: Encode = parameter.allowReserved === true && parameter.in === "query" ? encodedButReserved : encoded;
  const name = encoded(parameter.name);
  const argument = argumentOf(parameter);
  if (parameter.media !== undefined) return [`${name}=${encode(document(parameter, value))}`];
  const between = BETWEEN[parameter.style] ?? ",";
  if (isObject(value)) {
    if (parameter.style === "deepObject") return deepPairs(argument, parameter.name, value).map(([key, item]) => `${encoded(key)}=${encode(item)}`);
    if (parameter.explode) return manyProperties(argument, value).map(([key, item]) => `${encode(key)}=${encode(item)}`);
    return [`${name}=${properties(argument, value).flat().map(encode).join(between)}`];
  }
  if (!Array.isArray(value)) return [`${name}=${encode(wireString(argument, value))}`];
  const items = scalars(argument, value).map(encode);
  if (parameter.explode) return items.map((item) => `${name}=${item}`);
  return items.length > 0 ? [`${name}=${items.join(between)}`] : [];
}

/** The pairs of an object in `deepObject`, with those of the objects and arrays in it. */
export function deepPairs(argument: string, name: string, value: Values): [string, string][] {
  return Object.entries(value).flatMap(([key, item]): [string, string][] => {
    const inner = `${name}[${key}]`;
    if (isAbsent(item)) return [];
    if (Array.isArray(item)) return scalars(argument, item).map((part): [string, string] => [inner, part]);
    return isObject(item) ? deepPairs(argument, inner, item) : [[inner, wireString(argument, item)]];
  });
}

/** The items of an array as strings, without those that are none. */
export function scalars(argument: string, items: readonly unknown[]): string[] {
  return items.filter((item) => !isAbsent(item)).map((item) => wireString(argument, item));
}

/** The properties of an object as strings, without those that are none. */
export function properties(argument: string, value: Values): [string, string][] {
  return Object.entries(value)
    .filter(([, item]) => !isAbsent(item))
    .map(([key, item]): [string, string] => [key, wireString(`${argument}[${JSON.stringify(key)}]`, item)]);
}

function manyProperties(argument: string, value: Values): [string, string][] {
  return Object.entries(value).flatMap(([key, item]): [string, string][] => {
    if (isAbsent(item)) return [];
    const texts = Array.isArray(item) ? scalars(argument, item) : [wireString(`${argument}[${JSON.stringify(key)}]`, item)];
    return texts.map((text): [string, string] => [key, text]);
  });
}

/** Whether a media type is JSON. */
export function isJson(media: string): boolean {
  const kind = essence(media);
  return kind === "application/json" || kind === "text/json" || kind.endsWith("+json");
}

/** A media type without its parameters. */
export function essence(media: string): string {
  return (media.split(";")[0] ?? "").trim().toLowerCase();
}

/** A value as a document inside a parameter; a string is taken as it is where the media type is not JSON. */
function document(parameter: Parameter, value: unknown): string {
  if (isJson(parameter.media ?? "") || isObject(value)) return JSON.stringify(value);
  return wireString(argumentOf(parameter), value);
}
