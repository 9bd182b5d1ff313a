import { describeChannelContract, httpRemote } from "@jackfield/testkit";
import { webhook } from "./webhook.ts";

const secret = `whsec_${Buffer.alloc(32, "canary").toString("base64")}`;
const authHeader = "Bearer c4nary-of-the-header";

describeChannelContract({
  type: webhook,
  remote: httpRemote((sendUrl) => ({
    sendUrl,
    secret,
    authHeader,
    allowHosts: ["127.0.0.1"],
    timeoutMs: 300,
  })),
  secrets: [secret, authHeader],
});
