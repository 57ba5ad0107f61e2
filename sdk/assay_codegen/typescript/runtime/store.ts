// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** A feed as a store that any framework of user interfaces can subscribe to: React by `useSyncExternalStore`, others by `subscribe`. */

import type { AnyStream, Entity } from "./channels.js";
import type { Connection, Feed } from "./feed.js";

/** What a page shows of a feed. Another object after each change, the same one until then. */
export interface FeedSnapshot<S extends AnyStream> {
  readonly connection: Connection;
  readonly entities: ReadonlyMap<string, Entity<S>>;
  readonly sequence: number | undefined;
  readonly lastUpdate: Date | undefined;
  /** Ranges of changes that cannot be had: those after the first number up to the second. */
  readonly lost: readonly (readonly [number, number])[];
  /** Why the feed ended. */
  readonly error: unknown;
}

/** A store: `subscribe` gives what ends the subscription. */
export interface FeedStore<S extends AnyStream> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => FeedSnapshot<S>;
}

/** A store over a feed, which is opened for the first subscriber and closed after the last. It then shows the last state. */
export function feedStore<S extends AnyStream>(open: () => Feed<S>): FeedStore<S> {
  const listeners = new Set<() => void>();
  let feed: Feed<S> | undefined;
  let snapshot: FeedSnapshot<S> = { connection: "closed", entities: new Map(), sequence: undefined, lastUpdate: undefined, lost: [], error: undefined };

  const show = (changes: Partial<FeedSnapshot<S>>): void => {
    snapshot = { ...snapshot, ...changes };
    for (const listener of [...listeners]) listener();
  };
  const run = async (own: Feed<S>): Promise<void> => {
    let error: unknown;
    try {
      for await (const event of own) {
        if (feed !== own) return;
        const lost = event.event === "cannot-replay" ? [...snapshot.lost, [event.after, event.until] as const] : snapshot.lost;
        // Until a new feed has a state of its own, the last one stays on the page.
        const state = own.sequence === undefined ? {} : { entities: own.state, sequence: own.sequence, lastUpdate: own.lastUpdate };
        show({ connection: own.connection, ...state, lost });
      }
    } catch (cause) {
      error = cause;
    }
    if (feed === own) show({ connection: "closed", error });
  };

  return {
    getSnapshot: () => snapshot,
    subscribe: (listener) => {
      // One listener may subscribe twice, and ends each subscription by itself.
      const own = (): void => listener();
      listeners.add(own);
      if (feed === undefined) {
        feed = open();
        snapshot = { ...snapshot, connection: "connecting", error: undefined };
        void run(feed);
      }
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        feed?.close();
        feed = undefined;
        snapshot = { ...snapshot, connection: "closed" };
      };
    },
  };
}
