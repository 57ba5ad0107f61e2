// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Responses with an entity tag, kept until a newer one comes or others take their place. */

import type { AnyOperation, Contract } from "./declarations.js";
import type { WrittenRequest } from "./requests.js";

/** A response that the server may confirm with a 304. */
export interface KeptResponse {
  readonly etag: string;
  readonly body: Uint8Array;
  readonly status: number;
}

/** The last responses of one client, as many as `size`. */
export class ResponseCache {
  readonly #contract: Contract;
  readonly #size: number;
  readonly #responses = new Map<string, KeptResponse>();

  constructor(contract: Contract, size: number) {
    this.#contract = contract;
    this.#size = size;
  }

  /** Where the response to a request is kept: by the server, the credential and the headers. Undefined for one that is not kept. */
  key(operation: AnyOperation, request: WrittenRequest): string | undefined {
    if (operation.revalidates !== true || this.#size <= 0) return undefined;
    const own = this.#contract.correlationHeader?.toLowerCase();
    return JSON.stringify([operation.id, request.url, ...[...request.init.headers].filter(([name]) => name !== own)]);
  }

  get(key: string): KeptResponse | undefined {
    return this.#responses.get(key);
  }

  keep(key: string, response: KeptResponse): void {
    this.#responses.delete(key);
    this.#responses.set(key, response);
    for (const oldest of this.#responses.keys()) {
      if (this.#responses.size <= this.#size) break;
      this.#responses.delete(oldest);
    }
  }
}
