// The public door of core: every exported name stands here by hand.
export type {
  Agent,
  AgentAnswer,
  AgentContext,
  AgentLog,
  AgentThread,
  Answer,
  OpenAgent,
} from "./agent/agent.ts";
export { createTurnPolicy, type TurnPolicy, turnFields } from "./agent/agent-policy.ts";
export { type TurnEvent, TurnRunner, type TurnRunnerOptions } from "./agent/turn-runner.ts";
export { canonicalJson } from "./canonical-json.ts";
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
export { isListenerError, ListenerError } from "./channel/listener-error.ts";
export {
  type Attachment,
  createId,
  createMessage,
  type JsonValue,
  type MessageDraft,
  type OutboundMessage,
} from "./channel/message.ts";
export { type OpenChannel, openChannel } from "./channel/open-channel.ts";
export { type Clock, type Random, systemClock } from "./clock.ts";
export { type Accepted, accept } from "./delivery/accept.ts";
export type { AttemptRecord } from "./delivery/attempt.ts";
export { resumeChangedChannels, resumeChannel } from "./delivery/config-change.ts";
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
export { type DispatchRightOptions, withDispatchRight } from "./delivery/dispatch-right.ts";
export {
  type DispatchEvent,
  Dispatcher,
  type DispatcherOptions,
  type RunEnd,
  type RunOptions,
} from "./delivery/dispatcher.ts";
export {
  type ChannelDeclaration,
  type Messenger,
  type MessengerOptions,
  type MessengerRunEnd,
  type MessengerRunOptions,
  openMessenger,
} from "./delivery/messenger.ts";
export { channelOf, type DeliveryContext, newDelivery, type OpenChannels } from "./delivery/new-delivery.ts";
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
export { type Suspension, suspensionsIn, suspensionText } from "./delivery/suspension.ts";
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
export { acknowledge } from "./inbox/acknowledge.ts";
export { createInbound, type InboundDraft, type InboundMessage, threadOf } from "./inbox/inbound-message.ts";
export type { InboundSink } from "./inbox/inbound-sink.ts";
export { type InboundState, inboundStates, isInboundEnd } from "./inbox/inbound-state.ts";
export type {
  InboundRecord,
  Inbox,
  NewInbound,
  Received,
  Settled,
  StoredTurn,
  TurnClaim,
  TurnClaimRequest,
  TurnClaimResult,
  TurnSettlement,
} from "./inbox/inbox.ts";
export { createIntake, type IntakeEvent, type IntakeOptions } from "./inbox/intake.ts";
export { type Decision, decide } from "./retry/decide.ts";
export { parseRetryAfter } from "./retry/parse-retry-after.ts";
export { createRetryPolicy, type RetryPolicy, retryFields } from "./retry/retry-policy.ts";
export { type PruneResult, type Store, StoreError, type StoreStats } from "./store/store.ts";
export { ConversationTracker, type ConversationTrackerOptions } from "./threads/conversation-tracker.ts";
export { parseThreadKey, threadKey, threadNameOf } from "./threads/thread-key.ts";
export { createThreadPolicy, receiveFields, type ThreadPolicy } from "./threads/thread-policy.ts";
export type {
  Conversation,
  ConversationEvent,
  ThreadPage,
  ThreadSummary,
  Threads,
  TimelineEntry,
  TimelinePage,
} from "./threads/threads.ts";
export { version } from "./version.ts";
export { orAborted, sleepUnlessAborted, startTimer } from "./work/waits.ts";
