// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Bodies that are read while they come: server-sent events, and values of JSON that stand on a line each. */

import type { Client } from "./client.js";
import type { AnyOperation, Arguments } from "./declarations.js";
import type { CallOptions } from "./settings.js";

/** One event: `retry` is the pause before a new connection, in milliseconds. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
  readonly retry: number | undefined;
}

/** The events of a `text/event-stream`. Comments count for nothing, an event without data is none. */
export async function* events<O extends AnyOperation>(client: Client, operation: O, args: Arguments<O>, options?: CallOptions): AsyncGenerator<ServerSentEvent, void, undefined> {
  let data: string[] = [];
  let event = "";
  let id = "";
  let retry: number | undefined;
  for await (const line of textLines(await client.raw(operation, args, options), /\r\n|\n|\r/)) {
    if (line === "") {
      if (data.length > 0) yield { event: event === "" ? "message" : event, data: data.join("\n"), id, retry };
      [data, event, retry] = [[], "", undefined];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) retry = Number(value);
  }
}

/** The values of NDJSON, JSON Lines or a JSON text sequence. */
export async function* lines<O extends AnyOperation>(client: Client, operation: O, args: Arguments<O>, options?: CallOptions): AsyncGenerator<unknown, void, undefined> {
  for await (const line of textLines(await client.raw(operation, args, options), /\r?\n/, true)) {
    const text = line.replace(/^\x1e/, "").trim();
    if (text !== "") yield JSON.parse(text) as unknown;
  }
}

async function* textLines(response: Response, ends: RegExp, last = false): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A carriage return at the end may be the first half of a line break.
      const carriageReturn = !done && rest.endsWith("\r") ? "\r" : "";
      const found = rest.slice(0, rest.length - carriageReturn.length).split(ends);
      rest = (found.pop() ?? "") + carriageReturn;
      yield* found;
      if (done) break;
    }
    if (last && rest !== "") yield rest;
  } finally {
    await reader.cancel();
  }
}
