// The public door of the gateway: every exported name stands here by hand.
export type { AgentEvent } from "./agent/agent-event.ts";
export { type AgentConfig, type AgentOptions, openAgent } from "./agent/open-agent.ts";
export { type Gateway, type GatewayOptions, openGateway } from "./gateway.ts";
export type { GatewayEvent, ReloadChanges } from "./gateway-event.ts";
export type { HttpAddress } from "./http/server.ts";
export { createLog, type LogOptions } from "./log/create-log.ts";
export { logEvent } from "./log/log-event.ts";
