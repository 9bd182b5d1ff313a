import { assertFits } from "../channel/capabilities.ts";
import { createMessage, type MessageDraft } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import type { Clock } from "../clock.ts";

/** The shortest time between two edits of one message, in milliseconds: platforms limit them. */
const editIntervalMs = 500;

export interface LiveAnswerOptions {
  readonly open: OpenChannel;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The other side's id of the message that an earlier turn has posted. */
  readonly preview: string | undefined;
  /** The answer with the text that there is so far. */
  readonly draft: (content: string) => MessageDraft;
  /** Keeps the id, so that a turn that is run again edits the same message. */
  readonly keep: (remoteId: string) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Shows an answer while it is being made, on a channel that can edit. It is a courtesy beside the durable way: whatever fails here is
 * told and then left alone, and the whole answer goes out as a delivery at the end, in the place of the message that was shown.
 */
export class LiveAnswer {
  readonly #options: LiveAnswerOptions;
  #remoteId: string | undefined;
  #update: Promise<void> | undefined;
  #latest = "";
  #shown = "";
  #shownAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor(options: LiveAnswerOptions) {
    this.#options = options;
    this.#remoteId = options.preview;
  }

  /** Shows the text so far, unless an update is under way or has just been. */
  show(text: string): void {
    this.#latest = text;
    if (this.#update || this.#hasFailed || text.trim() === "" || text === this.#shown) return;
    if (this.#options.clock.monotonic() - this.#shownAt < editIntervalMs) return;
    this.#update = this.#post(text)
      .catch((error) => {
        this.#hasFailed = true;
        if (!this.#options.signal.aborted) this.#options.onFailure(error);
      })
      .finally(() => {
        this.#shownAt = this.#options.clock.monotonic();
        this.#shown = text;
        this.#update = undefined;
        this.show(this.#latest);
      });
  }

  /** Waits for the update that is under way. @returns the id of the message that the whole answer replaces, if one was posted */
  async finish(): Promise<string | undefined> {
    this.#hasFailed = true;
    await this.#update;
    return this.#remoteId;
  }

  async #post(content: string): Promise<void> {
    const { open, clock, signal, draft, keep } = this.#options;
    const { channel } = open;
    const message = createMessage(draft(content), clock.now());
    assertFits(message, channel.capabilities, channel.id);
    const attempt = { number: 1, maybeArrived: false, signal };
    if (this.#remoteId !== undefined) {
      await channel.edit?.(this.#remoteId, message, attempt);
      return;
    }
    const { remoteId } = await channel.deliver(message, attempt);
    if (remoteId === undefined)
      throw new TypeError(`${channel.id} told no id of what it posted, which cannot be edited`);
    this.#remoteId = remoteId;
    await keep(remoteId);
  }
}
