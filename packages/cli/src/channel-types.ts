import type { ChannelType } from "@jackfield/core";
import { webhook } from "@jackfield/webhook";
import { consoleChannel } from "./console-channel.ts";

/** The channel types that come with the command. */
export const channelTypes: readonly ChannelType[] = [webhook, consoleChannel];
