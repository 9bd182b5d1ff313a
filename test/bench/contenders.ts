/** One line of the comparison of direct sends. */
export interface Contender {
  /** Its file in `clients/`. */
  readonly name: string;
  readonly label: string;
  /** What it is there for; a `bound` shows what the machine, or undici, would allow at the most. */
  readonly role: "yardstick" | "ours" | "fetch client" | "client" | "bound";
}

/** In the order in which they take turns. */
export const contenders = [
  { name: "undici-request", label: "undici `request` alone", role: "yardstick" },
  { name: "jackfield", label: "**Jackfield `send()`**", role: "ours" },
  { name: "jackfield-v1", label: "**Jackfield `send()`, signed `v1`**", role: "ours" },
  { name: "undici-retry-agent", label: "undici RetryAgent", role: "client" },
  { name: "axios", label: "axios with axios-retry", role: "client" },
  { name: "got", label: "got", role: "client" },
  { name: "ky", label: "ky", role: "fetch client" },
  { name: "p-retry-fetch", label: "p-retry over fetch", role: "fetch client" },
  { name: "undici-dispatch", label: "undici `dispatch` alone: what undici allows", role: "bound" },
  { name: "raw-socket", label: "bare sockets: what the server allows", role: "bound" },
] as const satisfies readonly Contender[];

export type ContenderName = (typeof contenders)[number]["name"];
