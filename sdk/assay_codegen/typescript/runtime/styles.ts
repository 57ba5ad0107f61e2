// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** The styles of OpenAPI for objects, for arrays with delimiters, for labels and matrices, and documents inside of parameters. */

import type { Parameter } from "./declarations.js";
import { isJson } from "./media.js";
import { argumentOf, encoded, isAbsent, isObject, plain, scalars, wireString } from "./wire.js";

type Encode = (text: string) => string;
type Values = { readonly [key: string]: unknown };

const BETWEEN: { readonly [style: string]: string } = { spaceDelimited: "%20", pipeDelimited: "%7C" };
const RESERVED = /[:/?#[\]@!$&'()*+,;=]/;

/** Write a parameter in any style. */
export function styled(parameter: Parameter, value: unknown): string[] {
  if (parameter.in === "path") return [pathValue(parameter, value)];
  return parameter.in === "header" ? [simple(parameter, value, String)] : pairs(parameter, value);
}

/** Write an object as pairs, each under the path to its value. */
export function deepObject(parameter: Parameter, value: unknown): string[] {
  if (!isObject(value)) return plain(parameter, value);
  return deepPairs(argumentOf(parameter), parameter.name, value).map(([key, item]) => `${encoded(key)}=${encoded(item)}`);
}

function encodedButReserved(text: string): string {
  return Array.from(text, (sign) => (RESERVED.test(sign) ? sign : encoded(sign))).join("");
}

function pathValue(parameter: Parameter, value: unknown): string {
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
  const between = BETWEEN[parameter.style ?? ""] ?? ",";
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

/** A value as a document inside a parameter; a string is taken as it is where the media type is not JSON. */
function document(parameter: Parameter, value: unknown): string {
  if (isJson(parameter.media ?? "") || isObject(value)) return JSON.stringify(value);
  return wireString(argumentOf(parameter), value);
}
