// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Following a stream for as long as somebody reads it.
 *
 *   connecting --open--> live --drop--> reconnecting --open--> live
 *                         |                  `--attempts used up--> polling --open--> live
 *                         `-- gap -> ask over HTTP for what is missing, stay live
 *
 * Whoever asks for the next event moves it on. A message is used only when it fits its schema, is of the contract's major version and of
 * the tenant asked for; any other one is dropped and counted. Whatever states a number is placed against the state, which never steps back:
 *
 *   next     a step is applied
 *   ahead    the changes in between are asked for over HTTP, and given to the reader before anything after them
 *   same     nothing was missed
 *   behind   it is old, and is discarded
 *   other epoch   the numbering began anew: the state is replaced, and the changes in between are unknown; an epoch that was left is old
 */

import type { AnyStream, Change, ChannelArguments, Entity, Message, MessageTerms, StateResponse } from "./channels.js";
import type { Client } from "./client.js";
import { accepts, parsed, textAt, valueAt } from "./declarations.js";
import { AvailabilityError, FeedRefusedError, InvalidAnswerError, TransientError, TransportError, UnknownError } from "./errors.js";
import { judgeChanges, placeOf, type Cause, type Place, type Recovery } from "./numbering.js";
import { read, type Reading } from "./readings.js";
import { Reconnection, RestartWatch } from "./reconnection.js";
import { openSession, SessionClosed, type Session } from "./session.js";
import { DEFAULT_FEED, type FeedPolicy } from "./settings.js";
import { broken } from "./validation.js";

/** How a feed is connected. */
export type Connection = "connecting" | "live" | "reconnecting" | "polling" | "closed";
/** Why a message is not used. */
export type DropReason = "broken-schema" | "unknown-type" | "incompatible-version" | "foreign-tenant" | "repeated" | "stale";
/** What reading a feed gives: messages, responses that stand in for missed ones, what became of missed changes, and the connection. */
export type FeedEvent<S extends AnyStream> =
  | { readonly event: "message"; readonly message: Message<S> }
  | { readonly event: "state"; readonly state: StateResponse<S> }
  | { readonly event: "connection"; readonly connection: Connection; readonly reason: string }
  | Recovery<Change<S>>;

const FATAL: readonly string[] = ["bad-message", "unauthenticated", "tenant-not-allowed", "version-not-served"];
// What asking over HTTP may fail with and be asked again later; anything else ends the feed.
const PASSING = [TransportError, InvalidAnswerError, TransientError, AvailabilityError, UnknownError];

/** Follow a stream. Nothing is sent before the first event is asked for. */
export function follow<S extends AnyStream>(client: Client, stream: S, args: ChannelArguments<S>): Feed<S> {
  return new Feed(client, stream, args);
}

/** A feed: `for await` gives its events, and leaving the loop closes it. */
export class Feed<S extends AnyStream> implements AsyncIterable<FeedEvent<S>> {
  readonly #client: Client;
  readonly #stream: S;
  readonly #args: { readonly [key: string]: unknown };
  readonly #policy: FeedPolicy;
  readonly #stop = new AbortController();
  readonly #reconnection: Reconnection;
  readonly #watch: RestartWatch;
  readonly #events: FeedEvent<S>[] = [];
  readonly #dropped = new Map<DropReason, number>();
  #session: Session | undefined;
  #entities = new Map<string, Entity<S>>();
  #sequence: number | undefined;
  #epoch: string | undefined;
  readonly #left = new Set<string>();
  #connection: Connection = "connecting";
  #lastUpdate: Date | undefined;
  #awaitsState = true;
  #rejoining = false;
  #unreplayed = 0;

  constructor(client: Client, stream: S, args: ChannelArguments<S>) {
    this.#client = client;
    this.#stream = stream;
    this.#args = args as { readonly [key: string]: unknown };
    this.#policy = { ...DEFAULT_FEED, ...client.options.feed };
    this.#reconnection = new Reconnection(this.#policy, client.options.random ?? Math.random, this.#stop.signal);
    this.#watch = new RestartWatch(this.#policy.restartAfter);
  }

  /** How the feed is connected now. */
  get connection(): Connection {
    return this.#connection;
  }

  /** When the server was last heard, whatever the connection is now. */
  get lastUpdate(): Date | undefined {
    return this.#lastUpdate;
  }

