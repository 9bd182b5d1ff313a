/** Exit codes of the command: done, it failed, the command line or the configuration is wrong. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;
