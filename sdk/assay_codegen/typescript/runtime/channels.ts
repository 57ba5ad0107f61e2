// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What generated code declares about its channels, and the runtime reads. */

import type { AnyOperation, Parameter } from "./declarations.js";
import type { Schema } from "./validation.js";

type Steps = readonly string[];

/** One channel: where it is, how a session opens, and what its messages are. */
export interface Channel<Args, Message, Sends, Close> {
  readonly id: string;
  readonly address: string;
  readonly parameters?: readonly Parameter[];
  /** The subprotocols of the handshake; `{token}` stands for the token in base64url. */
  readonly subprotocols?: Steps;
  /** What each close code means. */
  readonly closes: { readonly [code: string]: string };
  readonly schema: Schema;
  readonly schemas: { readonly [name: string]: Schema };
  /** Types only; no value is ever there. */
  readonly "~types"?: { readonly args: Args; readonly message: Message; readonly sends: Sends; readonly close: Close };
}

/** A channel of which nothing more is known. */
export type AnyChannel = Channel<unknown, unknown, unknown, unknown>;

/** How one message is read: as the whole state, one step of it, or a sign of life. */
export interface MessageTerms {
  readonly kind: "state" | "step" | "beat";
  readonly schema: Schema;
  readonly sequence?: Steps;
  readonly tenant?: Steps;
  readonly version?: Steps;
  readonly entities?: Steps;
  readonly epoch?: Steps;
}

/** How the changes of a stream are numbered: by how much a number grows, and after which one it starts over at which. */
export interface Numbering {
  readonly step: number;
  readonly first?: number;
  readonly last?: number;
}

/** The operation that gives the same state over HTTP, with the changes after a number. */
export interface ResyncTerms {
  readonly operation: AnyOperation;
  readonly after: string;
  readonly state: MessageTerms;
  readonly changes: Steps;
  readonly truncated: Steps;
  readonly changeSequence?: Steps;
}

/** A channel that streams the changes of a state. Times are in milliseconds. */
export interface Stream<Args, Message, Sends, Close, State, Entity, Change> extends Channel<Args, Message, Sends, Close> {
  readonly type: Steps;
  readonly messages: { readonly [type: string]: MessageTerms };
  readonly identity: string;
  readonly numbering: Numbering;
  readonly tenant?: string;
  readonly silence?: number;
  readonly resync: ResyncTerms;
  /** Types only; no value is ever there. */
  readonly "~stream"?: { readonly state: State; readonly entity: Entity; readonly change: Change };
}

/** A stream of which nothing more is known. */
export type AnyStream = Stream<unknown, unknown, unknown, unknown, unknown, unknown, unknown>;

type Types<C extends AnyChannel> = NonNullable<C["~types"]>;
type StreamTypes<S extends AnyStream> = NonNullable<S["~stream"]>;

/** The arguments of a channel's address. */
export type ChannelArguments<C extends AnyChannel> = Types<C>["args"];
/** What the server sends on a channel. */
export type Message<C extends AnyChannel> = Types<C>["message"];
/** What a client may send on a channel. */
export type Sends<C extends AnyChannel> = Types<C>["sends"];
/** The close codes of a channel, each with what it means. */
export type Close<C extends AnyChannel> = Types<C>["close"];
/** The response that gives the state of a stream over HTTP. */
export type StateResponse<S extends AnyStream> = StreamTypes<S>["state"];
/** What the state of a stream is made of. */
export type Entity<S extends AnyStream> = StreamTypes<S>["entity"];
/** A change of a stream as the response over HTTP gives it. */
export type Change<S extends AnyStream> = StreamTypes<S>["change"];
