import type { Agent } from "jackfield";

export const agent: Agent = (message) => `You said: ${message.content}`;
