import {
  type Behaviour,
  createReceiver,
  createSeededRandom,
  type Receiver,
  resetBeforeHeaders,
  retryAfter,
  status,
} from "@jackfield/testkit";

/** What became of a request, as the receiver knows it. `unanswered`: the sender was gone before the answer. */
export type Answer = "accepted" | "refused" | "reset" | "unanswered";

/** One request as the harness judges it. */
export interface Arrival {
  /** The idempotency key: the delivery's id. */
  readonly id: string;
  readonly content: string;
  /** The exact body. */
  readonly body: string;
  /** The number of the process that sent it. */
  readonly life: number;
  /** When it came, in monotonic milliseconds. */
  readonly at: number;
  answer: Answer;
}

/** A receiver that fails at random, and writes down what came and what it said. */
export interface UnreliableReceiver extends AsyncDisposable {
  readonly url: string;
  /** In the order in which they came. */
  readonly arrivals: readonly Arrival[];
}

/** How a receiver misbehaves. */
export interface Trouble {
  readonly seed: number;
  /** Which part of the requests it does not take, from 0 to 1. */
  readonly troubleShare: number;
}

/** The longest that it thinks about an answer, in milliseconds. */
const slowestMs = 250;

/** How the Nth request of a message is answered is decided by the seed, whenever and in whatever order requests come. */
export async function createUnreliableReceiver({ seed, troubleShare }: Trouble): Promise<UnreliableReceiver> {
  const arrivals: Arrival[] = [];
  const timesSeen = new Map<string, number>();

  const behave: Behaviour = async (exchange) => {
    const { headers, body } = exchange.request;
    const text = body.toString();
    const { content } = JSON.parse(text) as { content: string };
    const times = (timesSeen.get(content) ?? 0) + 1;
    timesSeen.set(content, times);
    const arrival: Arrival = {
      id: headers["idempotency-key"] ?? "",
      content,
      body: text,
      life: Number(headers["x-life"]),
      at: performance.now(),
      answer: "unanswered",
    };
    arrivals.push(arrival);
    const random = createSeededRandom(hash(`${seed}/${content}/${times}`));
    if (random() < 0.2) await exchange.sleep(random() * slowestMs);
    const [answer, respond] = random() < troubleShare ? chooseTrouble(random()) : taken;
    arrival.answer = answer;
    await respond(exchange);
  };

  const receiver: Receiver = await createReceiver({ afterScript: behave });
  return { url: receiver.url, arrivals, [Symbol.asyncDispose]: () => receiver.close() };
}

const taken = ["accepted", status(200)] as const;

function chooseTrouble(u: number): readonly [Answer, Behaviour] {
  if (u < 0.35) return ["refused", status(500)];
  if (u < 0.7) return ["refused", retryAfter(503, 0)];
  return ["reset", resetBeforeHeaders()];
}

/** FNV-1a. */
function hash(text: string): number {
  let hashed = 0x811c9dc5;
  for (const character of text) hashed = Math.imul(hashed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hashed;
}