  /** The sequence number of the state. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  /** The epoch of `sequence`, where the server states one. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The entities as of `sequence`, by their identity; another map after each change. */
  get state(): ReadonlyMap<string, Entity<S>> {
    return this.#entities;
  }

  /** How many messages were dropped, by reason. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#dropped;
  }

  /** Go on from a number that was reached before, as by another page: what changed since is asked for and given first. */
  startAfter(sequence: number, epoch?: string): this {
    this.#sequence = sequence;
    this.#epoch = epoch;
    this.#rejoining = true;
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedEvent<S>, void, undefined> {
    try {
      for (;;) {
        for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event;
        if (this.#closed) return;
        await this.#moveOn();
      }
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.close();
    }
  }

  /** End the feed; whoever waits for its next event learns that there is none. */
  close(): void {
    this.#connection = "closed";
    this.#stop.abort();
    this.#session?.close();
    this.#session = undefined;
  }

  // A getter, so that the compiler does not take the state before an `await` for the one after it.
  get #closed(): boolean {
    return this.#connection === "closed";
  }

  async #moveOn(): Promise<void> {
    if (this.#session !== undefined) return this.#receive(this.#session);
    if (this.#connection === "polling") return this.#poll();
    await this.#reconnection.pause();
    await this.#open();
  }

  async #open(): Promise<void> {
    try {
      const session = await openSession(this.#client, this.#stream, this.#args, this.#policy.buffer);
      if (this.#closed) return session.close();
      this.#session = session;
    } catch (error) {
      if (!(error instanceof SessionClosed)) throw error;
      return this.#lost(error);
    }
    this.#reconnection.opened();
    this.#awaitsState = true;
    this.#rejoining = this.#sequence !== undefined;
    this.#change("live", "");
  }

  async #receive(session: Session): Promise<void> {
    const { silence, messages, type } = this.#stream;
    let frame: string;
    try {
      frame = await session.receive(silence === undefined ? undefined : silence * this.#policy.patience);
    } catch (error) {
      if (!(error instanceof SessionClosed)) throw error;
      return this.#lost(error);
    }
    const message = parsed(frame);
    const kind = textAt(message, type);
    const terms = kind !== undefined && Object.hasOwn(messages, kind) ? messages[kind] : undefined;
    const fault = terms === undefined ? this.#unknown(message, kind) : this.#fault(message, terms);
    if (terms === undefined || fault !== undefined) {
      this.#drop(fault ?? "unknown-type");
      // The state that the session should have opened with is lost: have it over HTTP instead.
      if (this.#awaitsState && (fault === "broken-schema" || fault === "incompatible-version")) await this.#catchUp(undefined);
      return;
    }
    this.#lastUpdate = new Date();
    const found = message as Message<S>;
    if (terms.kind === "state") await this.#useState(found, read(message, terms));
    else if (terms.kind === "step") await this.#useStep(found, read(message, terms));
    else {
      const reading = read(message, terms);
      if (!this.#leaves(reading) || (await this.#catchUp(reading))) this.#events.push({ event: "message", message: found });
    }
  }

  /** A later minor version may add kinds of messages; one that is not known breaks nothing. */
  #unknown(message: unknown, kind: string | undefined): DropReason {
    if (!accepts(this.#client.contract, textAt(message, this.#client.contract.versionAt))) return "incompatible-version";
    return kind === undefined ? "broken-schema" : "unknown-type";
  }

  #fault(message: unknown, terms: MessageTerms): DropReason | undefined {
    if (!accepts(this.#client.contract, textAt(message, terms.version ?? this.#client.contract.versionAt))) return "incompatible-version";
    if (broken(message, terms.schema, this.#stream.schemas) !== undefined) return "broken-schema";
    if (terms.kind !== "beat" && typeof valueAt(message, terms.sequence) !== "number") return "broken-schema";
    return this.#foreign(message, terms) ? "foreign-tenant" : undefined;
  }

  #foreign(message: unknown, terms: MessageTerms): boolean {
    const wanted = this.#stream.tenant === undefined ? undefined : this.#args[this.#stream.tenant];
    const stated = valueAt(message, terms.tenant);
    return wanted !== undefined && stated !== undefined && stated !== wanted;
  }

  async #useStep(message: Message<S>, reading: Reading): Promise<void> {
    const place = this.#place(reading);
    if ((place === "same" || place === "behind") && !this.#awaitsState) return this.#drop("repeated");
    if (place !== "next" || this.#awaitsState) {
      // The response may be older than the step that showed the gap; then the step still applies.
      if (!(await this.#catchUp(reading)) || this.#place(reading) !== "next") return;
    }
    this.#set(reading, this.#entities);
    this.#events.push({ event: "message", message });
  }

  /** Join a session by the state that it opens with. */
  async #useState(message: Message<S>, reading: Reading): Promise<void> {
    const place = this.#place(reading);
    if (place === "behind") return this.#weigh(message, reading);
    this.#watch.clear();
    if (place === "next" || place === "ahead") return this.#replay(message, reading);
    if (place === "other-epoch") this.#beginAnew("epoch-changed", reading.sequence);
    else if (place === "same" && this.#rejoining) this.#events.push({ event: "nothing-missed", sequence: reading.sequence });
    this.#adopt(message, reading);
  }

  /** Ask for the changes between what is known and the state of a session, and give them before anything after them. */
  async #replay(message: Message<S>, reading: Reading): Promise<void> {
    let cause: Cause = "resync-failed";
    // The session shows that something was missed, whatever an older response says.
    this.#rejoining = false;
    if ((await this.#asked()) !== undefined) cause = "server-behind";
    // The response states this session's state or a later one, and was given in its place.
    if (["same", "behind"].includes(this.#place(reading))) return this.#joined();
    this.#unreplayed += 1;
    if (this.#unreplayed < this.#policy.replayAttempts) return this.#lost(new SessionClosed(0, `missed changes could not be had: ${cause}`));
    this.#beginAnew(cause, reading.sequence);
    this.#adopt(message, reading);
  }

  /** A session opened with an older state: a server that lags, or one whose numbering began anew. */
  async #weigh(message: Message<S>, reading: Reading): Promise<void> {
    this.#drop("stale");
    const place = await this.#asked();
    if (place === undefined) return this.#lost(new SessionClosed(0, "resync failed"));
    if (place !== "behind" && this.#leaves(reading)) return this.#lost(new SessionClosed(0, "the session is of an earlier epoch"));
    // The steps of this session repeat what is known until it has caught up.
    if (place !== "behind") return this.#joined();
    if (!this.#watch.confirmed) return this.#lost(new SessionClosed(0, "the server states an older state than is known"));
    this.#beginAnew("numbering-restarted", reading.sequence);
    this.#adopt(message, reading);
  }

  /** Ask over HTTP for the state with the changes since the last one; false for a session that it cannot join. */
  async #catchUp(step: Reading | undefined): Promise<boolean> {
    const place = await this.#asked(step);
    if (place === undefined || place === "behind" || (step !== undefined && (this.#leaves(step) || this.#place(step) === "ahead"))) {
      await this.#lost(new SessionClosed(0, place === undefined ? "resync failed" : "the server returned an older state than the feed's"));
      return false;
    }
    this.#joined();
    return true;
  }

  /** How the response over HTTP stood; undefined when there was none. */
  async #asked(shown?: Reading): Promise<Place | undefined> {
    try {
      return await this.#ask(shown);
    } catch (error) {
      if (PASSING.some((kind) => error instanceof kind)) return undefined;
      throw error;
    }
  }

  /** Ask over HTTP, give what is new in the response, and say how it stood against what was known. */
  async #ask(shown: Reading | undefined): Promise<Place> {
    const { resync, numbering, schemas } = this.#stream;
    const after = this.#sequence;
    const args = after === undefined ? this.#args : { ...this.#args, [resync.after]: after };
    const answer: unknown = await this.#client.call(resync.operation, args, { signal: this.#stop.signal });
    const call = { operation: resync.operation.id, correlationId: "", status: 200 };
    const problem = broken(answer, resync.state.schema, schemas);
    if (problem !== undefined) throw new InvalidAnswerError(`it does not fit its schema at ${problem}`, call);
    if (this.#foreign(answer, resync.state)) {
      this.#drop("foreign-tenant");
      throw new InvalidAnswerError("it is of another tenant", call);
    }
    this.#lastUpdate = new Date();
    const reading = read(answer, resync.state);
    // Of which epoch its number is nobody can say; the next session says so.
    if (reading.epoch === undefined && shown !== undefined && this.#leaves(shown)) throw new InvalidAnswerError("it states no epoch", call);
    const place = this.#place(reading);
    this.#watch.note(place);
    if (place === "behind") {
      this.#drop("stale");
      return place;
    }
    if (place === "other-epoch") {
      this.#beginAnew("epoch-changed", reading.sequence);
    } else if (after !== undefined && place !== "same") {
      const changes = valueAt(answer, resync.changes);
      const given = Array.isArray(changes) ? (changes as Change<S>[]) : undefined;
      const { changeSequence } = resync;
      const sequenceOf = changeSequence === undefined ? undefined : (change: Change<S>): number => Number(valueAt(change, changeSequence));
      this.#events.push(judgeChanges(numbering, given, valueAt(answer, resync.truncated) === true, sequenceOf, after, reading.sequence));
    } else if (place === "same" && this.#rejoining) {
      this.#events.push({ event: "nothing-missed", sequence: reading.sequence });
    }
    this.#rejoining = false;
    this.#set(reading, new Map());
    if (place !== "same") this.#events.push({ event: "state", state: answer as StateResponse<S> });
    return place;
  }

  /** Whether an epoch is stated that is not the one of the state. */
  #leaves({ epoch }: Reading): boolean {
    return epoch !== undefined && this.#epoch !== undefined && epoch !== this.#epoch;
  }

  #place(reading: Reading): Place {
    if (this.#sequence !== undefined && this.#leaves(reading)) return this.#left.has(String(reading.epoch)) ? "behind" : "other-epoch";
    return placeOf(this.#stream.numbering, this.#sequence, reading.sequence);
  }

  #set(reading: Reading, known: ReadonlyMap<string, Entity<S>>): void {
    const entities = new Map(known);
    for (const entity of reading.entities) entities.set(String(valueAt(entity, [this.#stream.identity])), entity as Entity<S>);
    this.#entities = entities;
    this.#sequence = reading.sequence;
    if (this.#epoch !== undefined && this.#leaves(reading)) this.#left.add(this.#epoch);
    this.#epoch = reading.epoch ?? this.#epoch;
    if (this.#epoch !== undefined) this.#left.delete(this.#epoch);
  }

  #beginAnew(cause: Cause, until: number): void {
    if (this.#sequence !== undefined) this.#events.push({ event: "cannot-replay", after: this.#sequence, until, cause });
    this.#watch.clear();
  }

  #adopt(message: Message<S>, reading: Reading): void {
    this.#set(reading, new Map());
    this.#events.push({ event: "message", message });
    this.#joined();
  }

  #joined(): void {
    this.#awaitsState = false;
    this.#rejoining = false;
    this.#unreplayed = 0;
  }

  async #poll(): Promise<void> {
    if (this.#reconnection.takeProbe()) {
      await this.#open();
      if (this.#session !== undefined) return;
    }
    if (!(await this.#reconnection.takePoll())) return;
    // When no response comes, the time of the last update says how old the state is.
    if ((await this.#asked()) !== "behind" || !this.#watch.confirmed) return;
    // Take the next response for the beginning of another numbering.
    this.#beginAnew("numbering-restarted", this.#sequence ?? 0);
    this.#sequence = undefined;
    this.#reconnection.pollNow();
  }

  async #lost(closed: SessionClosed): Promise<void> {
    if (this.#closed) return;
    if (this.#session !== undefined) {
      this.#reconnection.ended();
      this.#session.close();
      this.#session = undefined;
    }
    const when = this.#stream.closes[String(closed.code)] ?? "";
    if (FATAL.includes(when) && !this.#mayRenew(when)) throw new FeedRefusedError(this.#stream.id, closed.code, when, closed.reason);
    this.#reconnection.failed();
    if (this.#connection === "polling") return;
    const reason = when || closed.reason || `closed with ${closed.code}`;
    if (this.#reconnection.exhausted) {
      this.#reconnection.startProbes();
      this.#change("polling", reason);
    } else if (this.#connection !== "reconnecting") {
      this.#change("reconnecting", reason);
    }
  }

  /** Whether a token has expired that asking for another replaces; true once in a row. */
  #mayRenew(when: string): boolean {
    const { token, credentials = {} } = this.#client.options;
    const renewable = [token, ...Object.values(credentials)].some((one) => typeof one === "function");
    return when === "unauthenticated" && renewable && this.#reconnection.renew();
  }

  #change(connection: Connection, reason: string): void {
    this.#connection = connection;
    this.#client.options.hooks?.onConnection?.({ channel: this.#stream.id, connection, reason });
    this.#events.push({ event: "connection", connection, reason });
  }

  #drop(reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
    this.#client.options.hooks?.onDrop?.({ channel: this.#stream.id, reason });
  }
}
