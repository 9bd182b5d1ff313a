import { Agent } from "undici";

/** For the tests of this folder: an undici agent of one's own, destroyed at the end of the block. */
export function withAgent(options: Agent.Options = {}): AsyncDisposable & { readonly dispatcher: Agent } {
  const dispatcher = new Agent(options);
  return { dispatcher, [Symbol.asyncDispose]: () => dispatcher.destroy() };
}
