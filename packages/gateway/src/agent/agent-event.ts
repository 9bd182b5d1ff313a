/** What an agent outside of our process tells whoever watches it. */
export type AgentEvent =
  | { readonly type: "agent_stderr"; readonly line: string }
  /** Lines that were not passed on, because there were too many. */
  | { readonly type: "agent_stderr_dropped"; readonly lines: number }
  /** Something came that is no message of the protocol, or belongs to no turn. */
  | { readonly type: "agent_garbage"; readonly reason: string }
  | { readonly type: "agent_started"; readonly pid: number }
  | { readonly type: "agent_died"; readonly how: string; readonly restartInMs: number };
