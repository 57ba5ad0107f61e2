// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
export type { AnyChannel, AnyStream, Change, Channel, ChannelArguments, Close, Entity, Message, Sends, StateResponse, Stream } from "./channels.js";
export { Client, isFailure } from "./client.js";
export { connect, isClose, OpenChannel, UnknownMessage } from "./connection.js";
export type { BytesContent, FileContent, FormBody } from "./bodies.js";
export type {
  AnyOperation, Arguments, Contract, Failure, Failures, Item, Operation, Parameter, Replies, Reply, Result, Scheme, Server, Value,
} from "./declarations.js";
export {
  ApiError, ArgumentError, AuthorizationError, AvailabilityError, ContractMismatchError, CursorExpired, DeadlineExceeded, FeedRefusedError,
  IncompatibleVersionError, InvalidAnswerError, JobError, JobFailed, JobTimeout, RedirectError, SdkError, TransientError, TransportError,
  UnknownError, ValidationError,
} from "./errors.js";
export type { ErrorClass, ErrorFacts } from "./errors.js";
export { Feed, follow } from "./feed.js";
export type { Connection, DropReason, FeedEvent } from "./feed.js";
export { job } from "./jobs.js";
export type { Job, JobOptions, JobStatus } from "./jobs.js";
export type { Cause, Recovery } from "./numbering.js";
export { items, pages } from "./pages.js";
export { advance, outcomeOf, resultOf, UNLOADED } from "./panel-states.js";
export type { Attempt, Outcome, PanelResult, PanelState } from "./panel-states.js";
export { narrower, panel, Panels } from "./panels.js";
export type { Panel, PanelOptions, PanelPolicy, PanelResults, PanelTerms, PollOptions } from "./panels.js";
export { NO_RETRY } from "./retry.js";
export type { RetryPolicy } from "./retry.js";
export type { CallOptions, ClientOptions, FeedPolicy, Hooks, Token } from "./settings.js";
export { feedStore } from "./store.js";
export type { FeedSnapshot, FeedStore } from "./store.js";
export { events, lines } from "./streams.js";
export type { ServerSentEvent } from "./streams.js";
export type { Schema } from "./validation.js";
