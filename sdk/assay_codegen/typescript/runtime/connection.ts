// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** A channel as its document describes it, without a state to follow: connect, read messages, send messages. */

import type { AnyChannel, ChannelArguments, Close, Message, Sends } from "./channels.js";
import type { Client } from "./client.js";
import { FeedRefusedError } from "./errors.js";
import { openSession, SessionClosed, type Session } from "./session.js";
import { DEFAULT_FEED } from "./settings.js";
import { broken } from "./validation.js";

/** A message that fits none of the document's: its JSON (undefined where it is none), the frame itself, and where it does not fit. */
export class UnknownMessage {
  readonly payload: unknown;
  readonly frame: string;
  readonly problem: string;

  constructor(payload: unknown, frame: string, problem: string) {
    this.payload = payload;
    this.frame = frame;
    this.problem = problem;
  }
}

/** Open a session of a channel. Rejects with `FeedRefusedError` where the server does not. */
export async function connect<C extends AnyChannel>(client: Client, channel: C, args: ChannelArguments<C>): Promise<OpenChannel<C>> {
  const buffer = client.options.feed?.buffer ?? DEFAULT_FEED.buffer;
  const session = await openSession(client, channel, args, buffer).catch((error: unknown) => {
    throw error instanceof SessionClosed ? refused(channel, error) : error;
  });
  return new OpenChannel(channel, session);
}

/** An open channel: `for await` gives messages until the server closes, and leaving the loop closes it. */
export class OpenChannel<C extends AnyChannel> implements AsyncIterable<Message<C> | UnknownMessage> {
  readonly #channel: C;
  readonly #session: Session;

  constructor(channel: C, session: Session) {
    this.#channel = channel;
    this.#session = session;
  }

  /** Send a message as JSON. */
  send(message: Sends<C>): void {
    try {
      this.#session.send(JSON.stringify(message));
    } catch (error) {
      throw error instanceof SessionClosed ? refused(this.#channel, error) : error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message<C> | UnknownMessage, void, undefined> {
    try {
      for (;;) yield this.#read(await this.#session.receive(undefined));
    } catch (error) {
      if (!(error instanceof SessionClosed)) throw error;
      if (error.code !== 1000 && error.code !== 1001) throw refused(this.#channel, error);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#session.close();
  }

  #read(frame: string): Message<C> | UnknownMessage {
    let payload: unknown;
    try {
      payload = JSON.parse(frame);
    } catch {
      return new UnknownMessage(undefined, frame, "it is no JSON");
    }
    const problem = broken(payload, this.#channel.schema, this.#channel.schemas);
    return problem === undefined ? (payload as Message<C>) : new UnknownMessage(payload, frame, `it does not fit at ${problem}`);
  }
}

/** Whether an error is the end of a session with a code that the contract declares: then `code` and `when` have their types. */
export function isClose<C extends AnyChannel>(channel: C, error: unknown): error is FeedRefusedError & Close<C> {
  return error instanceof FeedRefusedError && error.channel === channel.id && Object.hasOwn(channel.closes, String(error.code));
}

function refused(channel: AnyChannel, closed: SessionClosed): FeedRefusedError {
  return new FeedRefusedError(channel.id, closed.code, channel.closes[String(closed.code)] ?? "closed", closed.reason);
}
