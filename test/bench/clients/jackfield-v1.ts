import type { CreateClient } from "./client.ts";
import { createJackfieldClient } from "./jackfield.ts";

const secret = `whsec_${Buffer.alloc(32, "jackfield").toString("base64")}`;

/** Jackfield's `send` with a Standard Webhooks signature, `v1`: HMAC-SHA256 over id, timestamp and body. */
export const createClient: CreateClient = (target) => createJackfieldClient(target, { secret });
