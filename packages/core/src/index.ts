// The public door of core: every exported name stands here by hand.
export {
  assertFits,
  type Capabilities,
  type MessageField,
  messageFields,
  type OptionalMember,
  optionalMembers,
} from "./channel/capabilities.ts";
export {
  type Attempt,
  type Channel,
  type ChannelConfigSchema,
  type ChannelHost,
  type ChannelType,
  contractVersion,
  defineChannel,
  type ProbeResult,
  type Receipt,
} from "./channel/channel.ts";
export { displayUrl, fieldTraits, httpUrl, secret } from "./channel/config-fields.ts";
export {
  type Attachment,
  createMessage,
  type JsonValue,
  type MessageDraft,
  type OutboundMessage,
} from "./channel/message.ts";
export { type OpenChannel, openChannel } from "./channel/open-channel.ts";
export { type Clock, type Random, systemClock } from "./clock.ts";
export type { AttemptRecord } from "./delivery/attempt.ts";
export { resumeChannel } from "./delivery/config-change.ts";
export {
  canHappen,
  type DeliveryEvent,
  type DeliveryState,
  deliveryStates,
  isEnd,
  stateAfter,
  statesBefore,
} from "./delivery/delivery-state.ts";
export {
  createDispatchPolicy,
  type DispatchPolicy,
  dispatchFields,
} from "./delivery/dispatch-policy.ts";
export {
  type DispatchEvent,
  Dispatcher,
  type DispatcherOptions,
  type RunEnd,
  type RunOptions,
} from "./delivery/dispatcher.ts";
export {
  type Accepted,
  type ChannelDeclaration,
  type Messenger,
  type MessengerOptions,
  openMessenger,
} from "./delivery/messenger.ts";
export type {
  ChannelRecord,
  Claim,
  ClaimRequest,
  ClaimResult,
  CommandRequest,
  CommandResult,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  DeliverySummary,
  DispatchRight,
  Enqueued,
  NewDelivery,
  Outbox,
  Settlement,
  StoredAttempt,
} from "./delivery/outbox.ts";
export { SendError, type SendOptions, type SendResult, send } from "./delivery/send.ts";
export { isJackfieldError, JackfieldError } from "./error.ts";
export {
  classification,
  classifyStatus,
  isAmbiguousStatus,
  matchesStatus,
  type StatusPattern,
} from "./failure/classification.ts";
export {
  DeliveryError,
  type Failure,
  type FailureKind,
  failureKinds,
  isDeliveryError,
  toDeliveryError,
} from "./failure/delivery-error.ts";
export { type FailedResponse, responseFailure } from "./failure/response-failure.ts";
export { type Decision, decide } from "./retry/decide.ts";
export { parseRetryAfter } from "./retry/parse-retry-after.ts";
export { createRetryPolicy, type RetryPolicy, retryFields } from "./retry/retry-policy.ts";
export { type PruneResult, type Store, StoreError, type StoreStats } from "./store/store.ts";
export { version } from "./version.ts";
