// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Everything that a call rejects with. Each contract adds a class for each code of its taxonomy. */

/** The base of every error of a client. */
export class SdkError extends Error {
  /** The facts become properties of the error; `cause` is one of them. */
  constructor(message: string, facts: ErrorOptions & { readonly [fact: string]: unknown } = {}) {
    super(message, facts);
    Object.assign(this, facts, { name: new.target.name });
  }
}

/** An argument that cannot be sent; `argument` is its name. Nothing was sent. */
export class ArgumentError extends SdkError {
  declare readonly argument: string;

  constructor(argument: string, expected: string, actual: string) {
    super(`${argument}: expected ${expected}, got ${actual}`, { argument });
  }
}

/** The server was not reached, or did not respond in time. `sent` is false when it cannot have acted on the request. */
export class TransportError extends SdkError {
  declare readonly operation: string;
  declare readonly correlationId: string;
  declare readonly attempts: number;
  declare readonly sent: boolean;

  constructor(reason: string, call: { operation: string; correlationId: string; attempts: number; sent: boolean }, cause?: unknown) {
    super(`${call.operation}: no response after ${call.attempts} attempt(s) (${reason}) [correlation id ${call.correlationId}]`, { ...call, cause });
  }
}

/** The call took longer than `totalTimeout` with all its attempts. The server may still have acted on it. */
export class DeadlineExceeded extends TransportError {}

/** A success response that cannot be read. */
export class InvalidAnswerError extends SdkError {
  declare readonly operation: string;
  declare readonly correlationId: string;
  declare readonly status: number;

  constructor(problem: string, call: { operation: string; correlationId: string; status: number }, cause?: unknown) {
    super(`${call.operation}: the response breaks the contract: ${problem} [correlation id ${call.correlationId}]`, { ...call, cause });
  }
}

/** A response of another major version. */
export class IncompatibleVersionError extends SdkError {}

/** A list whose next page can no longer be read; start again from the first page. */
export class CursorExpired extends SdkError {}

/** The server ended a session for good, or did not open one. `code` is the close code, below 1000 where there was none. */
export class FeedRefusedError extends SdkError {
  declare readonly channel: string;
  declare readonly code: number;
  /** What the contract says of the code. */
  declare readonly when: string;
  declare readonly reason: string;

  constructor(channel: string, code: number, when: string, reason: string) {
    super(`${channel}: the server refused the session (${when}, ${code}${reason === "" ? "" : `: ${reason}`})`, { channel, code, when, reason });
  }
}

/** A job that did not come to a result: `state` is its last one, `status` what the server said of it. */
export class JobError extends SdkError {
  declare readonly state: string;
  declare readonly status: unknown;

  constructor(message: string, state: string, status: unknown) {
    super(message, { state, status });
  }
}

/** A job ended in a state without a result. */
export class JobFailed extends JobError {}
/** A job did not end in time. */
export class JobTimeout extends JobError {}

/** The server responded with an error. `body` is its JSON, else its text; of a large one, the first 64 KiB. */
export class ApiError extends SdkError {
  declare readonly code: string;
  declare readonly status: number;
  declare readonly operation: string;
  declare readonly correlationId: string;
  declare readonly retryable: boolean | undefined;
  /** Seconds. */
  declare readonly retryAfter: number | undefined;
  declare readonly details: unknown;
  declare readonly attempts: number;
  declare readonly body: unknown;
  declare readonly headers: Headers;

  constructor({ message, ...facts }: ErrorFacts) {
    super(`${facts.operation}: ${message} (${facts.code}, ${facts.status}) [correlation id ${facts.correlationId}]`, facts);
  }
}

/** What an error response states: the properties of its error, and the message of the server. */
export type ErrorFacts = Omit<ApiError, keyof Error> & { readonly message: string };

/** A class of errors. */
export type ErrorClass = new (facts: ErrorFacts) => ApiError;

/** The server redirects to where the request must not follow. */
export class RedirectError extends ApiError {}
/** The request is wrong; it is never sent again. */
export class ValidationError extends ApiError {}
/** The credential is missing, or does not cover what was asked for. */
export class AuthorizationError extends ApiError {}
/** One component is busy. */
export class TransientError extends ApiError {}
/** The service is away. */
export class AvailabilityError extends ApiError {}
/** Client and server do not speak the same version. */
export class ContractMismatchError extends ApiError {}
/** Anything else; quote the correlation id. */
export class UnknownError extends ApiError {}

/** The classes of the categories that every taxonomy shares. */
export const CATEGORIES: { readonly [category: string]: ErrorClass } = {
  validation: ValidationError,
  authz: AuthorizationError,
  transient: TransientError,
  availability: AvailabilityError,
  contract: ContractMismatchError,
  unknown: UnknownError,
};

/** The category of a response that names none itself. */
export function categoryOf(status: number): string {
  if (status === 401 || status === 403) return "authz";
  if (status === 406) return "contract";
  if ([408, 425, 429, 502, 504].includes(status)) return "transient";
  if (status === 503) return "availability";
  return status >= 400 && status < 500 ? "validation" : "unknown";
}
