// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
export { Client, isFailure } from "./client.js";
export type { BytesContent, FileContent, FormBody } from "./bodies.js";
export type {
  AnyOperation, Arguments, Contract, Failure, Failures, Item, Operation, Parameter, Replies, Reply, Result, Scheme, Server, Value,
} from "./declarations.js";
export {
  ApiError, ArgumentError, AuthorizationError, AvailabilityError, ContractMismatchError, CursorExpired, DeadlineExceeded,
  IncompatibleVersionError, InvalidAnswerError, JobError, JobFailed, JobTimeout, RedirectError, SdkError, TransientError, TransportError,
  UnknownError, ValidationError,
} from "./errors.js";
export type { ErrorClass, ErrorFacts } from "./errors.js";
export { job } from "./jobs.js";
export type { Job, JobOptions, JobStatus } from "./jobs.js";
export { items, pages } from "./pages.js";
export { NO_RETRY } from "./retry.js";
export type { RetryPolicy } from "./retry.js";
export type { CallOptions, ClientOptions, Hooks, Token } from "./settings.js";
export { events, lines } from "./streams.js";
export type { ServerSentEvent } from "./streams.js";
