import type { DispatchEvent, IntakeEvent, TurnEvent } from "@jackfield/core";
import type { AgentEvent } from "./agent/agent-event.ts";
import type { HttpEvent } from "./http/http-event.ts";
import type { HttpAddress } from "./http/server.ts";
import type { SupervisorEvent } from "./supervisor/supervise.ts";

/** What a gateway tells whoever watches it. */
export type GatewayEvent =
  | DispatchEvent
  | IntakeEvent
  | TurnEvent
  | AgentEvent
  | HttpEvent
  | SupervisorEvent
  | { readonly type: "listening"; readonly address: HttpAddress }
  | { readonly type: "standing_by" }
  | { readonly type: "dispatching"; readonly channels: readonly string[] }
  | { readonly type: "tracker_trouble"; readonly error: unknown }
  | { readonly type: "reloaded"; readonly changes: ReloadChanges }
  | { readonly type: "stopping" };

/** What a reload changed. */
export interface ReloadChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly agent: boolean;
  readonly server: boolean;
}
