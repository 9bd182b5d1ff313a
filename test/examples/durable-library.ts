import { channelTypes, loadConfig, openMessenger, openSqliteStore } from "jackfield";

const { deployment } = await loadConfig({ path: "jackfield.toml", types: channelTypes, env: process.env });
const store = openSqliteStore({ path: "jackfield.db" });
const messenger = await openMessenger({ store, channels: deployment.channels });
const { id } = await messenger.enqueue("webhook.ops", "The disk is full."); // on disk when this resolves
await messenger.run({ until: "idle" });
await messenger.close();

console.log(id, "is through");
