// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** How a request's body is written: JSON, forms, files, strings and bytes, by its media type. */

import type { Body, Encoding } from "./declarations.js";
import { ArgumentError } from "./errors.js";
import { isJson } from "./media.js";
import { deepPairs, properties } from "./styles.js";
import { headerValue, isAbsent, isObject, scalars, wireString } from "./wire.js";

/** Bytes in one of the forms that a request takes. */
export type BytesContent = Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;
/** A file of a form: bytes, or bytes with a name. A `File` brings its own name. */
export type FileContent = BytesContent | { readonly content: BytesContent | string; readonly filename?: string; readonly media?: string };
/** A form whose properties the document does not describe. */
export type FormBody = { readonly [property: string]: unknown };

/** A body as `fetch` takes it, and its Content-Type: undefined where `fetch` writes one itself. */
export interface WrittenBody {
  readonly content: string | BytesContent | FormData;
  readonly media: string | undefined;
}

/** Write JSON, or bytes that are JSON already. */
export function json(how: Body, body: unknown): WrittenBody {
  const written = isBytes(body) ? body : JSON.stringify(without(body, how.omit ?? []));
  return { content: written, media: how.media.includes("*") ? "application/json" : how.media };
}

/** Write a string or bytes. */
export function content(how: Body, body: unknown): WrittenBody {
  if (!isBytes(body) && typeof body !== "string") throw new ArgumentError(how.key, `a string or bytes, for ${how.media}`, typeof body);
  return { content: body, media: how.media.includes("*") ? "application/octet-stream" : how.media };
}

/** Write a form whose parts may be files. */
export function multipart(how: Body, body: unknown): WrittenBody {
  return { content: formData(how, body), media: undefined };
}

/** Write a form without files. */
export function form(how: Body, body: unknown): WrittenBody {
  const found = fields(how, body).flatMap(([name, value]) => formPairs(how.key, name, value, how.encodings?.[name]));
  // What a browser's form writes: a space as +, and all but letters, digits and *-._ percent-encoded.
  return { content: new URLSearchParams(found).toString(), media: how.media };
}

function isBytes(value: unknown): value is BytesContent {
  return value instanceof Blob || value instanceof ArrayBuffer || value instanceof Uint8Array;
}

function fields(how: Body, body: unknown): [string, unknown][] {
  const found = without(body, how.omit ?? []);
  if (!isObject(found)) throw new ArgumentError(how.key, "an object of properties", typeof body);
  return Object.entries(found).filter(([, value]) => !isAbsent(value));
}

function formPairs(argument: string, name: string, value: unknown, encoding: Encoding | undefined): [string, string][] {
  if (encoding?.media !== undefined && isJson(encoding.media)) return [[name, JSON.stringify(value)]];
  const explode = encoding?.explode ?? true;
  if (Array.isArray(value)) {
    const items = scalars(argument, value);
    const between = encoding?.style === "spaceDelimited" ? " " : encoding?.style === "pipeDelimited" ? "|" : ",";
    return explode ? items.map((item): [string, string] => [name, item]) : [[name, items.join(between)]];
  }
  if (isObject(value)) {
    if (encoding?.style === "deepObject") return deepPairs(argument, name, value);
    return explode ? properties(argument, value) : [[name, properties(argument, value).flat().join(",")]];
  }
  return [[name, wireString(argument, value)]];
}

function formData(how: Body, body: unknown): FormData {
  const data = new FormData();
  for (const [name, value] of fields(how, body)) {
    const file = how.files?.includes(name) ?? false;
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (!isAbsent(item)) part(data, how.key, name, item, how.encodings?.[name], file);
    }
  }
  return data;
}

function part(data: FormData, argument: string, name: string, item: unknown, encoding: Encoding | undefined, file: boolean): void {
  const named = isObject(item) && !isBytes(item) && (isBytes(item["content"]) || (file && typeof item["content"] === "string"));
  const value: unknown = named ? item["content"] : item;
  if (isBytes(value) || (file && typeof value === "string")) {
    const own = named && typeof item["media"] === "string" ? item["media"] : undefined;
    const type = own ?? encoding?.media ?? (value instanceof Blob && value.type !== "" ? value.type : "application/octet-stream");
    const filename = named && typeof item["filename"] === "string" ? item["filename"] : value instanceof File ? value.name : "upload";
    data.append(name, new Blob([value], { type: headerValue(argument, type) }), filename);
  } else if (Array.isArray(value) || isObject(value) || isJson(encoding?.media ?? "")) {
    data.append(name, new Blob([JSON.stringify(value)], { type: encoding?.media ?? "application/json" }));
  } else if (encoding?.media !== undefined) {
    data.append(name, new Blob([wireString(argument, value)], { type: encoding.media }));
  } else {
    data.append(name, wireString(argument, value));
  }
}

/** A body without what stands at some places: paths of names, `*` for every item of an array or value of a map. */
function without(body: unknown, places: readonly (readonly string[])[]): unknown {
  return places.reduce((value, place) => dropped(value, place), body);
}

function dropped(value: unknown, place: readonly string[]): unknown {
  const [step, ...rest] = place;
  if (step === undefined) return value;
  if (Array.isArray(value)) return step === "*" && rest.length > 0 ? value.map((item) => dropped(item, rest)) : value;
  if (!isObject(value) || isBytes(value)) return value;
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== step));
  return Object.fromEntries(entries.map(([key, item]) => [key, step === "*" || step === key ? dropped(item, rest) : item]));
}
