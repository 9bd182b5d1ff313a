// The library's front door: every exported name stands here by hand. What writes channels is in @jackfield/core, what tests
// them in @jackfield/testkit; `main` is left out on purpose, because the command line is the interface of the command.
export {
  ConfigError,
  type ConfiguredChannel,
  type LoadedConfig,
  loadConfig,
} from "@jackfield/config";
export {
  type Agent,
  type AgentAnswer,
  type AgentContext,
  type Attachment,
  type AttemptRecord,
  type Channel,
  type ChannelType,
  type Clock,
  createRetryPolicy,
  type Decision,
  DeliveryError,
  decide,
  defineChannel,
  type FailureKind,
  type InboundMessage,
  type InboundSink,
  isDeliveryError,
  isJackfieldError,
  JackfieldError,
  type MessageDraft,
  type Messenger,
  type MessengerOptions,
  type OpenChannel,
  type OutboundMessage,
  openChannel,
  openMessenger,
  parseRetryAfter,
  type Receipt,
  type RetryPolicy,
  retryFields,
  SendError,
  type SendOptions,
  type SendResult,
  secret,
  send,
} from "@jackfield/core";
export { type Gateway, type GatewayEvent, type GatewayOptions, openGateway } from "@jackfield/gateway";
export { openSqliteStore, type SqliteStoreOptions } from "@jackfield/store-sqlite";
export { webhook } from "@jackfield/webhook";
export { channelTypes } from "./channel-types.ts";
export { consoleChannel } from "./console-channel.ts";
