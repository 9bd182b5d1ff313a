// The public door of the testkit: every exported name stands here by hand. What a behaviour is made of (exchanges, logs,
// sockets) is left out on purpose: `Behaviour` and `Exchange` are enough to write one.
export { type ContractRule, channelContract } from "./channel-contract/channel-contract.ts";
export { describeChannelContract } from "./channel-contract/describe-channel-contract.ts";
export { type FaultDetails, type FaultMeaning, type FaultName, faults } from "./channel-contract/faults.ts";
export { httpRemote } from "./channel-contract/http-remote.ts";
export type { ContractSubject, Remote, RunningRemote } from "./channel-contract/subject.ts";
export { createManualClock, type ManualClock, type ManualClockOptions } from "./manual-clock.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory-store/memory-store.ts";
export {
  delay,
  type HeaderFields,
  interim,
  redirect,
  retryAfter,
  type StatusOptions,
  status,
} from "./receiver/answers.ts";
export {
  type BrokenBodyOptions,
  closeInBody,
  garbage,
  rawBytes,
  resetBeforeHeaders,
  resetInBody,
} from "./receiver/broken.ts";
export { type ClosedPort, closedPort } from "./receiver/closed-port.ts";
export type { Behaviour, Exchange, ReceivedRequest, Sleep } from "./receiver/exchange.ts";
export { endlessBody, gzipBomb, hugeHeaders } from "./receiver/oversized.ts";
export type { BodyHead } from "./receiver/partial-body.ts";
export { createReceiver, type Receiver, type ReceiverOptions } from "./receiver/receiver.ts";
export { type DripOptions, drip, type SlowHeadersOptions, silence, slowHeaders } from "./receiver/slow.ts";
export { type Tarpit, tarpit } from "./receiver/tarpit.ts";
export { testCertificate } from "./receiver/test-certificate.ts";
export { createSeededRandom } from "./seeded-random.ts";
export { describeStoreContract } from "./store-contract/describe-store-contract.ts";
export { storeContract } from "./store-contract/store-contract.ts";
export type { StoreSubject } from "./store-contract/subject.ts";
