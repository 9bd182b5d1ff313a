import { httpUrl, retryFields, secret, turnFields } from "@jackfield/core";
import * as z from "zod";

const kinds = ["module", "command", "url"] as const;

/** `[agent]`: who answers. */
export const agentSection = z
  .strictObject({
    module: z
      .string()
      .min(1)
      .optional()
      .describe("A .ts or .js file that exports `agent`, relative to this one."),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        "A program and its arguments: JSON-RPC 2.0, one message a line, on stdin and stdout. It runs in this file's folder.",
      ),
    url: httpUrl().optional().describe("An endpoint: each message is a POST, and its answer the answer."),
    secret: secret()
      .optional()
      .describe(
        'Signs the requests to url as Standard Webhooks does ("whsec_..." or "whsk_..."). Unset: not signed.',
      ),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, "is no name for a variable"), secret(z.string()))
      .default({})
      .describe("Further variables of the environment of command."),
    ...turnFields,
    ...retryFields,
  })
  .superRefine((agent, context) => {
    const given = kinds.filter((kind) => agent[kind] !== undefined);
    if (given.length === 0) {
      context.addIssue({
        code: "custom",
        path: ["module"],
        message: 'is missing: set module, command or url, such as module = "./agent.ts"',
      });
    }
    for (const kind of given.slice(1)) {
      context.addIssue({
        code: "custom",
        path: [kind],
        message: `stands beside ${given[0]}: an agent is one of module, command and url`,
      });
    }
    if (agent.secret !== undefined && agent.url === undefined) {
      context.addIssue({
        code: "custom",
        path: ["secret"],
        message: "signs requests to url, and there is none",
      });
    }
  });

/** The agent as it was configured, with defaults in place. It contains secrets. */
export type AgentSettings = z.output<typeof agentSection>;
