import type { MessageDraft, MessageField } from "@jackfield/core";

const samples = {
  recipient: "sampleRecipient7",
  threadId: "sampleThread7",
  subject: "sampleSubject7",
  attachments: [{ name: "sample7.txt", contentType: "text/plain", url: "https://example.com/sample7.txt" }],
  data: { sample: "sampleData7" },
} as const satisfies Required<Pick<MessageDraft, MessageField>>;

/** Values for these fields that can be found again in what arrives. */
export function sampleFields(fields: readonly MessageField[]): Partial<MessageDraft> {
  return Object.fromEntries(fields.map((field) => [field, samples[field]]));
}

/** Whether a field of a message stands in what arrived, with every text that is in it. */
export function hasArrived(arrived: string, draft: MessageDraft, field: MessageField | "content"): boolean {
  if (field !== "attachments") return textsIn(draft[field]).every((text) => isIn(arrived, text));
  // An attachment has more to say than every platform wants to hear: its address or its bytes are what counts.
  return (draft.attachments ?? []).every(({ url, data }) =>
    [url, data].some((part) => part !== undefined && isIn(arrived, part)),
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsIn);
  return [String(value)];
}

/** As it is, as JSON writes it, or as a URL does. */
function isIn(arrived: string, text: string): boolean {
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  return forms.some((form) => arrived.includes(form));
}
