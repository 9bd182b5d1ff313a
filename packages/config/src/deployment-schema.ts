import type { ChannelType } from "@jackfield/core";
import * as z from "zod";
import { agentSection } from "./agent-section.ts";
import { gatewaySection } from "./gateway-section.ts";

const alias = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
    "is no name for a channel: begin with a letter, then letters, digits, _ and -, 63 characters at most",
  );

/** The sections of the file, in the order in which they are shown. A new one is a new line here. */
const sections: Readonly<Record<string, (types: readonly ChannelType[]) => z.ZodType>> = {
  version: () => z.literal(1).describe("The version of the file's format."),
  store: () =>
    z
      .strictObject({
        url: z
          .string()
          .regex(/^sqlite:./, 'must be "sqlite:" and the path of a file')
          .default("sqlite:./jackfield.db")
          .describe(
            'Where it is: "sqlite:" and a file, relative to this one; it is made where there is none.',
          ),
      })
      .prefault({})
      .describe("The store: where messages are kept until they are through, and after."),
  gateway: () =>
    gatewaySection
      .prefault({})
      .describe(
        "The HTTP server of `jackfield run`. It is started where a channel takes requests, and where this table is written.",
      ),
  agent: () =>
    agentSection
      .optional()
      .describe("The agent: who answers. Without one, messages that come in wait for it."),
  channels: (types) =>
    z
      .strictObject(Object.fromEntries(types.map((type) => [type.type, channelsOf(type)])))
      .optional()
      .describe("The channels: a table for each, [channels.<type>.<alias>]."),
};

function channelsOf(type: ChannelType): z.ZodType {
  // A plugin may have written z.object, which drops unknown keys in silence.
  const config = type.config.def.catchall ? type.config : type.config.strict();
  return z.record(alias, config.describe(type.description)).optional().describe(type.description);
}

/** The schema of a whole deployment in which channels of these types may be configured. It is strict everywhere. */
export function createDeploymentSchema(types: readonly ChannelType[]): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(Object.entries(sections).map(([key, section]) => [key, section(types)])),
  );
}
